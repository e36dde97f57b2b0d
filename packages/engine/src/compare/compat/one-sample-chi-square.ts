import { chiSquareSurvival } from '../../special/chi-square-distribution.ts';
import { sumOf } from './cell-counts.ts';

/**
 * p-value of the one-sample χ² test that takes the reference's shares for the truth: what Evidently, Azure and whylogs
 * compute. For parity only: it raises a false alarm in about half of all windows at a nominal 5 % when n = N.
 *
 * A category that the reference does not have gives 0. 1 when either side is empty or has one category only.
 *
 * @example oneSampleChiSquare([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]) // 0.67309…
 */
export function oneSampleChiSquare(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const referenceSize = sumOf(reference);
  const currentSize = sumOf(current);
  if (!(referenceSize > 0 && currentSize > 0 && reference.length > 1)) return 1;
  let statistic = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const expected = (reference[cell] * currentSize) / referenceSize;
    const difference = current[cell] - expected;
    if (difference !== 0) statistic += (difference * difference) / expected;
  }
  return statistic === Number.POSITIVE_INFINITY ? 0 : chiSquareSurvival(statistic, reference.length - 1);
}
