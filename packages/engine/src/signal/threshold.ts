import { noncentralChiSquareQuantile, noncentralChiSquareTailBound } from '../special/noncentral-chi-square.ts';
import type { CellNoise } from './cell-noise.ts';
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
  /** What whole counts in the cells add to the law; nothing by default. */
  readonly noise?: CellNoise;
}

/**
 * The PSI from which a window is at a level: max(margin, f χ²⁻¹(1 − α; k − 1, δ / f)) with f = 1/n + 1/N, where χ²⁻¹ is
 * the quantile of the noncentral χ² law. In words: the data exclude that the true distance is only δ, and it is big
 * enough to matter. With `noise` the quantile is moved and stretched to the mean and spread that whole counts have.
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
  const law = stretched(degreesOfFreedom, noncentrality, options.noise);
  const x = margin / variance;
  if (x >= law.least && noncentralChiSquareTailBound(law.back(x), degreesOfFreedom, noncentrality) <= alpha) {
    return margin;
  }
  const corrected = law.forth(quantile(alpha, degreesOfFreedom, noncentrality));
  return Math.max(margin, variance * Math.max(law.least, corrected));
}

/** The noncentral χ² law, moved and stretched; never to a shorter tail. */
interface StretchedLaw {
  forth(quantile: number): number;
  back(x: number): number;
  /** No threshold lies below it. */
  readonly least: number;
}

function stretched(k: number, noncentrality: number, noise: CellNoise | undefined): StretchedLaw {
  if (noise === undefined) return { forth: (x) => x, back: (x) => x, least: 0 };
  const mean = k + noncentrality;
  const variance = 2 * k + 4 * noncentrality;
  const third = 8 * k + 24 * noncentrality;
  const varianceRatio = Math.max(1, (variance + noise.variance) / variance);
  // A longer tail than that of the same mean and spread: by the root of how much more skewed it is.
  const skewRatio = Math.max(1, (third + noise.third) / third / varianceRatio ** 1.5);
  const scale = Math.sqrt(varianceRatio * skewRatio);
  const shift = Math.max(0, noise.mean);
  const least = noise.atom > 0 ? noise.atom + k - 1 + noncentrality : 0;
  return {
    forth: (x) => mean + shift + (x - mean) * scale,
    back: (x) => mean + (x - mean - shift) / scale,
    least,
  };
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
