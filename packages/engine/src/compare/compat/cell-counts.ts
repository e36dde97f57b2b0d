/** Raw values counted on a peer's own bins: what its statistics are computed from. */

/** A column as it stands in a file: numbers or categories, nulls dropped. */
export type RawValues = ArrayLike<number> | ArrayLike<string>;

export interface CellCounts {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** True when the values are numbers; an empty column counts as numbers. */
export const isNumeric = (values: RawValues): values is ArrayLike<number> => typeof values[0] !== 'string';

/**
 * Counts of values between edges as `numpy.histogram` and Spark give them: bins [eᵢ, eᵢ₊₁), the last one closed, values
 * outside not counted. `edges` ascend; the result has one entry fewer.
 */
export function histogram(values: ArrayLike<number>, edges: ArrayLike<number>): Float64Array {
  const counts = new Float64Array(Math.max(0, edges.length - 1));
  const last = edges.length - 1;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (!(value >= edges[0] && value <= edges[last])) continue;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle;
    }
    counts[low] = counts[low] + 1;
  }
  return counts;
}

/** Counts of every distinct value on either side, in the order of appearance. */
export function distinctCells(reference: RawValues, current: RawValues): CellCounts {
  const cells = new Map<number | string, [number, number]>();
  const count = (values: RawValues, side: 0 | 1): void => {
    for (let index = 0; index < values.length; index += 1) {
      const cell = cells.get(values[index]) ?? [0, 0];
      cell[side] += 1;
      cells.set(values[index], cell);
    }
  };
  count(reference, 0);
  count(current, 1);
  const pairs = [...cells.values()];
  return {
    reference: Float64Array.from(pairs, ([count]) => count),
    current: Float64Array.from(pairs, ([, count]) => count),
  };
}

/** Smallest and largest value; [Infinity, −Infinity] of none. */
export function extent(...columns: readonly ArrayLike<number>[]): [number, number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of columns) {
    for (let index = 0; index < values.length; index += 1) {
      if (values[index] < min) min = values[index];
      if (values[index] > max) max = values[index];
    }
  }
  return [min, max];
}

export const sumOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index];
  return sum;
};

/** Standard deviation; `ddof` 1 divides by one less than the number of values. 0 where that leaves nothing. */
export function standardDeviation(values: ArrayLike<number>, ddof: 0 | 1): number {
  if (values.length <= ddof) return 0;
  const mean = sumOf(values) / values.length;
  let squares = 0;
  for (let index = 0; index < values.length; index += 1) squares += (values[index] - mean) ** 2;
  return Math.sqrt(squares / (values.length - ddof));
}
