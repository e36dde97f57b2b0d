import { describe, expect, test } from 'vitest';
import { classifierProfile, multiclassProfile, regressorProfile } from '../../test/performance-profile.ts';
import {
  everyNumber,
  lastOf,
  METRIC_POLICY,
  METRICS,
  metricOf,
  outcomesOf,
  PANE_MS,
  run,
  WINDOW,
} from '../../test/performance-traffic.ts';
import type { LabelledOutcome } from '../performance/labelled-outcome.ts';
import { OutcomePanes } from '../performance/outcome-panes.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { STATUS } from './evaluation.ts';
import { PerformanceMonitor } from './performance-monitor.ts';
import type { PerformancePolicy } from './performance-policy.ts';

describe('what cannot be judged has a status and a reason', () => {
  const policy: PerformancePolicy = {};
  const profile = classifierProfile(METRICS);
  const four = (outcomes: (pane: number) => LabelledOutcome[]) => [0, 1, 2, 3].map(outcomes);
  const plain = (pane: number) => outcomesOf(pane, { rows: 500, seed: pane });

  test('no label yet: no data, though performance is estimated', () => {
    const gathered = OutcomePanes.of(profile, { paneMs: PANE_MS })!;
    const monitor = PerformanceMonitor.of(profile, policy, WINDOW)!;
    expect([monitor.evaluation.status, monitor.evaluation.reason]).toEqual([STATUS.noData, 'no_labels']);
    gathered.addPredictions({ count: 3, scores: [[0.2, 0.6, 0.9]], eventMs: [1, 2, 3] });
    monitor.take(gathered.takeClosed(PANE_MS));
    monitor.advance(PANE_MS);
    const { status, reason, metrics, predictionCount, concept } = monitor.next()!;
    expect([status, reason, predictionCount]).toEqual([STATUS.noData, 'no_labels', 3]);
    expect(metrics[0].estimated!.value).toBeCloseTo((0.8 + 0.6 + 0.9) / 3, 12);
    expect([concept.status, concept.reason]).toEqual([STATUS.noData, 'no_labels']);
  });

  test('windows without a label after there were some: stale, and an alarm is kept', () => {
    const panes = [...four((pane) => outcomesOf(pane, { rows: 500, seed: pane, noise: 1 })), ...Array(8).fill([])];
    const evaluations = run(profile, METRIC_POLICY, [...panes, ...[12, 13, 14, 15].map(plain)]);
    expect(evaluations[3].status).toBe(STATUS.critical);
    expect([evaluations[11].status, evaluations[11].reason]).toEqual([STATUS.stale, 'stale']);
    expect(evaluations[12].status).toBe(STATUS.critical);
  });

  test.each([
    ['few labels', profile, policy, four((pane) => plain(pane).slice(0, 20)), 'few_labels'],
    [
      'labels of one class: nothing can be ranked',
      profile,
      { metrics: ['auroc'] } as const,
      four((pane) => plain(pane).map((one) => ({ ...one, truth: { label: 'yes', value: Number.NaN } }))),
      'one_class',
    ],
    [
      'labels of a class that nobody knows',
      profile,
      policy,
      four((pane) => plain(pane).map((one) => ({ ...one, truth: { label: 'maybe', value: Number.NaN } }))),
      'no_labels',
    ],
    [
      'probabilities that are none',
      profile,
      { metrics: ['auroc'] } as const,
      four((pane) => plain(pane).map((one) => ({ ...one, scores: [7] }))),
      'no_scores',
    ],
    [
      'probabilities that sum to 2',
      multiclassProfile([{ metric: 'log_loss', value: 0.5 }]),
      { metrics: ['log_loss'] } as const,
      four((pane) =>
        plain(pane).map((one) => ({ ...one, label: 'a', truth: { label: 'b', value: 0 }, scores: [1, 0.5, 0.5] })),
      ),
      'no_scores',
    ],
    [
      'a target that does not vary',
      regressorProfile([{ metric: 'r2', value: 0.9 }]),
      { metrics: ['r2'] } as const,
      four((pane) => plain(pane).map((one) => ({ ...one, value: 1, truth: { label: undefined, value: 5 } }))),
      'constant_truth',
    ],
    [
      'truths that are all 0, of which nothing is a share',
      regressorProfile([{ metric: 'mape', value: 0.1 }]),
      { metrics: ['mape'] } as const,
      four((pane) => plain(pane).map((one) => ({ ...one, value: 1, truth: { label: undefined, value: 0 } }))),
      'truth_near_zero',
    ],
    [
      'a reference of ten rows',
      withRows(classifierProfile(METRICS), 10),
      METRIC_POLICY,
      four(plain),
      'few_reference_rows',
    ],
    ['a reference without values, and no target', classifierProfile([]), policy, four(plain), 'no_reference'],
  ] as const)('%s', (_, reference, own, panes, reason) => {
    const last = lastOf(run(reference, own, panes));
    expect(last.reason).toBe(reason);
    expect(last.status).toBeLessThan(STATUS.ok);
    for (const evaluation of run(reference, own, panes))
      everyNumber(evaluation, (number) => expect(Number.isFinite(number)).toBe(true));
  });

  test('a target is judged whatever the reference is', () => {
    const last = lastOf(
      run(withRows(classifierProfile(METRICS), 10), { metrics: ['auroc'], targets: { auroc: 0.65 } }, four(plain)),
    );
    expect(last.status).toBe(STATUS.ok);
  });
});

test('three rows of a rare class that are all wrong are no proof', () => {
  const profile = classifierProfile([{ metric: 'recall', value: 0.7, standardError: 0.02 }]);
  const rare = (pane: number) =>
    outcomesOf(pane, { rows: 300, seed: pane }).map(
      (one, i): LabelledOutcome => ({
        ...one,
        label: 'no',
        scores: [0.1],
        truth: { label: i === 0 && pane < 3 ? 'yes' : 'no', value: Number.NaN },
      }),
    );
  const recall = metricOf(lastOf(run(profile, { metrics: ['recall'] }, [0, 1, 2, 3].map(rare))), 'recall');
  expect(recall.measured).toMatchObject({ value: 0, standardError: 0 });
  expect(recall.status).toBe(STATUS.ok);
});

function withRows(profile: ReferenceProfile, rowCount: number): ReferenceProfile {
  return { ...profile, performance: { ...profile.performance!, rowCount } };
}
