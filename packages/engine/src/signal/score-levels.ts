/**
 * Noise and thresholds of each drift metric, from the same two numbers: α, the probability of a false alarm that one
 * test may have, and δ, the true distance that is tolerated (the block band for a warning, at least the warning margin
 * for critical).
 *
 * PSI, chi-square, Jensen–Shannon, Hellinger, KL and Cramér's V are functions of one quadratic form for small
 * differences, so their thresholds are the PSI threshold, translated. The others have no such law: their noise comes
 * from the profile's tables, beyond the tabulated .999 quantile as an exponential tail, or, without tables, from
 * bounds that always hold.
 */
import type { NoiseTable } from '../reference/profile.ts';
import { normalQuantile } from '../special/normal-distribution.ts';
import { noiseAt } from './bootstrap-noise.ts';
import type { DriftMetric } from './evaluation.ts';
import {
  hellingerNoise,
  jensenShannonNoise,
  kolmogorovSmirnovNoise,
  kullbackLeiblerNoise,
  noiseFloor,
  samplingVariance,
  totalVariationNoise,
} from './noise-floor.ts';
import type { Margin } from './policy.ts';
import { driftThreshold } from './threshold.ts';

export interface LevelContext {
  /** Cells after pooling, and the reference's counts in them. */
  readonly cellCount: number;
  readonly referenceCells: ArrayLike<number>;
  readonly currentSize: number;
  readonly referenceSize: number;
  readonly alpha: number;
  /** PSI of the reference against itself. */
  readonly band: number;
  /** PSI from which drift matters: the δ of critical. */
  readonly tolerated: number;
  readonly tables: readonly NoiseTable[];
}

export interface ScoreLevels {
  readonly noise: number;
  readonly warning: number;
  readonly critical: number;
}

export function scoreLevels(metric: DriftMetric, margin: Margin, context: LevelContext): ScoreLevels {
  const scale = psiScale(metric, context);
  if (scale === undefined) return tabulatedLevels(metric, margin, context);
  // KL follows PSI in the mean only: thin cells of the window give it a longer tail, which the table knows.
  const tail = metric === 'kullback_leibler' ? noiseQuantile(metric, scale.noise, context) : 0;
  const level = (least: number, delta: number): number =>
    Math.max(least, tail, scale.fromPsi(driftThreshold({ ...context, margin: scale.toPsi(least), delta })));
  return {
    noise: scale.noise,
    warning: level(margin.warning, context.band),
    critical: level(margin.critical, Math.max(context.tolerated, context.band)),
  };
}

/** A metric as an ascending function of PSI. */
interface PsiScale {
  readonly noise: number;
  toPsi(score: number): number;
  fromPsi(psi: number): number;
}

function psiScale(metric: DriftMetric, context: LevelContext): PsiScale | undefined {
  const { cellCount: k, currentSize: n, referenceSize: N } = context;
  const variance = samplingVariance(n, N);
  const same = (value: number): number => value;
  const root = (factor: number, noise: number): PsiScale => ({
    noise,
    toPsi: (score) => factor * score * score,
    fromPsi: (psi) => Math.sqrt(psi / factor),
  });
  switch (metric) {
    case 'psi':
      return { noise: noiseFloor(k, n, N), toPsi: same, fromPsi: same };
    case 'chi_square':
      return { noise: k - 1, toPsi: same, fromPsi: (psi) => psi / variance };
    case 'jensen_shannon':
      return root(8 * Math.LN2, jensenShannonNoise(k, n, N));
    case 'hellinger':
      return root(8, hellingerNoise(k, n, N));
    case 'kullback_leibler':
      return { noise: kullbackLeiblerNoise(k, n, N), toPsi: (score) => 2 * score, fromPsi: (psi) => psi / 2 };
    case 'cramers_v':
      return cramersScale(context, variance);
    default:
      return undefined;
  }
}

