import { CliError } from '../cli-error.ts';

/** Rows by stretches of time, and each stretch's rows in parts that say how sure its figures are. */
export interface Slice {
  /** Unix milliseconds; undefined where there is no time. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Indexes of the rows, in the order of the file. */
  readonly rows: readonly number[];
}

/** Parts of the jackknife. */
export const PARTS = 20;
const SLICES_MAX = 10_000;

/**
 * One slice without times. Rows without a time are in none.
 *
 * @throws CliError for stretches so short that there are too many
 */
export function slicesOf(rowCount: number, times: readonly number[] | undefined, everyMs: number): Slice[] {
  if (times === undefined)
    return [{ fromMs: undefined, toMs: undefined, rows: Array.from({ length: rowCount }, (_, i) => i) }];
  const bySlice = new Map<number, number[]>();
  times.forEach((time, row) => {
    if (Number.isNaN(time)) return;
    const key = Math.floor(time / everyMs);
    const rows = bySlice.get(key);
    if (rows !== undefined) rows.push(row);
    else bySlice.set(key, [row]);
  });
  if (bySlice.size > SLICES_MAX)
    throw new CliError(
      'option-invalid',
      `--every: ${bySlice.size} stretches of time: name one long enough for ${SLICES_MAX}`,
    );
  return [...bySlice]
    .sort(([a], [b]) => a - b)
    .map(([key, rows]) => ({ fromMs: key * everyMs, toMs: (key + 1) * everyMs, rows }));
}

/** The part that the i-th of `count` rows belongs to: stretches, for neighbours are alike. */
export function partOf(i: number, count: number): number {
  return Math.floor((i * PARTS) / count);
}
