/** Added to every count on both sides, only where the divergence would otherwise be infinite. */
const PSEUDOCOUNT = 0.5;

/**
 * Kullback–Leibler divergence Σ p ln(p / q), p the share of the reference and q of the current window, in nats: what
 * it costs to code the reference with the current window's shares.
 *
 * `reference` and `current` are counts of the same cells. Range: 0 (equal shares) upwards, always finite; not
 * symmetric. 0 when either side has no rows. Where the window has no row in a cell that the reference has, the
 * divergence is infinite; then, and only then, ½ is added to every count on both sides, as for PSI.
 * Source: Kullback & Leibler (1951).
 *
 * @example kullbackLeibler([1, 1], [1, 3]) // 0.14384103622589042
 */
export function kullbackLeibler(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let referenceSize = 0;
  let currentSize = 0;
  let pseudocount = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
    if (reference[cell] > 0 && !(current[cell] > 0)) pseudocount = PSEUDOCOUNT;
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  referenceSize += pseudocount * reference.length;
  currentSize += pseudocount * reference.length;
  let sum = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const p = (reference[cell] + pseudocount) / referenceSize;
    const q = (current[cell] + pseudocount) / currentSize;
    if (p > 0 && p !== q) sum += p * Math.log(p / q);
  }
  return Math.max(0, sum);
}
