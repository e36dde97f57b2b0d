/**
 * A reference profile from columns that can be scanned again and again: memory does not grow with the rows.
 *
 * Everything is exact: order statistics by selection, counts and sums by a last scan. One column at a time.
 */
import { timeSpan } from './block-counts.ts';
import { buildCategorical } from './build-categorical.ts';
import { buildNumeric } from './build-numeric.ts';
import { calendarFeature, calendarReason } from './calendar.ts';
import type { ColumnInput } from './column-source.ts';
import { measureBands } from './measure-bands.ts';
import { noiseTables } from './noise-tables.ts';
import type {
  ColumnReference,
  DatasetDescription,
  ModelDescription,
  ReferenceProfile,
  TimeDescription,
} from './profile.ts';
import { SelectionBuffers } from './rank-selection.ts';

/** A profile that has no id yet. */
export type ProfileDraft = Omit<ReferenceProfile, 'id'>;

export interface ProfileInput {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly model: ModelDescription;
  readonly dataset: DatasetDescription;
  /** The column that gave the chunks their times, and the window's length. */
  readonly time?: { readonly column: string; readonly blockMs: number };
  /** Window that the profile is made for: calendar features are judged by it. Default: `time.blockMs`, else one hour. */
  readonly windowMs?: number;
  readonly columns: readonly ColumnInput[];
  /** Tabulate the noise of metrics without a formula: about 0.4 s a column. Default true. */
  readonly noiseTables?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildProgress {
  readonly column: string;
  readonly columnIndex: number;
  readonly columnCount: number;
  /** Of this column, counted from 1, and its rows so far. */
  readonly scan: number;
  readonly rowCount: number;
}

const WINDOW_MS = 3_600_000;

/**
 * Cost: 3 to 7 scans of a numeric column, 1 to 2 of a categorical one, and one more of each with times.
 *
 * @throws RangeError when columns of one role share a name, or have different numbers of rows.
 */
export function buildProfile(input: ProfileInput): ProfileDraft {
  requireDistinctNames(input.columns);
  const buffers = new SelectionBuffers();
  const windowMs = input.windowMs ?? input.time?.blockMs ?? WINDOW_MS;
  const built = input.columns.map((column, columnIndex) => {
    const watched = { ...column, rows: watch(input, column, columnIndex) };
    return { role: column.role, column: buildColumn(watched, input, windowMs, buffers) };
  });
  const rowCount = built[0]?.column.rowCount ?? 0;
  for (const { column } of built) {
    if (column.rowCount !== rowCount) {
      throw new RangeError(`column ${column.name} has ${column.rowCount} rows and ${built[0].column.name} ${rowCount}`);
    }
  }
  const time = describeTime(
    input,
    built.map(({ column }) => column),
  );
  return {
    schemaVersion: 2,
    createdAt: input.createdAt,
    name: input.name,
    model: input.model,
    dataset: input.dataset,
    windowMs,
    ...(time === undefined ? {} : { time }),
    rowCount,
    features: built.filter(({ role }) => role === 'feature').map(({ column }) => column),
    outputs: built.filter(({ role }) => role === 'output').map(({ column }) => column),
  };
}

function buildColumn(
  input: ColumnInput,
  { time, columns, noiseTables: wantsNoise = true }: ProfileInput,
  windowMs: number,
  buffers: SelectionBuffers,
): ColumnReference {
  const { content, rowCount, valueCount, obstacle, calendar } = buildContent(input, buffers);
  const proposal = obstacle ?? (calendar === undefined ? undefined : calendarReason(calendar, windowMs));
  const isOpen = input.monitor === undefined && obstacle === undefined;
  const monitor = input.monitor ?? proposal === undefined;
  const reason = input.reason ?? (monitor ? undefined : proposal);
  const faultCount = rowCount - valueCount;
  const typeErrorCount = Math.min(faultCount, input.typeErrorCount ?? 0);
  const base: ColumnReference = {
    name: input.name,
    type: input.type,
    monitor,
    ...(reason === undefined ? {} : { reason }),
    ...(calendar === undefined || !isOpen ? {} : { calendar }),
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    ...(input.source === undefined ? {} : { source: input.source }),
    ...(input.description === undefined ? {} : { description: input.description }),
    rowCount,
    missingCount: faultCount - typeErrorCount,
    typeErrorCount,
    ...content,
  };
  const band = time === undefined ? undefined : measureBands(base, input, time.blockMs);
  const noise = wantsNoise ? noiseTables(base, columns.length) : [];
  return {
    ...base,
    ...(band === undefined ? {} : { blockBand: band }),
    ...(noise.length === 0 ? {} : { noise }),
  };
}

function buildContent(input: ColumnInput, buffers: SelectionBuffers) {
  const { name } = input;
  if (input.type === 'numeric') {
    const { numeric, rowCount, valueCount, whole } = buildNumeric(input, buffers);
    const distinctCount = whole ? numeric.max - numeric.min + 1 : Number.POSITIVE_INFINITY;
    const obstacle = emptyOrConstant(valueCount, numeric.min === numeric.max);
    const calendar = calendarFeature({ name, whole, distinctCount });
    return { content: { numeric }, rowCount, valueCount, obstacle, calendar };
  }
  const { categorical, rowCount, valueCount } = buildCategorical(input);
  const { distinctCount, open } = categorical;
  const obstacle = emptyOrConstant(valueCount, distinctCount === 1 && !open);
  const calendar = calendarFeature({ name, whole: !open, distinctCount });
  return { content: { categorical }, rowCount, valueCount, obstacle, calendar };
}

function emptyOrConstant(valueCount: number, isConstant: boolean): string | undefined {
  if (valueCount === 0) return 'empty: the reference has no value';
  return isConstant ? 'constant: the reference has one value only' : undefined;
}

function describeTime({ time, columns }: ProfileInput, built: readonly ColumnReference[]): TimeDescription | undefined {
  if (time === undefined || columns.length === 0) return undefined;
  const span = timeSpan(columns[0]);
  if (span === undefined) return undefined;
  const blockCount = Math.max(0, ...built.map((column) => column.blockBand?.blockCount ?? 0));
  return { column: time.column, fromMs: span.fromMs, toMs: span.toMs, blockMs: time.blockMs, blockCount };
}

/** Counts scans and rows for the progress report. */
function watch({ onProgress, columns }: ProfileInput, { name, rows }: ColumnInput, columnIndex: number) {
  if (onProgress === undefined) return rows;
  let scan = 0;
  return {
    scan(visit: Parameters<ColumnInput['rows']['scan']>[0]): void {
      scan++;
      let rowCount = 0;
      rows.scan((values, count, timesMs) => {
        visit(values, count, timesMs);
        rowCount += count;
        onProgress({ column: name, columnIndex, columnCount: columns.length, scan, rowCount });
      });
    },
  };
}

function requireDistinctNames(columns: readonly ColumnInput[]): void {
  const seen = new Set<string>();
  for (const { role, name } of columns) {
    const key = JSON.stringify([role, name]);
    if (seen.has(key)) throw new RangeError(`two columns are called ${JSON.stringify(name)}: rename or exclude one`);
    seen.add(key);
  }
}
