/** Rows that a cell must be expected to have; the noise law fails by factors of 10 to 1,000 without this. */
export const EXPECTED_MIN = 5;

export interface PooledCells {
  /** Counts of the cells that remain, in their order; the pooled cell stands last. */
  readonly reference: Float64Array;
  readonly current: Float64Array;
  /** How many cells remain: the k of the noise floor. */
  readonly cellCount: number;
}

export interface PoolOptions {
  /** Indexes of cells that are never pooled: the one of unseen categories. */
  readonly keep?: readonly number[];
  /** Rows expected in the window below which a cell is pooled; 5 by default, 0 pools nothing. */
  readonly expectedMin?: number;
}

/**
 * Joins the cells that are too thin to be compared, so that a score follows its noise law.
 *
 * Cells whose expected count in the window (the reference's share × `currentSize`) is below 5 become one cell, and
 * that one joins the smallest other if it is still below 5. A cell in `keep` stays a cell of its own. A cell that is
 * empty on both sides is left out. Totals are kept exactly.
 *
 * `currentSize` is the effective number of rows of the window. Empty input gives no cells.
 *
 * @example poolCells([500, 440, 30, 30], [50, 40, 4, 6], 100) // [500, 440, 60], [50, 40, 10]: 3 cells
 */
export function poolCells(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  currentSize: number,
  options: PoolOptions = {},
): PooledCells {
  let referenceSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) referenceSize += reference[cell];
  const scale = referenceSize > 0 ? currentSize / referenceSize : 0;
  return poolByExpected(reference, current, scale, 0, options);
}

/** The same rule where a cell is expected to have `ofReference` × its reference count + `ofCurrent` × its current one. */
export function poolByExpected(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  ofReference: number,
  ofCurrent: number,
  { keep, expectedMin = EXPECTED_MIN }: PoolOptions = {},
): PooledCells {
  const pooledReference = new Float64Array(reference.length);
  const pooledCurrent = new Float64Array(reference.length);
  let cellCount = 0;
  let thinReference = 0;
  let thinCurrent = 0;
  let thinExpected = 0;
  let smallest = -1;
  let smallestExpected = Number.POSITIVE_INFINITY;
  for (let cell = 0; cell < reference.length; cell += 1) {
    if (!(reference[cell] > 0 || current[cell] > 0)) continue;
    const expected = ofReference * reference[cell] + ofCurrent * current[cell];
    const isKept = keep?.includes(cell) === true;
    if (!isKept && expected < expectedMin) {
      thinReference += reference[cell];
      thinCurrent += current[cell];
      thinExpected += expected;
      continue;
    }
    if (!isKept && expected < smallestExpected) {
      smallest = cellCount;
      smallestExpected = expected;
    }
    pooledReference[cellCount] = reference[cell];
    pooledCurrent[cellCount] = current[cell];
    cellCount += 1;
  }
  if (thinReference > 0 || thinCurrent > 0) {
    const target = thinExpected < expectedMin && smallest >= 0 ? smallest : cellCount++;
    pooledReference[target] = pooledReference[target] + thinReference;
    pooledCurrent[target] = pooledCurrent[target] + thinCurrent;
  }
  if (cellCount === reference.length) return { reference: pooledReference, current: pooledCurrent, cellCount };
  return {
    reference: pooledReference.subarray(0, cellCount),
    current: pooledCurrent.subarray(0, cellCount),
    cellCount,
  };
}
