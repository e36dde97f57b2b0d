import { noncentralChiSquareQuantile, noncentralChiSquareTailBound } from '../special/noncentral-chi-square.ts';
import { samplingVariance } from './noise-floor.ts';

/** Columns of one model share n, N and α and often k and δ: a few quantiles serve a whole evaluation. */
const MEMO_MAX = 16;

export interface DriftThresholdOptions {
  /** Cells after pooling. */
  readonly cellCount: number;
  /** Effective rows of the window and of the reference. */
  readonly currentSize: number;
  readonly referenceSize: number;
  /** The smallest drift that matters: 0.1 for warning, 0.25 for critical. */
  readonly margin: number;
  /** The true drift that is tolerated: the data must exclude that it is only this. */
  readonly delta: number;
  /** Probability of a false alarm of this one test, from `alphaPerTest`. */
  readonly alpha: number;
}

/**
 * The PSI from which a window is at a level: max(margin, f χ²⁻¹(1 − α; k − 1, δ / f)) with f = 1/n + 1/N, where χ²⁻¹ is
 * the quantile of the noncentral χ² law. In words: the data exclude that the true distance is only δ, and it is big
 * enough to matter.
 *
 * Range: `margin` upwards, in units of PSI. `margin` itself where there is nothing to compare (fewer than two cells or
 * no rows). Cheap: a bound of the tail answers most calls, a small memo most of the others.
 *
 * @example driftThreshold({ cellCount: 10, currentSize: 200, referenceSize: 1e6, margin: 0.1, delta: 0, alpha: 5.8e-6 })
 * // 0.203…
 */
export function driftThreshold(options: DriftThresholdOptions): number {
  const { cellCount, currentSize, referenceSize, margin, alpha } = options;
  const variance = samplingVariance(currentSize, referenceSize);
  if (cellCount < 2 || variance === 0) return margin;
  const degreesOfFreedom = cellCount - 1;
  const noncentrality = Math.max(0, options.delta) / variance;
  if (noncentralChiSquareTailBound(margin / variance, degreesOfFreedom, noncentrality) <= alpha) return margin;
  return Math.max(margin, variance * quantile(alpha, degreesOfFreedom, noncentrality));
}

/** Rows of [alpha, degrees of freedom, noncentrality, quantile]; the oldest is overwritten. */
const memo = new Float64Array(MEMO_MAX * 4);
let memoNext = 0;

function quantile(alpha: number, degreesOfFreedom: number, noncentrality: number): number {
  for (let row = 0; row < memo.length; row += 4) {
    if (memo[row] === alpha && memo[row + 1] === degreesOfFreedom && memo[row + 2] === noncentrality) {
      return memo[row + 3];
    }
  }
  const value = noncentralChiSquareQuantile(alpha, degreesOfFreedom, noncentrality);
  memo[memoNext] = alpha;
  memo[memoNext + 1] = degreesOfFreedom;
  memo[memoNext + 2] = noncentrality;
  memo[memoNext + 3] = value;
  memoNext = (memoNext + 4) % memo.length;
  return value;
}