/** χ² = PSI / f, φ² = χ² / (n + N), V² = (φ² − (k − 1)/(n + N − 1)) / dimension: Bergsma (2013), as `cramersV`. */
function cramersScale(context: LevelContext, variance: number): PsiScale {
  const { cellCount, currentSize, referenceSize } = context;
  const total = currentSize + referenceSize;
  const columns = cellCount - 1;
  const bias = columns / (total - 1);
  const dimension = Math.max(1e-9, Math.min(1 - 1 / (total - 1), columns - (columns * columns) / (total - 1)));
  // E√max(0, Z) = .4111 for a normal Z, whose deviation is that of χ².
  const noise = 0.4111 * ((2 * columns) ** 0.25 / Math.sqrt(total * dimension));
  return {
    noise: tableNoise('cramers_v', context) ?? noise,
    toPsi: (score) => (score * score * dimension + bias) * total * variance,
    fromPsi: (psi) => Math.min(1, Math.sqrt(Math.max(0, psi / (variance * total) - bias) / dimension)),
  };
}

/** Largest true distance that a PSI of `delta` allows: TV ≤ √PSI / 2 (Pinsker), and KS and Chebyshev ≤ TV. */
function distanceAllowed(metric: DriftMetric, delta: number): number {
  // W1/σ has no such bound; a shift of a normal by √PSI deviations has W1/σ = √PSI.
  return metric === 'wasserstein' ? Math.sqrt(delta) : Math.sqrt(delta) / 2;
}

function tabulatedLevels(metric: DriftMetric, margin: Margin, context: LevelContext): ScoreLevels {
  const noise = tableNoise(metric, context) ?? formulaNoise(metric, context);
  const excess = noiseQuantile(metric, noise, context);
  const delta = distanceAllowed(metric, context.band);
  return {
    noise,
    warning: Math.max(margin.warning, delta + excess),
    critical: Math.max(margin.critical, Math.max(margin.warning, delta) + excess),
  };
}

function tableNoise(metric: DriftMetric, { tables, currentSize, referenceSize }: LevelContext): number | undefined {
  const table = tables.find((one) => one.metric === metric);
  return table === undefined ? undefined : noiseAt(table, 'means', currentSize, referenceSize);
}

/** Means where the profile has no table. */
function formulaNoise(metric: DriftMetric, context: LevelContext): number {
  const { currentSize: n, referenceSize: N, referenceCells } = context;
  const deviation = Math.sqrt(samplingVariance(n, N));
  if (metric === 'kolmogorov_smirnov') return kolmogorovSmirnovNoise(n, N);
  // Exact for the normal only.
  if (metric === 'wasserstein') return 1.3 * deviation;
  // Chebyshev is at most total variation.
  return totalVariationNoise(referenceCells, n, N);
}

/** The score that noise alone exceeds with probability α. */
function noiseQuantile(metric: DriftMetric, mean: number, context: LevelContext): number {
  const { alpha, currentSize: n, referenceSize: N, tables } = context;
  const deviation = Math.sqrt(samplingVariance(n, N));
  // One row moves these by at most 1/n or 1/N: McDiarmid (1989). It does not hold for KL and W1.
  let bound = mean + deviation * Math.sqrt(Math.log(1 / alpha) / 2);
  if (metric === 'kullback_leibler') bound = 0;
  if (metric === 'wasserstein') bound = mean - 1.3 * deviation * normalQuantile(alpha);
  // The first term of Kolmogorov's tail, 2 exp(−2 t²).
  if (metric === 'kolmogorov_smirnov') bound = deviation * Math.sqrt(Math.log(2 / alpha) / 2);
  const table = tables.find((one) => one.metric === metric);
  if (table === undefined) return bound;
  const at = (statistic: 'q95' | 'q99' | 'q999'): number => noiseAt(table, statistic, n, N);
  if (alpha >= 0.05) return at('q95');
  if (alpha >= 0.01) return at('q99');
  if (alpha >= 0.001) return at('q999');
  const extrapolated = at('q999') + (at('q999') - at('q99')) * Math.log10(0.001 / alpha);
  return metric === 'wasserstein' || metric === 'kullback_leibler' ? extrapolated : Math.min(bound, extrapolated);
}
