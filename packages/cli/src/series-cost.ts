/**
 * What a model costs a metric backend: series, and bytes a month at one sample a minute.
 *
 * The series are counted, not estimated: the exporter is asked what it would send for this reference after a window that
 * could be judged. 1.5 bytes a sample is in the middle of what Prometheus documents for its storage (1 to 2 bytes).
 */
import { compileLayout, compilePolicy, createPane, evaluate, type ReferenceProfile } from '@leeway/engine';
import { ModelMetrics } from '@leeway/exporter';
import { defaultPolicy } from '@leeway/sidecar';

export interface SeriesCost {
  readonly series: number;
  readonly gigabytesPerMonth: number;
}

const BYTES_PER_SAMPLE = 1.5;
const MINUTES_PER_MONTH = 30 * 24 * 60;
/** Rows in every field of a made-up window: enough to be judged. */
const ROWS = 10_000;

export function seriesCost(reference: ReferenceProfile): SeriesCost {
  const layout = compileLayout(reference);
  const windowMs = reference.time?.blockMs ?? 3_600_000;
  const policy = compilePolicy(reference, defaultPolicy(reference), { windowMs, paneMs: windowMs / 12 });
  const state = createPane(layout).fill(ROWS);
  const evaluation = evaluate(layout, policy, { startMs: 0, endMs: windowMs, state, filled: true });
  const identity = { environment: 'production', model: reference.model.name, version: reference.model.version ?? '1' };
  const model = { ...identity, reference, layout, totals: state, evaluation, intervalMs: windowMs / 12 };
  const families = new ModelMetrics({ monitored: () => [model], unreferenced: () => [] }, 0).collect();
  const series = families.reduce((sum, family) => sum + ('points' in family ? family.points.length : 0), 0);
  return { series, gigabytesPerMonth: (series * BYTES_PER_SAMPLE * MINUTES_PER_MONTH) / 1e9 };
}
