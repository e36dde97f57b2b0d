/**
 * What a score is in the mean when nothing has drifted and only sampling differs. k cells, n rows in the window and N in
 * the reference (effective, where rows are weighted). All follow from one fact: PSI / (1/n + 1/N) has χ² law with k − 1
 * degrees of freedom, and the other divergences are multiples of the same quadratic form for small differences.
 */

/** E[K] of Kolmogorov's distribution, √(π/2) ln 2. */
const KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.LN2;

/** 1/n + 1/N: the variance that sampling gives to a difference of shares. 0 when either side has no rows. */
export function samplingVariance(currentSize: number, referenceSize: number): number {
  return currentSize > 0 && referenceSize > 0 ? 1 / currentSize + 1 / referenceSize : 0;
}

/**
 * Mean of PSI without drift: (k − 1)(1/n + 1/N). Range: 0 upwards; 0 when there is nothing to compare.
 *
 * @example noiseFloor(10, 200, 1_000_000) // 0.045009
 */
export function noiseFloor(cellCount: number, currentSize: number, referenceSize: number): number {
  return Math.max(0, cellCount - 1) * samplingVariance(currentSize, referenceSize);
}

/** Root mean square of the base-2 Jensen–Shannon distance without drift: 8 ln 2 · JS² behaves as PSI. */
export const jensenShannonNoise = (cellCount: number, currentSize: number, referenceSize: number): number =>
  Math.sqrt(noiseFloor(cellCount, currentSize, referenceSize) / (8 * Math.LN2));

/** Root mean square of the Hellinger distance without drift: 8 H² behaves as PSI. */
export const hellingerNoise = (cellCount: number, currentSize: number, referenceSize: number): number =>
  Math.sqrt(noiseFloor(cellCount, currentSize, referenceSize) / 8);

/** Mean of the Kullback–Leibler divergence without drift: half of PSI's. */
export const kullbackLeiblerNoise = (cellCount: number, currentSize: number, referenceSize: number): number =>
  noiseFloor(cellCount, currentSize, referenceSize) / 2;

/** Mean of the Kolmogorov–Smirnov statistic of a continuous column without drift; less where there are ties. */
export const kolmogorovSmirnovNoise = (currentSize: number, referenceSize: number): number =>
  KOLMOGOROV_MEAN * Math.sqrt(samplingVariance(currentSize, referenceSize));

/** Mean of the total variation distance without drift, from the reference's own cells (normal approximation). */
export function totalVariationNoise(reference: ArrayLike<number>, currentSize: number, referenceSize: number): number {
  let total = 0;
  for (let cell = 0; cell < reference.length; cell += 1) total += reference[cell];
  if (!(total > 0)) return 0;
  let sum = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const share = reference[cell] / total;
    sum += Math.sqrt(share * (1 - share));
  }
  return sum * Math.sqrt(samplingVariance(currentSize, referenceSize) / (2 * Math.PI));
}
