/** Average precision, Σ (Rᵢ − Rᵢ₋₁) Pᵢ from the highest score down: from bins with bounds, and exactly from values. */
import { byScore } from './auroc.ts';
import type { PerformanceScore } from './performance-metric.ts';

/**
 * Rows of the class and of the others in each bin of the score, from low to high.
 *
 * The value takes bins as ties. The bounds are the worst order within each bin (all others first) and the best (the class
 * first), whatever the weights of the rows.
 *
 * @example binnedAveragePrecision([1, 9], [8, 2]) // value 0.781
 */
export function binnedAveragePrecision(positives: ArrayLike<number>, negatives: ArrayLike<number>): PerformanceScore {
  let total = 0;
  let others = 0;
  for (let bin = 0; bin < positives.length; bin++) {
    total += positives[bin];
    others += negatives[bin];
  }
  if (!(total > 0 && others > 0)) return { reason: total + others > 0 ? 'one_class' : 'no_scores' };
  let hits = 0;
  let misses = 0;
  let value = 0;
  let lower = 0;
  let upper = 0;
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    const p = positives[bin];
    const n = negatives[bin];
    if (p > 0) {
      value += (p * (hits + p)) / (hits + p + misses + n);
      upper += (p * (hits + p)) / (hits + p + misses);
      lower += worst(p, hits, misses + n);
    }
    hits += p;
    misses += n;
  }
  return { value: value / total, lower: lower / total, upper: upper / total };
}

/** ∫ (hits + x) / (hits + x + misses) over (0, p): no more than the sum over rows, whose precision is that behind each. */
function worst(p: number, hits: number, misses: number): number {
  if (misses <= 0) return p;
  return Math.max(0, p - misses * Math.log1p(p / (hits + misses)));
}

/**
 * The same from each row's score.
 *
 * @example exactAveragePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) // { value: 0.8333333333333333 }
 */
export function exactAveragePrecision(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<number>,
  weights?: ArrayLike<number>,
): PerformanceScore {
  const { positives, negatives } = byScore(scores, isPositive, weights);
  const result = binnedAveragePrecision(positives, negatives);
  return 'value' in result ? { value: result.value } : result;
}
