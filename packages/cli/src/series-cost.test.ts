/** The estimate against what the exporter really gives for a model that a sidecar watches by its default configuration. */
import {
  CELL,
  type ColumnReference,
  compileLayout,
  compilePolicy,
  createPane,
  evaluate,
  OutcomePanes,
  observe,
  PerformanceMonitor,
  policyFor,
  type ReferenceProfile,
  windowSettings,
} from '@leeway/engine';
import { ModelMetrics } from '@leeway/exporter';
import { loadConfig } from '@leeway/sidecar';
import { expect, test } from 'vitest';
import { orders, profileFiles, toDelimited, writeTemporary } from '../test/sample-table.ts';
import { seriesCost } from './series-cost.ts';

const ROWS = 1000;

/** Of a sidecar that nobody configured. */
function defaultConfig() {
  const loaded = loadConfig('', 'leeway.yaml', {});
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.config;
}

/** Series after one evaluated window of rows that look like the reference. */
function exportedSeries(reference: ReferenceProfile): number {
  const layout = compileLayout(reference);
  const texts: string[] = [];
  const columns = [...reference.features, ...reference.outputs].map((column) => cellsLike(column, texts));
  const rows = Int32Array.from({ length: ROWS }, (_, i) => i);
  const pane = createPane(layout);
  const batch = {
    rowCount: ROWS,
    eventMs: new Float64Array(ROWS).fill(1),
    weights: new Float64Array(ROWS).fill(1),
    columns,
    texts: { generation: 1, size: texts.length, textAt: (id: number) => texts[id], numberAt: () => Number.NaN },
  };
  observe(layout, pane, batch, rows, 0, ROWS);
  const config = defaultConfig();
  const policy = compilePolicy(reference, policyFor(config, reference), windowSettings(config));
  const evaluation = evaluate(layout, policy, { startMs: 0, endMs: 1000, state: pane, filled: true });
  const model = { environment: 'test', model: 'm', version: '1', reference, layout, totals: pane, intervalMs: 1000 };
  const monitor = labelledMonitor(reference);
  const performance = monitor === undefined ? {} : { performance: { monitor, evaluation: monitor.evaluation } };
  const state = { monitored: () => [{ ...model, evaluation, ...performance }], unreferenced: () => [] };
  return new ModelMetrics(state, 0)
    .collect()
    .reduce((sum, family) => sum + ('points' in family ? family.points.length : family.histograms.length), 0);
}

/** After one window of labels; undefined where the reference has none. */
function labelledMonitor(reference: ReferenceProfile): PerformanceMonitor | undefined {
  const monitor = PerformanceMonitor.of(reference, {}, { paneMs: 1_000, paneCount: 1, sinceMs: 0 });
  const panes = OutcomePanes.of(reference, { paneMs: 1_000 });
  for (let row = 0; row < ROWS; row++) {
    const prediction = { label: row % 3 === 0 ? 'a' : 'b', value: Number.NaN, scores: [(row % 97) / 97] };
    const truth = { label: row % 4 === 0 ? 'a' : 'b', value: Number.NaN };
    panes?.addOutcomes([{ ...prediction, truth, segments: 0, weight: 1, eventMs: row, arrivedMs: row % 1_000 }]);
    const { label, value, scores } = prediction;
    panes?.addPredictions({ count: 1, labels: [label], values: [value], scores: [scores], eventMs: [row % 1_000] });
  }
  monitor?.take(panes?.takeClosed(1_000) ?? []);
  monitor?.advance(1_000);
  monitor?.next();
  return monitor;
}

function cellsLike({ numeric, categorical }: ColumnReference, texts: string[]) {
  const kind = numeric === undefined ? CELL.text : CELL.number;
  const kinds = new Uint8Array(ROWS).fill(kind);
  const values = new Float64Array(ROWS);
  const firstId = texts.length;
  texts.push(...(categorical?.categories ?? []).map(({ name }) => name));
  for (let i = 0; i < ROWS; i++) {
    values[i] =
      numeric === undefined ? firstId + (i % categorical!.categories.length) : numeric.edges[i % numeric.edges.length];
  }
  return { kinds, values };
}

test.each([
  [200, {}],
  [5000, {}],
  [5000, { label: 'truth' }],
])('what inspect says a reference of %i rows costs is what it costs, within 2 %%: %o', async (count, request) => {
  const rows = orders(count).map((row, i) => ({
    ...row,
    score: ((i * 31) % 97) / 97,
    class: i % 3 === 0 ? 'a' : 'b',
    truth: i % 5 === 0 ? 'a' : 'b',
  }));
  const { profile } = await profileFiles([writeTemporary('orders.csv', toDelimited(rows, ','))], {
    ...request,
    predictions: new Map([
      ['score', 'score'],
      ['class', 'label'],
    ]),
  });
  const exported = exportedSeries(profile);
  const { series } = seriesCost(profile);
  expect(exported).toBeGreaterThan(100);
  expect(Math.abs(series - exported) / exported, `${series} said, ${exported} exported`).toBeLessThan(0.02);
});
