/**
 * Noise and thresholds of each drift metric, from the same two numbers: α, the probability of a false alarm that one
 * test may have, and δ, the true distance that is tolerated (the block band for a warning, at least the warning margin
 * for critical).
 *
 * PSI, chi-square, Jensen–Shannon, Hellinger, KL and Cramér's V are functions of one quadratic form for small
 * differences, so their thresholds are the PSI threshold, translated, each with what whole counts add to its own law.
 * The others have no such law: `tabulated-quantile.ts`.
 */
import type { NoiseTable } from '../reference/profile.ts';
import { meanRootExcess } from '../special/chi-square-distribution.ts';
import { noiseAt } from './bootstrap-noise.ts';
import { type CellTerm, cellNoise } from './cell-noise.ts';
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
import { tabulatedQuantile } from './tabulated-quantile.ts';
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
  const { referenceCells, currentSize, referenceSize, alpha } = context;
  const noise = cellNoise(scale.term, referenceCells, Math.min(currentSize, referenceSize), alpha);
  const level = (least: number, delta: number): number =>
    Math.max(least, scale.fromPsi(driftThreshold({ ...context, margin: scale.toPsi(least), delta, noise })));
  const warning = level(margin.warning, context.band);
  // Whole counts matter less at a larger distance: in windows of a few rows critical could come out below warning.
  const critical = Math.max(warning, level(margin.critical, Math.max(context.tolerated, context.band)));
  return { noise: scale.noise, warning, critical };
}

/** A metric as an ascending function of PSI. */
interface PsiScale {
  readonly term: CellTerm;
  readonly noise: number;
  toPsi(score: number): number;
  fromPsi(psi: number): number;
}

function psiScale(metric: DriftMetric, context: LevelContext): PsiScale | undefined {
  const { cellCount: k, currentSize: n, referenceSize: N } = context;
  const variance = samplingVariance(n, N);
  const same = (value: number): number => value;
  const root = (term: CellTerm, factor: number, noise: number): PsiScale => ({
    term,
    noise,
    toPsi: (score) => factor * score * score,
    fromPsi: (psi) => Math.sqrt(psi / factor),
  });
  switch (metric) {
    case 'psi':
      return { term: 'psi', noise: noiseFloor(k, n, N), toPsi: same, fromPsi: same };
    case 'chi_square':
      return { term: 'chi_square', noise: k - 1, toPsi: same, fromPsi: (psi) => psi / variance };
    case 'jensen_shannon':
      return root('jensen_shannon', 8 * Math.LN2, jensenShannonNoise(k, n, N));
    case 'hellinger':
      return root('hellinger', 8, hellingerNoise(k, n, N));
    case 'kullback_leibler':
      return {
        term: 'kullback_leibler',
        noise: kullbackLeiblerNoise(k, n, N),
        toPsi: (score) => 2 * score,
        fromPsi: (psi) => psi / 2,
      };
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
  return {
    term: 'chi_square',
    noise: meanRootExcess(columns) / Math.sqrt(total * dimension),
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
  const excess = tabulatedQuantile(metric, noise, context);
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
