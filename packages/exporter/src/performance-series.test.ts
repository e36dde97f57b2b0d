import {
  compileLayout,
  compilePolicy,
  createPane,
  evaluate,
  type LabelledOutcome,
  OutcomePanes,
  PerformanceMonitor,
  type PerformancePolicy,
  type ReferenceProfile,
  STATUS,
} from '@leeway/engine';
import { METRICS } from '@leeway/semconv';
import { describe, expect, test } from 'vitest';
import { classifierProfile, multiclassProfile, regressorProfile } from '../../engine/test/performance-profile.ts';
import { outcomesOf, METRICS as REFERENCE } from '../../engine/test/performance-traffic.ts';
import { ModelMetrics } from './model-metrics.ts';

const WINDOW = { paneMs: 1_000, paneCount: 4, sinceMs: 0 };

function exported(
  profile: ReferenceProfile,
  policy: PerformancePolicy,
  panes: readonly (readonly LabelledOutcome[])[],
) {
  const monitor = PerformanceMonitor.of(profile, policy, WINDOW)!;
  const gathered = OutcomePanes.of(profile, { paneMs: 1_000, segments: policy.segments ?? [] })!;
  for (const outcomes of panes) gathered.addOutcomes(outcomes);
  monitor.take(gathered.takeClosed(panes.length * 1_000));
  monitor.advance(panes.length * 1_000);
  while (monitor.next() !== undefined);
  return pointsOf(profile, { evaluation: monitor.evaluation, monitor });
}

function pointsOf(reference: ReferenceProfile, performance?: Parameters<typeof modelOf>[1], isEnded = false) {
  const families = new ModelMetrics(
    { monitored: () => [{ ...modelOf(reference, performance), isEnded }], unreferenced: () => [] },
    0,
  ).collect();
  return (name: string, attributes: Readonly<Record<string, string>> = {}) =>
    families
      .filter((family) => family.name === name)
      .flatMap((family) => ('points' in family ? family.points : []))
      .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value));
}

function modelOf(
  reference: ReferenceProfile,
  performance?: { readonly evaluation: PerformanceMonitor['evaluation']; readonly monitor: PerformanceMonitor },
) {
  const layout = compileLayout(reference);
  const totals = createPane(layout);
  const policy = compilePolicy(reference, {}, { windowMs: 4_000, paneMs: 1_000 });
  const evaluation = evaluate(layout, policy, { startMs: 0, endMs: 4_000, state: totals, filled: true });
  const key = {
    environment: 'test',
    model: 'm',
    version: '1',
    reference,
    layout,
    totals,
    evaluation,
    intervalMs: 1_000,
  };
  return { ...key, ...(performance === undefined ? {} : { performance }) };
}

const four = (of: (pane: number) => readonly LabelledOutcome[]) => [0, 1, 2, 3].map(of);
const quiet = four((pane) => outcomesOf(pane, { rows: 500, seed: pane, segments: pane % 2 }));
const AUROC = { 'ml.performance.metric': 'auroc' };

describe('a model with labels', () => {
  const policy = { metrics: ['auroc', 'accuracy'], targets: { auroc: 0.65 }, segments: ['country=de'] } as const;
  const points = exported(classifierProfile(REFERENCE), policy, quiet);

  test('the signal has a status and its rows', () => {
    const signal = { 'ml.signal': 'performance' };
    expect(points('ml.monitor.status', signal).map(({ value }) => value)).toEqual([STATUS.ok]);
    expect(points('ml.monitor.window.rows', signal)[0].value).toBe(2_000);
    expect(points('ml.monitor.last_evaluation.time', signal)[0].value).toBe(4);
  });

  test('score, noise, reference and interval of each metric, whole and by segment', () => {
    for (const segment of [undefined, 'country=de']) {
      const of = points('ml.performance.score', { ...AUROC, 'ml.performance.source': 'measured' }).filter(
        ({ attributes }) => attributes['ml.segment'] === segment,
      );
      expect(of.length).toBe(1);
      expect(of[0].attributes['ml.bad_side']).toBe('below');
      expect(of[0].value).toBeGreaterThan(0.79);
    }
    const [lower, upper] = ['lower', 'upper'].map(
      (side) => points('ml.performance.bound', { ...AUROC, 'ml.bound.side': side })[0],
    );
    expect(lower.value).toBeLessThan(5 / 6);
    expect(upper.value).toBeGreaterThan(5 / 6);
    expect(points('ml.performance.reference', AUROC)[0].value).toBeCloseTo(5 / 6, 12);
    expect(points('ml.performance.noise', AUROC)[0].value).toBeGreaterThan(0.001);
  });

  test('targets where there are some, thresholds everywhere', () => {
    const values = (name: string, metric: string) =>
      points(name, { 'ml.performance.metric': metric })
        .filter(({ attributes }) => attributes['ml.segment'] === undefined)
        .map(({ value }) => value);
    expect(values('ml.performance.target', 'auroc')).toEqual([0.65, expect.closeTo(0.6, 12)]);
    expect(values('ml.performance.target', 'accuracy')).toEqual([]);
    const [warning, critical] = values('ml.performance.threshold', 'accuracy');
    expect(warning).toBeLessThan(0.7);
    expect(critical).toBeLessThan(warning);
  });

  test('the gap on both sides, and every detector', () => {
    expect(points('ml.concept_drift.gap', AUROC).map(({ attributes }) => attributes['ml.bad_side'])).toEqual([
      'below',
      'above',
    ]);
    const [below] = points('ml.concept_drift.threshold', { ...AUROC, 'ml.bad_side': 'below', 'ml.level': 'warning' });
    expect(below.value).toBeLessThan(0);
    expect(points('ml.concept_drift.changes').length).toBe(4);
  });

  test('outcomes are counters that outlast their model', () => {
    const values = points('ml.performance.outcomes').map(({ value }) => value);
    expect(values.length).toBe(4);
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(2_000);
  });

  test('every series carries only attributes that the registry lists, and a finite value', () => {
    for (const name of Object.keys(METRICS))
      for (const { attributes, value } of points(name)) {
        expect(Number.isFinite(value)).toBe(true);
        const allowed: readonly string[] = METRICS[name as keyof typeof METRICS].attributes;
        expect(Object.keys(attributes).filter((key) => !allowed.includes(key))).toEqual([]);
      }
  });
});

