import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { kolmogorovSmirnov } from '../compare/kolmogorov-smirnov.ts';
import { wassersteinBinned } from '../compare/wasserstein.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { referenceCellCounts } from '../sketch/cells.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { clearPane, createPane } from '../sketch/pane.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { type CellTerm, cellNoise } from './cell-noise.ts';
import { evaluate } from './evaluate.ts';
import { DRIFT_METRICS, type DriftMetric } from './evaluation.ts';
import { compilePolicy } from './policy.ts';
import { type LevelContext, scoreLevels } from './score-levels.ts';
import { driftThreshold } from './threshold.ts';

const CONTEXT: LevelContext = {
  cellCount: 10,
  referenceCells: new Array(10).fill(2000),
  currentSize: 500,
  referenceSize: 20_000,
  alpha: 5.8e-6,
  band: 0.05,
  tolerated: 0.1,
  tables: [],
};
const NO_MARGIN = { warning: 0, critical: 0 };

describe('thresholds', () => {
  test('of PSI are those of the design: max(margin, f χ²⁻¹(1 − α; k − 1, δ/f))', () => {
    const margin = { warning: 0.1, critical: 0.25 };
    const levels = scoreLevels('psi', margin, CONTEXT);
    const noise = cellNoise('psi', CONTEXT.referenceCells, 500, CONTEXT.alpha);
    expect(levels.warning).toBe(driftThreshold({ ...CONTEXT, margin: 0.1, delta: 0.05, noise }));
    expect(levels.critical).toBe(driftThreshold({ ...CONTEXT, margin: 0.25, delta: 0.1, noise }));
    expect(levels.noise).toBeCloseTo(9 * (1 / 500 + 1 / 20_000), 14);
  });

  test('of the metrics that follow PSI are the PSI threshold, translated, each with its own noise of whole counts', () => {
    const psi = (term: CellTerm): number => {
      const noise = cellNoise(term, CONTEXT.referenceCells, 500, CONTEXT.alpha);
      return driftThreshold({ ...CONTEXT, margin: 0, delta: 0.05, noise });
    };
    const of = (metric: DriftMetric): number => scoreLevels(metric, NO_MARGIN, CONTEXT).warning;
    expect(8 * Math.LN2 * of('jensen_shannon') ** 2).toBeCloseTo(psi('jensen_shannon'), 12);
    expect(8 * of('hellinger') ** 2).toBeCloseTo(psi('hellinger'), 12);
    expect(2 * of('kullback_leibler')).toBeCloseTo(psi('kullback_leibler'), 12);
    expect(of('chi_square') * (1 / 500 + 1 / 20_000)).toBeCloseTo(psi('chi_square'), 12);
    for (const term of ['jensen_shannon', 'hellinger', 'kullback_leibler', 'chi_square'] as const)
      expect(Math.abs(psi(term) / psi('psi') - 1)).toBeLessThan(0.06);
  });

  test('never lie below the margin, and a band or more certainty only raises them', () => {
    const margin = { warning: 0.1, critical: 0.2 };
    for (const metric of DRIFT_METRICS) {
      const plain = scoreLevels(metric, margin, { ...CONTEXT, band: 0 });
      expect(plain.warning, metric).toBeGreaterThanOrEqual(0.1);
      expect(plain.critical, metric).toBeGreaterThanOrEqual(0.2);
      for (const stricter of [{ band: 0.3 }, { band: 0, alpha: 1e-12 }, { band: 0, currentSize: 200 }]) {
        const levels = scoreLevels(metric, margin, { ...CONTEXT, ...stricter });
        // More rows make a larger statistic of the same distance.
        if (metric === 'chi_square' && stricter.currentSize !== undefined) continue;
        expect(levels.warning, metric).toBeGreaterThanOrEqual(plain.warning);
        expect(levels.critical, metric).toBeGreaterThanOrEqual(plain.critical);
      }
    }
  });
});

/** Windows of 500 rows that do not drift: mean scores, and the share of scores at or above a threshold without margin. */
function simulate(reference: ReferenceProfile, draw: () => number | string, alpha: number) {
  const windowCount = 1500;
  const layout = compileLayout(reference);
  const margins = Object.fromEntries(DRIFT_METRICS.map((metric) => [metric, NO_MARGIN]));
  const budget = { falseAlarms: alpha * 8640, falseAlarmPeriodMs: 8640 };
  const policy = compilePolicy(reference, { margins, metrics: DRIFT_METRICS, ...budget }, { windowMs: 1, paneMs: 1 });
  expect(policy.alpha).toBeCloseTo(alpha, 12);
  const state = createPane(layout);
  const found = new Map<DriftMetric, { above: number; sum: number; noise: number }>();
  for (let i = 0; i < windowCount; i++) {
    clearPane(layout, state);
    const batch = batchOf([Array.from({ length: 500 }, draw)]);
    observe(layout, state, batch, allRows(batch), 0, 500);
    const [column] = evaluate(layout, policy, { startMs: 0, endMs: 1, state, filled: true }).columns;
    for (const { metric, score, noise, warning } of column.scores) {
      const one = found.get(metric) ?? { above: 0, sum: 0, noise: 0 };
      found.set(metric, {
        above: one.above + Number(score >= warning),
        sum: one.sum + score,
        noise: one.noise + noise,
      });
    }
  }
  return [...found].map(([metric, { above, sum, noise }]) => ({
    metric,
    rate: above / windowCount,
    noiseRatio: sum / noise,
  }));
}

