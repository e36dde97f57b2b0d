import { binomialDraw } from './binomial-draw.ts';
import type { RandomSource } from './seeded-random.ts';

/**
 * Fills `counts` with a multinomial sample: `size` rows fall into cells with the given weights.
 *
 * Weights need not sum to 1; `counts` is as long as `weights`; size is a whole number. One binomial draw a cell, so
 * the cost does not grow with the size. All zero when the weights are.
 *
 * @example drawMultinomial([1, 1, 2], 1000, seededRandom(1), new Float64Array(3)) // near 250, 250, 500
 */
export function drawMultinomial(
  weights: ArrayLike<number>,
  size: number,
  random: RandomSource,
  counts: Float64Array,
): Float64Array {
  let weightLeft = 0;
  for (let cell = 0; cell < weights.length; cell += 1) weightLeft += weights[cell];
  let left = size;
  for (let cell = 0; cell < weights.length; cell += 1) {
    const weight = weights[cell];
    const count = weight > 0 ? binomialDraw(left, weight / weightLeft, random) : 0;
    counts[cell] = count;
    left -= count;
    weightLeft -= weight;
  }
  return counts;
}
