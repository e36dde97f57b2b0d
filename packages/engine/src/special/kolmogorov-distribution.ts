/** Above this the alternating tail series needs at most four terms, below it the theta series does. */
const SERIES_CROSSOVER = 0.82;
const TERMS_MAX = 12;

/**
 * P(K ≥ t) for Kolmogorov's limiting distribution: the asymptotic p-value of √(nm / (n + m)) · D.
 *
 * Range: any t; 1 at or below 0, result in [0, 1]. Relative error about 1e-15.
 * Source: 2 Σ (−1)ʲ⁻¹ exp(−2 j² t²), and Jacobi's transform of it for small t (Marsaglia, Tsang & Wang 2003).
 *
 * @example kolmogorovSurvival(1.3580986393225505) // 0.05
 */
export function kolmogorovSurvival(t: number): number {
  if (!(t > 0.04)) return 1;
  return t < SERIES_CROSSOVER ? 1 - lowerByTheta(t) : upperBySeries(t);
}

function upperBySeries(t: number): number {
  let sum = 0;
  for (let j = TERMS_MAX; j >= 1; j -= 1) sum = Math.exp(-2 * j * j * t * t) - sum;
  return Math.min(1, 2 * sum);
}

function lowerByTheta(t: number): number {
  const exponent = -(Math.PI * Math.PI) / (8 * t * t);
  let sum = 0;
  for (let j = TERMS_MAX; j >= 1; j -= 1) sum += Math.exp((2 * j - 1) ** 2 * exponent);
  return (Math.sqrt(2 * Math.PI) / t) * sum;
}
