/**
 * The noise quantile of metrics that have no formula, at an α that no table can hold.
 *
 * For many rows such a metric is the largest of many normal sums (KS: over all cuts, total variation: over all sets of
 * cells, Wasserstein: over all functions of slope 1). Of such a maximum Φ⁻¹(P(score ≤ u)) is a concave function of u whose
 * slope is nowhere below 1/σ, σ being the largest deviation of one of the sums (Ehrhard 1983). So from the tabulated .99
 * quantile on, the quantile grows by at most σ (z_α − z_.01): a bound that is exact far out. Continuing the last tabulated
 * steps instead, as a straight line in ln α, gives up to 30 times too many false alarms.
 */
import { normalQuantile } from '../special/normal-distribution.ts';
import { noiseAt } from './bootstrap-noise.ts';
import type { DriftMetric } from './evaluation.ts';
import { samplingVariance } from './noise-floor.ts';
import type { LevelContext } from './score-levels.ts';

/** The score that noise alone exceeds with probability α. `mean`: the score from noise in the mean. */
export function tabulatedQuantile(metric: DriftMetric, mean: number, context: LevelContext): number {
  const { alpha, currentSize: n, referenceSize: N, tables } = context;
  const deviation = Math.sqrt(samplingVariance(n, N));
  const bound = boundOf(metric, mean, deviation, alpha);
  const table = tables.find((one) => one.metric === metric);
  if (table === undefined) return bound;
  if (alpha >= 0.05) return noiseAt(table, 'q95', n, N);
  const q99 = noiseAt(table, 'q99', n, N);
  if (alpha >= 0.01) return q99;
  const { sigma, skewness } = largestSum(metric, context);
  const z = -normalQuantile(alpha);
  const z99 = -normalQuantile(0.01);
  // Cornish & Fisher: rare cells of short windows are more skewed than the normal.
  const steps = z - z99 + (skewness / 6) * (z * z - z99 * z99);
  return Math.min(bound, q99 + deviation * sigma * steps);
}

/** What no score exceeds with more than probability α, whatever the column looks like. */
function boundOf(metric: DriftMetric, mean: number, deviation: number, alpha: number): number {
  // The first term of Kolmogorov's tail, 2 exp(−2 t²): exact for a continuous column.
  if (metric === 'kolmogorov_smirnov') return deviation * Math.sqrt(Math.log(2 / alpha) / 2);
  if (metric === 'wasserstein') return mean - 1.3 * deviation * normalQuantile(alpha);
  // One row moves these by at most 1/n or 1/N: McDiarmid (1989).
  return mean + deviation * Math.sqrt(Math.log(1 / alpha) / 2);
}

/** Deviation of the widest of the normal sums, in units of √(1/n + 1/N), and how skewed such a sum is. */
function largestSum(metric: DriftMetric, context: LevelContext): { sigma: number; skewness: number } {
  // A function of slope 1 varies no more than the column itself.
  if (metric === 'wasserstein') return { sigma: 1, skewness: 0 };
  if (metric !== 'chebyshev') return { sigma: 0.5, skewness: 0 };
  const { referenceCells, currentSize, referenceSize } = context;
  let total = 0;
  for (let cell = 0; cell < referenceCells.length; cell += 1) total += referenceCells[cell];
  let share = 0;
  for (let cell = 0; cell < referenceCells.length; cell += 1) {
    const own = referenceCells[cell] / total;
    if (own * (1 - own) > share * (1 - share)) share = own;
  }
  const variance = share * (1 - share);
  if (!(variance > 0)) return { sigma: 0.5, skewness: 0 };
  const size = Math.min(currentSize, referenceSize);
  return { sigma: Math.sqrt(variance), skewness: Math.abs(1 - 2 * share) / Math.sqrt(size * variance) };
}
