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