describe('without drift', () => {
  const stream = sampleStream(51);

  test('numeric: every metric exceeds its threshold about as often as α says, and its mean is its noise', () => {
    const reference = profileOf({ x: Array.from({ length: 20_000 }, () => stream.normal()) });
    for (const { metric, rate, noiseRatio } of simulate(reference, () => stream.normal(), 0.01)) {
      // Binomial 1,500 × .01: 15 ± 3.9; one reference is common to all windows, and tables are of its bins.
      expect(rate, metric).toBeLessThan(0.022);
      expect(noiseRatio, metric).toBeGreaterThan(0.85);
      expect(noiseRatio, metric).toBeLessThan(1.15);
      if (['psi', 'jensen_shannon', 'hellinger', 'chi_square'].includes(metric))
        expect(rate, metric).toBeGreaterThan(0.003);
    }
  });

  test('categorical, with rare categories', () => {
    const draw = (): string => `c${stream.whole(1 + stream.whole(60))}`;
    const reference = profileOf({ c: Array.from({ length: 20_000 }, draw) });
    for (const { metric, rate, noiseRatio } of simulate(reference, draw, 0.01)) {
      expect(rate, metric).toBeLessThan(0.022);
      expect(noiseRatio, metric).toBeGreaterThan(0.85);
      expect(noiseRatio, metric).toBeLessThan(1.15);
    }
  });
});

describe('regression: KS, W1 and TV passed their thresholds up to 30 times too often', () => {
  const stream = sampleStream(52);
  const profile = profileOf({ x: Array.from({ length: 50_000 }, () => Math.exp(stream.normal())) });
  const [column] = profile.features;
  const numeric = column.numeric!;
  const cells = referenceCellCounts(column);
  const context = { ...CONTEXT, referenceCells: cells, referenceSize: 50_000, band: 0, tables: column.noise ?? [] };
  const levelOf = (metric: DriftMetric, alpha: number, currentSize: number): number =>
    scoreLevels(metric, NO_MARGIN, { ...context, currentSize, alpha }).warning;

  test('KS keeps to Kolmogorov’s tail, 2 exp(−2 t²), at any α', () => {
    for (const alpha of [1e-4, 5.8e-6, 1e-8]) {
      const t = levelOf('kolmogorov_smirnov', alpha, 1000) / Math.sqrt(1 / 1000 + 1 / 50_000);
      const implied = 2 * Math.exp(-2 * t * t);
      expect(implied / alpha).toBeLessThan(1.5);
      expect(implied / alpha).toBeGreaterThan(0.1);
    }
  });

  test('at α = .001 a log-normal column stays within the budget', () => {
    const windowCount = 20_000;
    const random = seededRandom(53);
    const size = 500;
    const means = numeric.counts.map((count, bin) => (count > 0 ? numeric.sums[bin] / count : 0));
    const bins = new Float64Array(means.length);
    const sums = new Float64Array(means.length);
    const { lower, upper, standardDeviation: scale } = numeric;
    const metrics = ['kolmogorov_smirnov', 'wasserstein'] as const;
    const levels = metrics.map((metric) => levelOf(metric, 0.001, size));
    const above = metrics.map(() => 0);
    for (let window = 0; window < windowCount; window++) {
      drawMultinomial(numeric.counts, size, random, bins);
      for (let bin = 0; bin < bins.length; bin++) sums[bin] = means[bin] * bins[bin];
      const scores = [
        kolmogorovSmirnov(numeric.counts, bins).statistic,
        wassersteinBinned(numeric.edges, numeric.counts, numeric.sums, bins, sums, { lower, upper, scale }),
      ];
      scores.forEach((score, i) => {
        if (score >= levels[i]) above[i]++;
      });
    }
    // 20 expected; 31 are 2.5 standard deviations more. The reference itself is one draw.
    for (const [i, metric] of metrics.entries()) expect(above[i], metric).toBeLessThan(31);
  });
});
