/**
 * Total variation distance, ½ Σ |p − q| over cells: the share of rows that would have to change cell.
 *
 * `reference` and `current` are counts of the same cells. Range: 0 (equal shares) to 1 (no cell in common); symmetric.
 * 0 when either side has no rows.
 *
 * @example totalVariation([1, 1], [0, 1]) // 0.5
 */
export function totalVariation(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  let sum = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    sum += Math.abs(reference[cell] / referenceSize - current[cell] / currentSize);
  }
  return Math.min(1, 0.5 * sum);
}
