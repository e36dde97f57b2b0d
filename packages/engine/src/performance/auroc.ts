/** Area under the ROC curve: from bins with a bound, and exactly from values. */
import type { PerformanceScore } from './performance-metric.ts';

/**
 * Rows of the class and of the others in each bin of the score, from low to high.
 *
 * The bins are taken as ties. Whatever the order within them, the area is at most Σ pᵢ nᵢ / (2 P N) away.
 *
 * @example binnedAuroc([1, 9], [8, 2]) // { value: 0.85, lower: 0.72, upper: 0.98 }
 */
export function binnedAuroc(positives: ArrayLike<number>, negatives: ArrayLike<number>): PerformanceScore {
  let positive = 0;
  let negative = 0;
  let below = 0;
  let ties = 0;
  for (let bin = 0; bin < positives.length; bin++) {
    below += positives[bin] * negative;
    ties += positives[bin] * negatives[bin];
    positive += positives[bin];
    negative += negatives[bin];
  }
  if (!(positive > 0 && negative > 0)) return { reason: positive + negative > 0 ? 'one_class' : 'no_scores' };
  const pairs = positive * negative;
  const value = (below + ties / 2) / pairs;
  const bound = ties / (2 * pairs);
  return { value, lower: Math.max(0, value - bound), upper: Math.min(1, value + bound) };
}

/**
 * The same from each row's score; ties count half. `isPositive` and `weights` (1 where absent) as long as `scores`.
 *
 * @example exactAuroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) // { value: 0.75 }
 */
export function exactAuroc(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<number>,
  weights?: ArrayLike<number>,
): PerformanceScore {
  const { positives, negatives } = byScore(scores, isPositive, weights);
  const result = binnedAuroc(positives, negatives);
  return 'value' in result ? { value: result.value } : result;
}

/** Weights of the class and of the others at each different score, ascending. Scores that are not finite are left out. */
export function byScore(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<number>,
  weights?: ArrayLike<number>,
): { readonly positives: number[]; readonly negatives: number[] } {
  const order: number[] = [];
  for (let i = 0; i < scores.length; i++) if (Number.isFinite(scores[i])) order.push(i);
  order.sort((a, b) => scores[a] - scores[b]);
  const positives: number[] = [];
  const negatives: number[] = [];
  let last: number | undefined;
  for (const i of order) {
    if (scores[i] !== last) {
      positives.push(0);
      negatives.push(0);
      last = scores[i];
    }
    const weight = weights === undefined ? 1 : weights[i];
    if (isPositive[i] > 0) positives[positives.length - 1] += weight;
    else negatives[negatives.length - 1] += weight;
  }
  return { positives, negatives };
}
