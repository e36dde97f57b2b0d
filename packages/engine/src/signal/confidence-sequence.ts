/**
 * Intervals that hold however often one looks.
 *
 * A 95 % interval of one look is wrong in far more than 5 % of the streams that are looked at again and again: whoever
 * waits long enough sees it fail. A confidence sequence is wrong in α of them, at all its looks together.
 *
 * Source: I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy and A. Ramdas, "Time-uniform central limit theory and
 * asymptotic confidence sequences", Annals of Statistics 52 (2024), theorem 2.2: mean ± σ √(2 (nρ² + 1) / (n²ρ²) ·
 * log(√(nρ² + 1) / α)). It is asymptotic: it needs a first look at rows enough for a standard error, and of a share the error at
 * the value that is tested, not at the one that was measured.
 */

/** Rows at which the sequence is tightest: at α = 10⁻⁵ a tenth of them makes it 10 % wider, ten times as many 2 %. */
const TIGHTEST_SIZE = 1_000;

/**
 * Standard errors to either side of the value, at n effective rows.
 *
 * Range: above the normal quantile of α / 2, which holds for one look, by about a fifth at α = 10⁻⁵.
 *
 * @param alpha above 0 and below 1: probability that any of all looks is wrong
 * @example confidenceFactor(1_000, 0.05) // 3.04, where one look has 1.96
 */
export function confidenceFactor(size: number, alpha: number): number {
  const log = -2 * Math.log(alpha);
  const rows = (Math.max(1, size) * (log + Math.log(log + 1))) / TIGHTEST_SIZE;
  return Math.sqrt(((2 * (rows + 1)) / rows) * Math.log(Math.sqrt(rows + 1) / alpha));
}
