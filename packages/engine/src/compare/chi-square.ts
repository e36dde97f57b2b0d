import { chiSquareSurvival } from '../special/chi-square-distribution.ts';
import { EXPECTED_MIN, type PooledCells, type PoolOptions, poolByExpected } from './pool-cells.ts';

export interface ChiSquareTest {
  /** 0 upwards. */
  readonly statistic: number;
  /** Cells that remain after pooling, less one. */
  readonly degreesOfFreedom: number;
  /** Probability of at least this statistic when both sides have the same shares. */
  readonly pValue: number;
}

/**
 * Two-sample χ² test of homogeneity on counts of the same cells.
 *
 * Both sides are samples: the one-sample form that takes the reference for the truth raises a false alarm in 51 to
 * 53 % of windows at a nominal 5 % when both are equally long. Cells of which either side is expected to have fewer
 * than 5 rows are pooled first (`options.expectedMin: 0` switches that off, for cells that are pooled already). A cell
 * that is empty in the larger sample (mostly the reference) and has 5 rows or more in the other stays a cell of its
 * own: it is news, not a thin cell.
 * Counts may be weighted, scaled to the effective size. Statistic 0, p 1 when either side has no rows or fewer than
 * two cells remain. Symmetric.
 * Source: Pearson (1900), Σ (√(N/n) c − √(n/N) r)² / (r + c); Cochran (1954) for the pooling.
 *
 * @example chiSquareTwoSample([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]).pValue // 0.89853…
 */
export function chiSquareTwoSample(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: PoolOptions = {},
): ChiSquareTest {
  const cells = poolContingency(reference, current, options);
  const degreesOfFreedom = Math.max(0, cells.cellCount - 1);
  const statistic = contingencyStatistic(cells.reference, cells.current);
  const pValue = degreesOfFreedom === 0 ? 1 : chiSquareSurvival(statistic, degreesOfFreedom);
  return { statistic, degreesOfFreedom, pValue };
}

/** Pools the cells of which the smaller sample is expected to have too few rows, when shares are equal. */
export function poolContingency(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  options: PoolOptions,
): PooledCells {
  const { expectedMin = EXPECTED_MIN } = options;
  const keep = [...(options.keep ?? [])];
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  const [larger, smaller] = referenceSize >= currentSize ? [reference, current] : [current, reference];
  for (let cell = 0; cell < reference.length; cell += 1) {
    if (larger[cell] === 0 && smaller[cell] >= expectedMin) keep.push(cell);
    if (referenceSize === currentSize && smaller[cell] === 0 && larger[cell] >= expectedMin) keep.push(cell);
  }
  const total = referenceSize + currentSize;
  const share = total > 0 ? Math.min(referenceSize, currentSize) / total : 0;
  return poolByExpected(reference, current, share, share, { keep, expectedMin });
}

/** Pearson's statistic of the 2 × k table; 0 when either row is empty. */
export function contingencyStatistic(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  const up = Math.sqrt(referenceSize / currentSize);
  let statistic = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const total = reference[cell] + current[cell];
    const difference = up * current[cell] - reference[cell] / up;
    if (total > 0) statistic += (difference * difference) / total;
  }
  return statistic;
}
