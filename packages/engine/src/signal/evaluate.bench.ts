/** What it costs to close a window: merge its panes, compare every column, judge. */
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { compileLayout } from '../sketch/layout.ts';
import type { Benchmark } from '../sketch/observe.bench.ts';
import { observe } from '../sketch/observe.ts';
import { clearPane, createPane, mergePane } from '../sketch/pane.ts';
import type { DriftMetric } from './evaluation.ts';
import { Monitor } from './monitor.ts';
import { compilePolicy } from './policy.ts';

const COLUMN_COUNT = 20;
/** What the sidecar computes unless it is told otherwise. */
const EXPORTED: readonly DriftMetric[] = ['psi', 'jensen_shannon', 'wasserstein'];

export function benchmarks(): readonly Benchmark[] {
  const stream = sampleStream(2);
  const draw = (rowCount: number) =>
    Array.from({ length: COLUMN_COUNT }, () => Array.from({ length: rowCount }, () => stream.normal()));
  const profile = profileOf(Object.fromEntries(draw(5000).map((cells, i) => [`c${i}`, cells])));
  const layout = compileLayout(profile);
  const panes = Array.from({ length: 12 }, () => {
    const pane = createPane(layout);
    const batch = batchOf(draw(500));
    observe(layout, pane, batch, allRows(batch), 0, 500);
    return pane;
  });
  const timing = { windowMs: 3_600_000, paneMs: 300_000 };
  const close = (paneCount: number, metrics?: readonly DriftMetric[]): (() => unknown) => {
    const monitor = new Monitor(layout, compilePolicy(profile, { metrics }, timing));
    const state = createPane(layout);
    return () => {
      clearPane(layout, state);
      for (let i = 0; i < paneCount; i++) mergePane(layout, state, panes[i]);
      return monitor.evaluate({ startMs: 0, endMs: 3_600_000, state, filled: true });
    };
  };
  const unit = { unit: 'series', unitCount: COLUMN_COUNT };
  return [
    { name: 'close a window of 1 pane', ...unit, run: close(1, EXPORTED) },
    { name: 'close a window of 12 panes', ...unit, run: close(12, EXPORTED) },
    { name: 'close a window of 12 panes, all metrics', ...unit, run: close(12) },
    { name: 'close a window of 12 panes, PSI only', ...unit, run: close(12, ['psi']) },
  ];
}
