/**
 * A table becomes a reference profile: read once into spools, then built column by column. Memory does not grow with
 * the number of rows.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type BuildProgress,
  buildProfile,
  type ColumnInput,
  type ColumnSource,
  type ReferenceProfile,
  sealProfile,
} from '@leeway/engine';
import { nearest } from '@leeway/sidecar/config';
import { CliError } from '../cli-error.ts';
import { readCsv } from '../table/csv.ts';
import { readJsonLines } from '../table/jsonl.ts';
import { readParquet } from '../table/parquet.ts';
import { FORMATS, type Format, type TableSink } from '../table/reader.ts';
import { type Judgement, judgeColumn } from './judge-column.ts';
import type { Metadata } from './metadata.ts';
import { type Spool, SpoolFolder } from './spool.ts';
import { TableColumn, type TableType } from './table-column.ts';

export interface ProfileRequest {
  /** `-` for standard input. */
  readonly files: readonly string[];
  readonly format?: Format;
  readonly name: string;
  readonly model: string;
  readonly modelVersion?: string;
  readonly datasetName?: string;
  readonly datasetVersion?: string;
  readonly types: ReadonlyMap<string, 'numeric' | 'categorical'>;
  /** Column → output. */
  readonly predictions: ReadonlyMap<string, string | undefined>;
  readonly label?: string;
  readonly time?: string;
  /** Length of the blocks of the block band, and of the windows that will be compared. */
  readonly windowMs: number;
  readonly exclude: readonly string[];
  /** Empty for all. */
  readonly only: readonly string[];
  readonly metadata: Metadata;
  readonly createdAt: string;
}

export interface ProfileReport {
  readonly profile: ReferenceProfile;
  /** What was left out or is odd, one sentence each. */
  readonly notes: readonly string[];
}

export interface ProfileProgress {
  reading(rowCount: number, bytes: number, bytesTotal: number): void;
  building(progress: BuildProgress): void;
}

