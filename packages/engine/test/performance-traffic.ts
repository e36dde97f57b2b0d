/** A classifier's traffic for tests: uniform scores that mean what they say, and less and less where noise is asked for. */

import {
  type LabelledOutcome,
  OutcomePanes,
  type PerformanceEvaluation,
  PerformanceMonitor,
  type PerformancePolicy,
  type ReferenceProfile,
} from '@leeway/engine';
import { expect } from 'vitest';
import { sampleStream } from './sample-stream.ts';

export const PANE_MS = 1_000;
export const WINDOW = { paneMs: PANE_MS, paneCount: 4, sinceMs: 0 };
/** Scores are uniform and mean what they say: accuracy .75, AUROC 5/6, Brier 1/6, log loss ½. */
export const METRICS = [
  { metric: 'accuracy', value: 0.75, standardError: 0.003 },
  { metric: 'auroc', value: 5 / 6, standardError: 0.003 },
  { metric: 'brier', value: 1 / 6, standardError: 0.001 },
  { metric: 'log_loss', value: 0.5, standardError: 0.003 },
] as const;
export const METRIC_POLICY: PerformancePolicy = { metrics: ['accuracy', 'auroc', 'brier', 'log_loss'] };

export interface Traffic {
  readonly rows: number;
  readonly seed: number;
  /** Of what is true: the chance that a score means nothing. */
  readonly noise?: number;
  readonly segments?: number;
}

export function outcomesOf(pane: number, { rows, seed, noise = 0, segments = 0 }: Traffic): LabelledOutcome[] {
  const stream = sampleStream(seed);
  return Array.from({ length: rows }, (_, i) => {
    const score = stream.uniform();
    const chance = stream.uniform() < noise ? 0.5 : score;
    const at = (pane + i / rows) * PANE_MS;
    return {
      label: score >= 0.5 ? 'yes' : 'no',
      value: Number.NaN,
      scores: [score],
      segments,
      weight: 1,
      eventMs: at - 500,
      truth: { label: stream.uniform() < chance ? 'yes' : 'no', value: Number.NaN },
      arrivedMs: at,
    };
  });
}

/** One evaluation a pane. */
export function run(
  profile: ReferenceProfile,
  policy: PerformancePolicy,
  panes: readonly (readonly LabelledOutcome[])[],
): PerformanceEvaluation[] {
  const gathered = OutcomePanes.of(profile, { paneMs: PANE_MS, segments: policy.segments ?? [] })!;
  const monitor = PerformanceMonitor.of(profile, policy, WINDOW)!;
  return panes.flatMap((outcomes, pane) => {
    gathered.addOutcomes(outcomes);
    for (const { label, value, scores, eventMs } of outcomes)
      gathered.addPredictions({
        count: 1,
        labels: [label],
        values: [value],
        scores: [[scores[0]]],
        eventMs: [eventMs],
      });
    monitor.take(gathered.takeClosed((pane + 1) * PANE_MS));
    monitor.advance((pane + 1) * PANE_MS);
    const evaluation = monitor.next();
    expect(monitor.next()).toBeUndefined();
    return evaluation === undefined ? [] : [evaluation];
  });
}

export const quiet = (from: number, to: number, seed = 1) =>
  Array.from({ length: to - from }, (_, i) => outcomesOf(from + i, { rows: 500, seed: seed + i }));
export const lastOf = (evaluations: readonly PerformanceEvaluation[]) => evaluations.at(-1)!;
export const metricOf = (evaluation: PerformanceEvaluation, name: string) =>
  evaluation.metrics.find(({ metric }) => metric === name)!;

export function everyNumber(value: unknown, visit: (number: number) => void): void {
  if (typeof value === 'number') visit(value);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) everyNumber(one, visit);
}
