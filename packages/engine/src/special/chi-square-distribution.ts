import { lowerIncompleteGamma, upperIncompleteGamma } from './incomplete-gamma.ts';
import { noncentralChiSquareQuantile } from './noncentral-chi-square.ts';

/**
 * P(X ≤ x) for χ² with the given degrees of freedom (> 0).
 *
 * @example chiSquareCdf(3.841458820694124, 1) // 0.95
 */
export const chiSquareCdf = (x: number, degreesOfFreedom: number): number =>
  lowerIncompleteGamma(degreesOfFreedom / 2, x / 2);

/** P(X ≥ x): the p-value of a χ² statistic, with full relative accuracy in the tail. */
export const chiSquareSurvival = (x: number, degreesOfFreedom: number): number =>
  upperIncompleteGamma(degreesOfFreedom / 2, x / 2);

/**
 * x with P(X ≥ x) = upperTail. Range: 0 < upperTail ≤ 1; relative error below 1e-11 down to 1e-300.
 *
 * @example chiSquareQuantile(0.05, 1) // 3.841458820694124
 */
export const chiSquareQuantile = (upperTail: number, degreesOfFreedom: number): number =>
  noncentralChiSquareQuantile(upperTail, degreesOfFreedom, 0);

/** Mean of √max(0, X − k) for χ² with k degrees of freedom: ∫ P(X > k + t²) dt, by Simpson's rule to about 1e-6. */
export function meanRootExcess(degreesOfFreedom: number): number {
  const known = rootExcesses.get(degreesOfFreedom);
  if (known !== undefined) return known;
  const end = Math.sqrt(8 * Math.sqrt(2 * degreesOfFreedom) + 30);
  const step = end / ROOT_EXCESS_STEPS;
  let sum = 0;
  for (let i = 0; i <= ROOT_EXCESS_STEPS; i += 1) {
    const weight = i === 0 || i === ROOT_EXCESS_STEPS ? 1 : i % 2 === 0 ? 2 : 4;
    sum += weight * chiSquareSurvival(degreesOfFreedom + (i * step) ** 2, degreesOfFreedom);
  }
  const mean = (sum * step) / 3;
  if (rootExcesses.size < ROOT_EXCESSES_MAX) rootExcesses.set(degreesOfFreedom, mean);
  return mean;
}

const ROOT_EXCESS_STEPS = 200;
/** Columns of one model have at most some twenty numbers of cells. */
const ROOT_EXCESSES_MAX = 64;
const rootExcesses = new Map<number, number>();
