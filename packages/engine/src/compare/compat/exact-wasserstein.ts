/**
 * First Wasserstein distance ∫ |F − G| of raw values, in their own unit: `scipy.stats.wasserstein_distance`.
 *
 * Finite numbers in any order. Range: 0 upwards; symmetric; 0 when either side is empty. Time n log n.
 *
 * @example exactWasserstein([0, 1, 3], [5, 6, 8]) // 5
 */
export function exactWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return integrateCdfDifference(reference, current, Math.abs);
}

/**
 * Energy distance √(2 ∫ (F − G)²) of raw values: `scipy.stats.energy_distance`.
 *
 * Range: 0 upwards, in the square root of the values' unit; symmetric; 0 when either side is empty.
 * Source: Székely & Rizzo (2013).
 */
export function energyDistance(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return Math.sqrt(2 * integrateCdfDifference(reference, current, (difference) => difference * difference));
}

function integrateCdfDifference(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  weight: (difference: number) => number,
): number {
  const u = Float64Array.from(reference).sort();
  const v = Float64Array.from(current).sort();
  if (u.length === 0 || v.length === 0) return 0;
  let sum = 0;
  let i = 0;
  let j = 0;
  let position = Math.min(u[0], v[0]);
  while (i < u.length || j < v.length) {
    const next = j >= v.length || (i < u.length && u[i] <= v[j]) ? u[i] : v[j];
    if (next > position) sum += weight(i / u.length - j / v.length) * (next - position);
    position = next;
    while (i < u.length && u[i] === next) i += 1;
    while (j < v.length && v[j] === next) j += 1;
  }
  return sum;
}
