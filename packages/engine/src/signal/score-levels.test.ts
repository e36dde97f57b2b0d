import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { clearPane, createPane } from '../sketch/pane.ts';
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
    expect(levels.warning).toBe(driftThreshold({ ...CONTEXT, margin: 0.1, delta: 0.05 }));
    expect(levels.critical).toBe(driftThreshold({ ...CONTEXT, margin: 0.25, delta: 0.1 }));
    expect(levels.noise).toBeCloseTo(9 * (1 / 500 + 1 / 20_000), 14);
  });

  test('of the metrics that follow PSI are the PSI threshold, translated', () => {
    const psi = scoreLevels('psi', NO_MARGIN, CONTEXT).warning;
    const of = (metric: DriftMetric): number => scoreLevels(metric, NO_MARGIN, CONTEXT).warning;
    expect(8 * Math.LN2 * of('jensen_shannon') ** 2).toBeCloseTo(psi, 12);
    expect(8 * of('hellinger') ** 2).toBeCloseTo(psi, 12);
    expect(2 * of('kullback_leibler')).toBeCloseTo(psi, 12);
    expect(of('chi_square') * (1 / 500 + 1 / 20_000)).toBeCloseTo(psi, 12);
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
