/** Half a count in every cell: PSI is infinite for an empty one, and a single new category must not page anyone. */
const PSEUDOCOUNT = 0.5;

/**
 * Population stability index, Σ (q − p) ln(q / p) over cells, p the share of the reference and q of the current window.
 *
 * `reference` and `current` are counts of the same cells, scaled to effective rows where rows are weighted, because ½
 * is added to every cell on both sides before shares are taken. Range: 0 (equal shares) to about 2 ln(2n); symmetric.
 * 0 when either side has no rows at all: there is nothing to compare.
 * `pseudocount` exists for parity with others (1 is Azure's); with 0 a cell that is empty on one side gives Infinity.
 * Source: Jeffreys (1946); S. Lewis, "An Introduction to Credit Scoring" (1994). Natural logarithm.
 *
 * @example psi([100, 100, 100], [100, 100, 160]) // 0.0518…
 */
export function psi(reference: ArrayLike<number>, current: ArrayLike<number>, pseudocount = PSEUDOCOUNT): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  const referenceScale = 1 / (referenceSize + pseudocount * reference.length);
  const currentScale = 1 / (currentSize + pseudocount * reference.length);
  let sum = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const p = (reference[cell] + pseudocount) * referenceScale;
    const q = (current[cell] + pseudocount) * currentScale;
    if (p !== q) sum += (q - p) * Math.log(q / p);
  }
  return sum;
}
