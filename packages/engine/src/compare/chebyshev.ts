/**
 * Chebyshev (L∞) distance: the largest difference of a cell's share.
 *
 * `reference` and `current` are counts of the same cells. Range: 0 (equal shares) to 1; symmetric. 0 when either side
 * has no rows.
 *
 * @example chebyshev([1, 1, 2], [1, 2, 1]) // 0.25
 */
export function chebyshev(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return largest(reference, current, false);
}

/**
 * The same on cumulated shares, for ordered cells: a shift moves every cell by little and this by much. Equal to the
 * Kolmogorov–Smirnov statistic seen at the cells' edges.
 *
 * @example chebyshevCdf([1, 1, 1, 1], [2, 2, 0, 0]) // 0.5
 */
export function chebyshevCdf(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return largest(reference, current, true);
}

function largest(reference: ArrayLike<number>, current: ArrayLike<number>, cumulated: boolean): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  const referenceShare = 1 / referenceSize;
  const currentShare = 1 / currentSize;
  let largestSoFar = 0;
  let referenceCount = 0;
  let currentCount = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceCount = cumulated ? referenceCount + reference[cell] : reference[cell];
    currentCount = cumulated ? currentCount + current[cell] : current[cell];
    const difference = Math.abs(referenceCount * referenceShare - currentCount * currentShare);
    if (difference > largestSoFar) largestSoFar = difference;
  }
  return Math.min(1, largestSoFar);
}
