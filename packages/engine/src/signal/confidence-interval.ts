import { noncentralChiSquareCdf, noncentralChiSquareSurvival } from '../special/noncentral-chi-square.ts';
import { normalQuantile } from '../special/normal-distribution.ts';
import { samplingVariance } from './noise-floor.ts';

/** The probit of the tail is nearly a straight line in √δ, so a bracketed secant needs about eight steps. */
const STEPS_MAX = 100;
const PRECISION = 1e-10;

export interface ConfidenceIntervalOptions {
  /** The PSI that was measured. */
  readonly score: number;
  /** Cells after pooling. */
  readonly cellCount: number;
  /** Effective rows of the window and of the reference. */
  readonly currentSize: number;
  readonly referenceSize: number;
  /** Share of intervals that cover the true distance; 0.95 by default. */
  readonly level?: number;
}

export interface ConfidenceInterval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Confidence interval of the true PSI behind a measured one: the distances that the measurement does not exclude.
 *
 * It inverts the law of the thresholds (score / f is noncentral χ² with k − 1 degrees of freedom and noncentrality δ / f,
 * f = 1/n + 1/N), half of the error on either side. Range: 0 ≤ lower ≤ upper; both 0 where there is nothing to compare.
 *
 * @example confidenceInterval({ score: 0.2, cellCount: 10, currentSize: 1000, referenceSize: 1e6 }) // about .14 to .25
 */
export function confidenceInterval(options: ConfidenceIntervalOptions): ConfidenceInterval {
  const { score, cellCount, currentSize, referenceSize, level = 0.95 } = options;
  const variance = samplingVariance(currentSize, referenceSize);
  if (cellCount < 2 || variance === 0 || !(score > 0)) return { lower: 0, upper: 0 };
  const x = score / variance;
  const k = cellCount - 1;
  const tail = (1 - level) / 2;
  const lower = solve((noncentrality) => noncentralChiSquareSurvival(x, k, noncentrality), tail);
  const upper = solve((noncentrality) => 1 - noncentralChiSquareCdf(x, k, noncentrality), 1 - tail);
  return { lower: variance * lower, upper: variance * upper };
}

/** The noncentrality at which a probability that grows with it reaches the target; 0 when it starts above. */
function solve(probability: (noncentrality: number) => number, target: number): number {
  const z = normalQuantile(target);
  const excess = (root: number): number => clamp(normalQuantile(probability(root * root))) - z;
  let low = 0;
  let excessLow = excess(0);
  if (excessLow >= 0) return 0;
  let high = 1;
  let excessHigh = excess(high);
  for (let step = 0; step < STEPS_MAX && excessHigh < 0; step += 1) {
    low = high;
    excessLow = excessHigh;
    high *= 2;
    excessHigh = excess(high);
  }
  for (let step = 0; step < STEPS_MAX && high - low > PRECISION * high; step += 1) {
    // Illinois: halving the weight of an end that stays keeps the secant from creeping.
    const middle = low + ((high - low) * -excessLow) / (excessHigh - excessLow);
    const excessMiddle = excess(middle);
    if (excessMiddle === 0) return middle * middle;
    if (excessMiddle < 0) {
      low = middle;
      excessLow = excessMiddle;
      excessHigh /= 2;
    } else {
      high = middle;
      excessHigh = excessMiddle;
      excessLow /= 2;
    }
  }
  return low * high;
}

/** Probabilities of 0 and 1 have infinite probits. */
const clamp = (z: number): number => Math.min(40, Math.max(-40, z));
