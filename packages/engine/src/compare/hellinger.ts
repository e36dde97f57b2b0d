/**
 * Hellinger distance, √(½ Σ (√p − √q)²) over cells.
 *
 * `reference` and `current` are counts of the same cells. Range: 0 (equal shares) to 1 (no cell in common);
 * symmetric; a metric. 0 when either side has no rows.
 * Source: Hellinger (1909), with the factor ½ that makes 1 the maximum.
 *
 * @example hellinger([1, 1], [0, 1]) // 0.5411961001461969
 */
export function hellinger(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  let sum = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const difference = Math.sqrt(reference[cell] / referenceSize) - Math.sqrt(current[cell] / currentSize);
    sum += difference * difference;
  }
  return Math.min(1, Math.sqrt(0.5 * sum));
}
