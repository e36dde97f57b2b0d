/** Files of the same columns become columns of numbers in spools, in the order of the first file. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { nearest } from '@leeway/sidecar/config';
import { CliError } from '../cli-error.ts';
import { readCsv } from '../table/csv.ts';
import { readJsonLines } from '../table/jsonl.ts';
import { readParquet } from '../table/parquet.ts';
import { FORMATS, type Format, type TableSink } from '../table/reader.ts';
import type { ProfileProgress, ProfileRequest } from './profile-table.ts';
import type { ReadFile } from './row-place.ts';
import type { SpoolFolder } from './spool.ts';
import { TableColumn, type TableType } from './table-column.ts';

export interface FileDescription {
  readonly name: string;
  /** Hexadecimal, of the bytes that were read. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface Tables {
  readonly columns: readonly TableColumn[];
  readonly files: readonly FileDescription[];
  /** The same files with their rows, to say where one stands. */
  readonly sources: readonly ReadFile[];
  readonly rowCount: number;
}

const COLUMNS_SHOWN = 20;

/** @throws CliError */
export async function readTables(
  request: ProfileRequest,
  folder: SpoolFolder,
  progress: ProfileProgress,
  notes: string[],
): Promise<Tables> {
  let columns: TableColumn[] = [];
  const files: FileDescription[] = [];
  const sources: ReadFile[] = [];
  let rowsBefore = 0;
  for (const path of request.files) {
    const { read, format } = tableReader(path, request.format);
    const hash = createHash('sha256');
    let bytesRead = 0;
    let order: number[] = [];
    const sink: TableSink = {
      columns: (names) => {
        requireDistinct(names, path);
        if (files.length === 0) {
          requireColumns(request, names);
          columns = names.map((name) => newColumn(request, name, folder));
        }
        order = orderOf(columns, names, path);
      },
      cells: (column, cells) => columns[order[column]].add(cells),
      progress: (rowCount, bytes, total) => {
        bytesRead = bytes;
        progress.reading(rowsBefore + rowCount, bytes, total);
      },
      note: (text) => notes.push(text),
    };
    await read({ path, format, hash }, sink);
    const rowCount = columns[0]?.rowCount ?? 0;
    sources.push({ path, format, rowCount: rowCount - rowsBefore });
    rowsBefore = rowCount;
    const name = path === '-' ? 'stdin' : basename(path);
    files.push({ name, sha256: hash.digest('hex'), bytes: path === '-' ? bytesRead : statSync(path).size });
  }
  for (const column of columns) column.end();
  if (rowsBefore === 0) throw new CliError('file-empty', `${request.files.join(', ')}: has columns but no rows`);
  return { columns, files, sources, rowCount: rowsBefore };
}

/** @throws CliError for a file that cannot be read, or whose format cannot be told */
export function tableReader(path: string, given: Format | undefined) {
  requireReadable(path);
  const format = given ?? formatOf(path);
  const read = { csv: readCsv, tsv: readCsv, jsonl: readJsonLines, parquet: readParquet }[format];
  return { read, format };
}

function formatOf(path: string): Format {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1].toLowerCase();
  const byExtension: Readonly<Record<string, Format>> = {
    csv: 'csv',
    tsv: 'tsv',
    jsonl: 'jsonl',
    ndjson: 'jsonl',
    parquet: 'parquet',
    pq: 'parquet',
  };
  const format = extension === undefined ? undefined : byExtension[extension];
  if (format !== undefined) return format;
  const name = path === '-' ? 'standard input' : path;
  throw new CliError('format-unknown', `${name}: which format? say --format, one of ${FORMATS.join(', ')}`);
}

function requireReadable(path: string): void {
  if (path === '-') return;
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new CliError('file-missing', `${path}: ${why}: check the name`);
  }
  if (stats.isDirectory()) throw new CliError('file-missing', `${path}: is a folder: name the files in it`);
  if (stats.isFile() && stats.size === 0) throw new CliError('file-empty', `${path}: is empty`);
}

function requireDistinct(names: readonly string[], path: string): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const first = seen.get(name);
    if (first !== undefined) {
      const which = `columns ${first + 1} and ${index + 1} are both called ${JSON.stringify(name)}`;
      throw new CliError('column-duplicate', `${path}:1: ${which}: rename one`);
    }
    seen.set(name, index);
  }
}

/** Where the columns of a further file stand among those of the first. */
function orderOf(columns: readonly TableColumn[], names: readonly string[], path: string): number[] {
  const indexes = new Map(columns.map(({ name }, index) => [name, index]));
  const own = new Set(names);
  const extra = names.find((name) => !indexes.has(name)) ?? columns.find(({ name }) => !own.has(name))?.name;
  if (extra === undefined) return names.map((name) => indexes.get(name)!);
  const where = own.has(extra) ? 'is not in the files before it' : 'is missing';
  throw new CliError(
    'columns-differ',
    `${path}: the column ${JSON.stringify(extra)} ${where}: give files with the same columns`,
  );
}

function requireColumns(request: ProfileRequest, names: readonly string[]): void {
  const { metadata } = request;
  const wanted: (readonly [string, string])[] = [
    ...[...request.types.keys()].map((name) => ['--type', name] as const),
    ...[...request.predictions.keys()].map((name) => ['--prediction', name] as const),
    ...request.exclude.map((name) => ['--exclude', name] as const),
    ...request.only.map((name) => ['--only', name] as const),
    ...(request.label === undefined ? [] : [['--label', request.label] as const]),
    ...(request.time === undefined ? [] : [['--time', request.time] as const]),
    ...Object.keys(metadata.features).map((name) => [`${metadata.places[name]}: features`, name] as const),
  ];
  requireColumnNames(wanted, names);
}

/**
 * @param wanted columns, each with the option that names it
 * @throws CliError for the first that is not there
 */
export function requireColumnNames(wanted: readonly (readonly [string, string])[], names: readonly string[]): void {
  const known = new Set(names);
  for (const [option, name] of wanted) {
    if (known.has(name)) continue;
    const meant = nearest(name, names);
    const hint =
      meant === undefined ? `there are ${names.slice(0, COLUMNS_SHOWN).join(', ')}` : `did you mean ${meant}?`;
    throw new CliError('column-missing', `${option} ${name}: there is no such column; ${hint}`);
  }
}

function newColumn(request: ProfileRequest, name: string, folder: SpoolFolder): TableColumn {
  return new TableColumn(
    name,
    folder.create(),
    typeOf(request, name),
    isForced(request, name),
    name === request.time ? request.timeUnit : undefined,
  );
}

function typeOf({ types, metadata, time }: ProfileRequest, name: string): TableType | undefined {
  if (name === time) return 'time';
  return types.get(name) ?? featureOf(metadata.features, name)?.type;
}

/** Whether somebody said that this column is to be in the profile, whatever it looks like. */
export function isForced({ predictions, types, only, metadata }: ProfileRequest, name: string): boolean {
  return (
    predictions.has(name) || types.has(name) || only.includes(name) || featureOf(metadata.features, name) !== undefined
  );
}

/** Own keys only: a column may be called `constructor`. */
export function featureOf<T>(features: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(features, name) ? features[name] : undefined;
}
