/**
 * A table becomes a reference profile: read once into spools, then built column by column. Memory does not grow with
 * the number of rows.
 */
import { createHash } from 'node:crypto';
import {
  type BuildProgress,
  buildProfile,
  type ColumnInput,
  type ColumnSource,
  parseProfile,
  type ReferenceProfile,
  sealProfile,
  windowAdvice,
} from '@leeway/engine';
import { CliError } from '../cli-error.ts';
import type { Format } from '../table/reader.ts';
import type { TimeUnit } from '../table/time.ts';
import { type Judgement, judgeColumn } from './judge-column.ts';
import type { Metadata } from './metadata.ts';
import { featureOf, isForced, readTables } from './read-tables.ts';
import { referencePerformance } from './reference-performance.ts';
import { placeOf, type ReadFile } from './row-place.ts';
import { type Spool, SpoolFolder } from './spool.ts';
import type { TableColumn } from './table-column.ts';

/** Columns whose first fault is looked up: each costs a reading of the file up to it. */
const PLACES_MAX = 10;

/** Can be sent to a worker. */
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
  /** Of two classes the one that scores are of. */
  readonly positive?: string;
  readonly time?: string;
  /** Of the time column's numbers, where their size does not say it. */
  readonly timeUnit?: TimeUnit;
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

/**
 * @param folderPath an empty folder for the spools, which the caller removes
 * @throws CliError with place and fix
 */
export async function profileTable(
  request: ProfileRequest,
  folderPath: string,
  progress: ProfileProgress,
): Promise<ProfileReport> {
  const folder = new SpoolFolder(folderPath);
  try {
    const notes: string[] = [];
    const { columns, files, sources } = await readTables(request, folder, progress, notes);
    const places = await placesOf(columns, sources);
    const { inputs, time } = chooseColumns(request, columns, places, notes);
    const { metadata } = request;
    const draft = built({
      name: request.name,
      createdAt: request.createdAt,
      model: { ...defined(metadata.model), ...defined({ version: request.modelVersion }), name: request.model },
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
    const performance = referencePerformance(request, columns, notes);
    const whole = performance === undefined ? draft : { ...draft, schemaVersion: 3 as const, performance };
    const profile = sealProfile(whole, (text) => createHash('sha256').update(text).digest('hex'));
    requireValid(profile);
    for (const { name, monitor, reason } of [...profile.features, ...profile.outputs]) {
      if (!monitor) notes.push(`${name}: sketched but not monitored: ${reason ?? 'said so'}`);
    }
    notes.push(...windowAdvice(profile), ...droppedBlocks(profile));
    return { profile, notes };
  } finally {
    folder.close();
  }
}

function droppedBlocks({ features, outputs }: ReferenceProfile): string[] {
  return [...features, ...outputs]
    .filter(({ blockBand }) => blockBand?.droppedBlockCount !== undefined)
    .map(
      ({ name, blockBand }) =>
        `${name}: the block band is of ${blockBand!.blockCount} blocks; ${blockBand!.droppedBlockCount} more were left out, a longer --window has fewer`,
    );
}

/** What the engine refuses is something about the table: names that are too long or too many. */
function built(input: Parameters<typeof buildProfile>[0]): ReturnType<typeof buildProfile> {
  try {
    return buildProfile(input);
  } catch (error) {
    throw error instanceof RangeError ? new CliError('table-invalid', error.message) : error;
  }
}

/** Whoever reads the profile insists on its bounds: it is better to hear of them now. */
function requireValid(profile: ReferenceProfile): void {
  const parsed = parseProfile(profile);
  if (parsed.ok) return;
  const [{ path, message }] = parsed.problems;
  throw new CliError('table-invalid', `${path} of the profile ${message}: shorten the name or leave the column out`);
}

/** Of the first fault of each column that has one. */
async function placesOf(columns: readonly TableColumn[], sources: readonly ReadFile[]): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const { name, type, firstTypeErrorRow, firstMissingRow } of columns) {
    const rows = [firstTypeErrorRow, type === 'time' ? firstMissingRow : 0].filter((row) => row > 0);
    if (rows.length > 0 && places.size < PLACES_MAX) places.set(name, await placeOf(sources, Math.min(...rows)));
  }
  return places;
}

function chooseColumns(
  request: ProfileRequest,
  columns: readonly TableColumn[],
  places: ReadonlyMap<string, string>,
  notes: string[],
) {
  const time = columns.find(({ name }) => name === request.time);
  if (time !== undefined) requireTimes(time, places.get(time.name));
  if (time?.timeUnit !== undefined) notes.push(`${time.name}: its numbers are read as Unix ${time.timeUnit}`);
  const inputs: ColumnInput[] = [];
  for (const column of columns) {
    const { name } = column;
    const isOutput = request.predictions.has(name);
    if (name === request.time || name === request.label || request.exclude.includes(name)) continue;
    if (request.only.length > 0 && !isOutput && !request.only.includes(name)) continue;
    const forced = isForced(request, name);
    const judgement = judgeColumn(column, forced, places.get(name));
    if (judgement.note !== undefined) notes.push(`${name}: ${judgement.note}`);
    if (judgement.isFeature) inputs.push(inputOf(request, column, time?.spool, judgement));
  }
  if (inputs.length === 0) {
    throw new CliError(
      'columns-none',
      `nothing is left to monitor: ${notes.join('; ') || 'every column was excluded'}`,
    );
  }
  requireDistinctOutputs(inputs);
  return { inputs, time };
}

function requireTimes({ name, typeErrorCount, missingCount }: TableColumn, place: string | undefined): void {
  const count = typeErrorCount + missingCount;
  if (count === 0) return;
  throw new CliError(
    'time-invalid',
    `${place}: ${JSON.stringify(name)} is no time from 1970 to 2100 here, and in ${count - 1} more rows: write ISO 8601 or Unix time, say --time-unit, or leave --time away`,
  );
}

function requireDistinctOutputs(inputs: readonly ColumnInput[]): void {
  const seen = new Set<string>();
  for (const { role, name } of inputs) {
    if (role !== 'output') continue;
    if (seen.has(name)) {
      throw new CliError(
        'option-invalid',
        `two --prediction columns are the output ${name}: say which is which, as in --prediction column=score`,
      );
    }
    seen.add(name);
  }
}

function inputOf(
  request: ProfileRequest,
  column: TableColumn,
  times: Spool | undefined,
  judgement: Judgement,
): ColumnInput {
  const isOutput = request.predictions.has(column.name);
  const known = featureOf(request.metadata.features, column.name) ?? {};
  const { monitor, reason, owner, source, description } = known;
  return {
    name: isOutput ? (request.predictions.get(column.name) ?? judgement.output) : column.name,
    role: isOutput ? 'output' : 'feature',
    type: column.type === 'categorical' ? 'categorical' : 'numeric',
    rows: sourceOf(column.spool, times),
    typeErrorCount: column.typeErrorCount,
    ...(column.type === 'categorical' ? { categories: column.categories, categoriesCut: column.isCut } : {}),
    ...defined({ monitor, reason, owner, source, description }),
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