test('a model whose reference or host has no labels is without data, never ok; outcomes are there at 0', () => {
  const profile = classifierProfile(REFERENCE);
  const none = pointsOf(profile);
  expect(none('ml.monitor.status', { 'ml.signal': 'performance' }).map(({ value }) => value)).toEqual([STATUS.noData]);
  expect(none('ml.performance.score')).toEqual([]);
  const monitor = PerformanceMonitor.of(profile, {}, WINDOW)!;
  const early = pointsOf(profile, { evaluation: monitor.evaluation, monitor });
  expect(early('ml.monitor.status', { 'ml.signal': 'performance' })[0].value).toBe(STATUS.noData);
  expect(early('ml.performance.outcomes').map(({ value }) => value)).toEqual([0, 0, 0, 0]);
  const ended = pointsOf(profile, { evaluation: monitor.evaluation, monitor }, true);
  expect(ended('ml.performance.outcomes').length).toBe(4);
  expect(ended('ml.monitor.status')).toEqual([]);
});

test('a bias has two bad sides and thresholds on either side of 0', () => {
  const profile = regressorProfile([
    { metric: 'mae', value: 1, standardError: 0.01 },
    { metric: 'bias', value: 0, standardError: 0.01 },
  ]);
  const panes = four((pane) =>
    outcomesOf(pane, { rows: 200, seed: pane }).map((one, i) => ({
      ...one,
      value: i % 10,
      truth: { label: undefined, value: (i % 10) + (i % 2 === 0 ? 1 : -1) },
    })),
  );
  const points = exported(profile, { metrics: ['bias'] }, panes);
  const [below, above] = ['below', 'above'].map(
    (side) => points('ml.performance.threshold', { 'ml.bad_side': side, 'ml.level': 'warning' })[0].value,
  );
  expect(below).toBe(-above);
  expect(points('ml.performance.score', { 'ml.performance.source': 'measured' }).length).toBe(2);
  const residuals = points('ml.performance.residual', { 'ml.window': 'current' });
  expect(residuals.map(({ attributes }) => attributes['ml.quantile'])).toEqual(['0.05', '0.25', '0.5', '0.75', '0.95']);
});

test('of more than ten classes the further ones are counted together', () => {
  const base = multiclassProfile();
  const classes = Array.from({ length: 12 }, (_, i) => `c${i}`);
  const performance = { ...base.performance!, classification: { classes, scoreEdges: [], calibration: [] } };
  const panes = [
    classes.map((label, i) => ({
      ...outcomesOf(0, { rows: 1, seed: i })[0],
      label,
      scores: [],
      truth: { label, value: 0 },
    })),
  ];
  const points = exported({ ...base, performance }, {}, panes);
  expect(points('ml.performance.outcomes').length).toBe(100);
  expect(points('ml.performance.outcomes', { 'ml.actual': 'other', 'ml.predicted': 'other' })[0].value).toBe(3);
  expect(points('ml.performance.outcomes', { 'ml.actual': 'c0', 'ml.predicted': 'c0' })[0].value).toBe(1);
});
