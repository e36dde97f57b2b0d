/** Below this relative difference (1 + r) ln(1 + r) + (1 − r) ln(1 − r) cancels and is summed as a series. */
const SERIES_BELOW = 0.05;

/**
 * Jensen–Shannon distance: the square root of the base-2 Jensen–Shannon divergence of the two sets of shares.
 *
 * `reference` and `current` are counts of the same cells; nothing is added to them. Range: 0 (equal shares) to 1 (no
 * cell in common); symmetric; a metric. 0 when either side has no rows. In nats multiply by √ln 2 = 0.8326.
 * Source: J. Lin (1991); Endres & Schindelin (2003) for the square root.
 *
 * @example jensenShannonDistance([1, 1], [0, 1]) // 0.5579230452841438
 */
export function jensenShannonDistance(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  let referenceSize = 0;
  let currentSize = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    referenceSize += reference[cell];
    currentSize += current[cell];
  }
  if (!(referenceSize > 0 && currentSize > 0)) return 0;
  let divergence = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const p = reference[cell] / referenceSize;
    const q = current[cell] / currentSize;
    if (p !== q) divergence += 0.5 * (p + q) * entropyLoss((p - q) / (p + q));
  }
  return Math.min(1, Math.sqrt(divergence / (2 * Math.LN2)));
}

/** (1 + r) ln(1 + r) + (1 − r) ln(1 − r) = Σ r²ᵏ / (k (2k − 1)), for |r| ≤ 1. */
function entropyLoss(r: number): number {
  const square = r * r;
  if (square >= 1) return 2 * Math.LN2;
  if (square >= SERIES_BELOW * SERIES_BELOW) return (1 + r) * Math.log(1 + r) + (1 - r) * Math.log(1 - r);
  return square * (1 + square * (1 / 6 + square * (1 / 15 + square * (1 / 28 + square * (1 / 45 + square / 66)))));
}