/** @throws CliError with place and fix */
export async function profileTable(request: ProfileRequest, progress: ProfileProgress): Promise<ProfileReport> {
  const folder = new SpoolFolder();
  const remove = () => folder.remove();
  process.once('exit', remove);
  try {
    const { columns, files } = await readTables(request, folder, progress);
    const notes: string[] = [];
    const { inputs, time } = chooseColumns(request, columns, notes);
    const { metadata } = request;
    const draft = buildProfile({
      name: request.name,
      createdAt: request.createdAt,
      model: {
        name: request.model,
        ...(request.modelVersion === undefined ? {} : { version: request.modelVersion }),
        ...defined(metadata.model),
      },
      dataset: {
        ...defined(metadata.dataset),
        ...defined({ name: request.datasetName, version: request.datasetVersion }),
        files,
      },
      ...(time === undefined ? {} : { time: { column: time.name, blockMs: request.windowMs } }),
      windowMs: request.windowMs,
      columns: inputs,
      onProgress: (one) => progress.building(one),
    });
    const profile = sealProfile(draft, (text) => createHash('sha256').update(text).digest('hex'));
    for (const { name, monitor, reason } of [...profile.features, ...profile.outputs]) {
      if (!monitor) notes.push(`${name}: sketched but not monitored: ${reason ?? 'said so'}`);
    }
    return { profile, notes };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

type FileDescription = { readonly name: string; readonly sha256: string; readonly bytes: number };

async function readTables(request: ProfileRequest, folder: SpoolFolder, progress: ProfileProgress) {
  let columns: TableColumn[] = [];
  const files: FileDescription[] = [];
  let rowsBefore = 0;
  for (const path of request.files) {
    const format = request.format ?? formatOf(path);
    const hash = createHash('sha256');
    let bytesRead = 0;
    let order: number[] = [];
    const sink: TableSink = {
      columns: (names) => {
        if (files.length === 0) {
          requireColumns(request, names);
          columns = names.map((name) => new TableColumn(name, folder.create(), typeOf(request, name)));
        }
        order = orderOf(columns, names, path);
      },
      cells: (column, cells) => columns[order[column]].add(cells),
      progress: (rowCount, bytes, total) => {
        bytesRead = bytes;
        progress.reading(rowsBefore + rowCount, bytes, total);
      },
    };
    requireReadable(path);
    await readerOf(format)({ path, format, hash }, sink);
    rowsBefore = columns[0]?.rowCount ?? 0;
    const name = path === '-' ? 'stdin' : basename(path);
    files.push({ name, sha256: hash.digest('hex'), bytes: path === '-' ? bytesRead : statSync(path).size });
  }
  for (const column of columns) column.end();
  if (rowsBefore === 0) throw new CliError('file-empty', `${request.files.join(', ')}: no rows`);
  return { columns, files };
}

function readerOf(format: Format) {
  return { csv: readCsv, jsonl: readJsonLines, parquet: readParquet }[format];
}

function formatOf(path: string): Format {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1].toLowerCase();
  const byExtension: Readonly<Record<string, Format>> = {
    csv: 'csv',
    tsv: 'csv',
    jsonl: 'jsonl',
    ndjson: 'jsonl',
    parquet: 'parquet',
    pq: 'parquet',
  };
  const format = extension === undefined ? undefined : byExtension[extension];
  if (format !== undefined) return format;
  throw new CliError('format-unknown', `${path}: which format? say --format ${FORMATS.join(', --format ')}`);
}

function requireReadable(path: string): void {
  if (path === '-') return;
  try {
    if (statSync(path).size === 0) throw new CliError('file-empty', `${path}: is empty`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      'file-missing',
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code}): check the name`,
    );
  }
}

/** Where the columns of a further file stand among those of the first. */
function orderOf(columns: readonly TableColumn[], names: readonly string[], path: string): number[] {
  const order = names.map((name) => columns.findIndex((column) => column.name === name));
  const extra = names.find((_, i) => order[i] < 0) ?? columns.find(({ name }) => !names.includes(name))?.name;
  if (extra === undefined) return order;
  throw new CliError(
    'columns-differ',
    `${path}: the column ${JSON.stringify(extra)} is not in all files: give files with the same columns`,
  );
}

function requireColumns(request: ProfileRequest, names: readonly string[]): void {
  const wanted: (readonly [string, string])[] = [
    ...[...request.types.keys()].map((name) => ['--type', name] as const),
    ...[...request.predictions.keys()].map((name) => ['--prediction', name] as const),
    ...request.exclude.map((name) => ['--exclude', name] as const),
    ...request.only.map((name) => ['--only', name] as const),
    ...(request.label === undefined ? [] : [['--label', request.label] as const]),
    ...(request.time === undefined ? [] : [['--time', request.time] as const]),
  ];
  for (const [option, name] of wanted) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? `there are ${names.slice(0, 20).join(', ')}` : `did you mean ${meant}?`;
    throw new CliError('column-missing', `${option} ${name}: there is no such column; ${hint}`);
  }
}

function typeOf({ types, metadata, time }: ProfileRequest, name: string): TableType | undefined {
  if (name === time) return 'time';
  return types.get(name) ?? metadata.features[name]?.type;
}

function chooseColumns(request: ProfileRequest, columns: readonly TableColumn[], notes: string[]) {
  const time = columns.find(({ name }) => name === request.time);
  if (time !== undefined && time.typeErrorCount + time.missingCount > 0) {
    throw new CliError(
      'time-invalid',
      `--time ${time.name}: ${time.typeErrorCount + time.missingCount} rows have no time, the first is row ${time.firstTypeErrorRow || 'unknown'}: fill them, or leave --time away`,
    );
  }
  if (time?.timeUnit !== undefined && time.type === 'time') notes.push(`${time.name}: read as time${unitNote(time)}`);
  const inputs: ColumnInput[] = [];
  for (const column of columns) {
    const { name } = column;
    const isOutput = request.predictions.has(name);
    if (name === request.time || name === request.label || request.exclude.includes(name)) continue;
    if (request.only.length > 0 && !isOutput && !request.only.includes(name)) continue;
    const isForced =
      isOutput ||
      request.types.has(name) ||
      request.only.includes(name) ||
      request.metadata.features[name] !== undefined;
    const judgement = judgeColumn(column);
    if (judgement.note !== undefined) notes.push(`${name}: ${judgement.note}`);
    if (judgement.isFeature || isForced) inputs.push(inputOf(request, column, time?.spool, judgement));
  }
  if (inputs.length === 0)
    throw new CliError(
      'columns-none',
      `nothing is left to monitor: ${notes.join('; ') || 'every column was excluded'}`,
    );
  return { inputs, time };
}

function unitNote({ timeUnit }: TableColumn): string {
  return timeUnit === undefined ? '' : ` (${timeUnit} if numbers)`;
}

function inputOf(
  request: ProfileRequest,
  column: TableColumn,
  times: Spool | undefined,
  judgement: Judgement,
): ColumnInput {
  const isOutput = request.predictions.has(column.name);
  const known = request.metadata.features[column.name] ?? {};
  return {
    name: isOutput ? (request.predictions.get(column.name) ?? judgement.output) : column.name,
    role: isOutput ? 'output' : 'feature',
    type: column.type === 'categorical' ? 'categorical' : 'numeric',
    rows: sourceOf(column.spool, times),
    typeErrorCount: column.typeErrorCount,
    ...(column.type === 'categorical' ? { categories: column.categories, categoriesCut: column.isCut } : {}),
    ...defined({
      monitor: known.monitor,
      reason: known.reason,
      owner: known.owner,
      source: known.source,
      description: known.description,
    }),
  };
}

function sourceOf(values: Spool, times: Spool | undefined): ColumnSource {
  if (times === undefined) return { scan: (visit) => values.scan((chunk, count) => visit(chunk, count)) };
  return {
    scan: (visit) => {
      let at = 0;
      let timesMs = new Float64Array(0);
      values.scan((chunk, count) => {
        if (timesMs.length < count) timesMs = new Float64Array(count);
        times.readAt(at, timesMs.subarray(0, count));
        visit(chunk, count, timesMs);
        at += count;
      });
    },
  };
}

function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
