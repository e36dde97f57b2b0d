/** Law: the OTLP path and `/metrics` carry the same series with the same values. */
import {
  COLUMN_SIGNALS,
  compileLayout,
  createPane,
  DRIFT_METRICS,
  type Evaluation,
  evaluateUnreferenced,
  type ReferenceProfile,
  STATUS,
} from '@leeway/engine';
import { METRICS, type MetricName } from '@leeway/semconv';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import type { MetricSource } from './metric-family.ts';
import { LeewayMetricProducer } from './metric-producer.ts';
import { ModelMetrics } from './model-metrics.ts';
import type { ModelState } from './model-state.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';
import { createPrometheusRegistry } from './prometheus-registry.ts';

const HOSTILE = 'a"b\\c\nd{e="f"} 1';

const numeric = {
  edges: [0, 10, 20],
  counts: [0, 30, 60, 10],
  sums: [0, 150, 900, 200],
  cuts: [1, 2],
  min: 0,
  max: 20,
  mean: 12.5,
  standardDeviation: 5,
  lower: 0,
  upper: 20,
};

const reference: ReferenceProfile = {
  schemaVersion: 1,
  id: 'sha256:00',
  createdAt: '2026-01-01T00:00:00Z',
  name: 'training',
  model: { name: 'm', owner: 'team', task: 'classification' },
  dataset: {},
  rowCount: 100,
  features: [
    {
      name: 'x',
      type: 'numeric',
      monitor: true,
      owner: 'data',
      rowCount: 100,
      missingCount: 0,
      typeErrorCount: 0,
      numeric,
    },
    {
      name: HOSTILE,
      type: 'categorical',
      monitor: true,
      rowCount: 100,
      missingCount: 2,
      typeErrorCount: 0,
      categorical: {
        categories: [
          { name: 'other', count: 50 },
          { name: HOSTILE, count: 48 },
        ],
        restCount: 0,
        distinctCount: 2,
        open: false,
      },
    },
  ],
  outputs: [
    { name: 'score', type: 'numeric', monitor: true, rowCount: 100, missingCount: 0, typeErrorCount: 0, numeric },
  ],
};

function column(name: string, role: 'feature' | 'output', seed: number): Evaluation['columns'][number] {
  const score = (metric: (typeof DRIFT_METRICS)[number], i: number) => ({
    metric,
    score: seed + i / 7,
    noise: 0.01,
    warning: 0.1,
    critical: 0.25,
    badSide: 'above' as const,
    alarms: i === 0,
  });
  return {
    name,
    role,
    monitored: true,
    currentSize: 1_000 + seed,
    referenceSize: 100,
    scores: DRIFT_METRICS.slice(0, 3).map(score),
    status: STATUS.warning,
    quality: [
      {
        rule: 'missing',
        ratio: seed / 100,
        referenceRatio: 0,
        currentSize: 1_000,
        referenceSize: 100,
        noise: 0.01,
        warning: 0.02,
        critical: 0.06,
        status: STATUS.ok,
      },
    ],
    quantiles: { reference: [1, 2, 3, 4, 5], current: [2, 3, 4, 5, 6 + seed] },
  };
}

const signal = { status: STATUS.ok, warningCount: 1, criticalCount: 0 };
const evaluation: Evaluation = {
  startMs: 0,
  endMs: 3_600_000,
  rowCount: 1_000,
  signals: Object.fromEntries(COLUMN_SIGNALS.map((name) => [name, signal])) as Evaluation['signals'],
  columns: [column('x', 'feature', 1), column(HOSTILE, 'feature', 2), column('score', 'output', 3)],
};

function stateOf(): ModelState {
  const layout = compileLayout(reference);
  const totals = createPane(layout).map((_, i) => (i * 7) % 11);
  const identity = { environment: 'production', model: 'm', version: '1' };
  const unknown = { environment: '', model: HOSTILE, version: '', intervalMs: 1_000 };
  return {
    monitored: () => [{ ...identity, reference, layout, totals, evaluation, intervalMs: 300_000 }],
    unreferenced: () => [{ ...unknown, evaluation: evaluateUnreferenced({ startMs: 0, endMs: 1, rowCount: 5 }) }],
  };
}

const seriesKey = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

async function overOtlp(source: MetricSource): Promise<Map<string, number>> {
  const producer = new LeewayMetricProducer({ sources: [source], now: () => 10_000, version: 'test' });
  const { resourceMetrics } = await producer.collect();
  const series = new Map<string, number>();
  for (const metric of resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)) {
    const { unit, instrument } = METRICS[metric.descriptor.name as MetricName];
    const name = prometheusName(metric.descriptor.name, unit, instrument);
    if (metric.dataPointType !== DataPointType.SUM && metric.dataPointType !== DataPointType.GAUGE) continue;
    for (const { attributes, value } of metric.dataPoints) {
      const labels = Object.fromEntries(
        Object.entries(attributes).map(([key, v]) => [prometheusLabel(key), String(v)]),
      );
      series.set(seriesKey(name, labels), value);
    }
  }
  return series;
}

async function overScrape(source: MetricSource): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (const line of (await createPrometheusRegistry([source]).render()).split('\n')) {
    const match = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const [, key, value] of match[2].matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[key] = value.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    }
    series.set(seriesKey(match[1], labels), Number(match[3]));
  }
  return series;
}

test('both paths give the same series and values, hostile names included', async () => {
  const source = new ModelMetrics(stateOf(), 0);
  const otlp = await overOtlp(source);
  const scrape = await overScrape(source);
  expect(otlp.size).toBeGreaterThan(100);
  expect(scrape).toEqual(otlp);
});

test('every family carries only attributes that the registry lists for it', () => {
  const violations = new ModelMetrics(stateOf(), 0).collect().flatMap((family) => {
    const allowed: readonly string[] = METRICS[family.name].attributes;
    const points = 'points' in family ? family.points : family.histograms;
    const unknown = points.flatMap((point) => Object.keys(point.attributes)).filter((key) => !allowed.includes(key));
    return [...new Set(unknown)].map((key) => `${family.name} carries ${key}`);
  });
  expect(violations).toEqual([]);
});

test('every counter of a model is there before its first observation, at 0', () => {
  const layout = compileLayout(reference);
  const model = {
    environment: 'e',
    model: 'm',
    version: '1',
    reference,
    layout,
    totals: createPane(layout),
    intervalMs: 1,
  };
  const families = new ModelMetrics({ monitored: () => [model], unreferenced: () => [] }, 0).collect();
  const observations = families.find((family) => family.name === 'ml.feature.observations');
  const points = observations !== undefined && 'points' in observations ? observations.points : [];
  expect(points.length).toBeGreaterThan(4);
  expect(points.every((point) => point.value === 0)).toBe(true);
});
