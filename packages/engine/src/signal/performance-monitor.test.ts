import { describe, expect, test } from 'vitest';
import { classifierProfile, regressorProfile } from '../../test/performance-profile.ts';
import {
  lastOf,
  METRIC_POLICY,
  METRICS,
  metricOf,
  outcomesOf,
  PANE_MS,
  quiet,
  run,
  WINDOW,
} from '../../test/performance-traffic.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { LabelledOutcome } from '../performance/labelled-outcome.ts';
import { OutcomePanes } from '../performance/outcome-panes.ts';
import { STATUS } from './evaluation.ts';
import { PerformanceMonitor } from './performance-monitor.ts';
import type { PerformancePolicy } from './performance-policy.ts';

describe('a model that is as right as its reference', () => {
  const evaluations = run(classifierProfile(METRICS), METRIC_POLICY, quiet(0, 12));

  test('is filling until a whole window was watched, then ok', () => {
    expect(evaluations.slice(0, 3).map(({ status, reason }) => [status, reason])).toEqual(
      Array(3).fill([STATUS.insufficientData, 'filling']),
    );
    expect(evaluations.slice(3).every(({ status }) => status === STATUS.ok)).toBe(true);
  });

  test('measured lies within its confidence sequence of what is true, estimated beside it', () => {
    const { metrics, labelCount, labelSize } = lastOf(evaluations);
    expect([labelCount, labelSize]).toEqual([2_000, 2_000]);
    for (const { metric, measured, estimated } of metrics) {
      const truth = METRICS.find((one) => one.metric === metric)!.value;
      expect(measured!.lower).toBeLessThan(truth);
      expect(measured!.upper).toBeGreaterThan(truth);
      expect(Math.abs(estimated!.value - truth)).toBeLessThan(5 * measured!.standardError);
    }
    expect(metricOf(lastOf(evaluations), 'auroc').measured!.binLower).toBeLessThan(5 / 6);
  });

  test('has no gap between the two, and no detector that found a change', () => {
    const { concept } = lastOf(evaluations);
    expect(concept.status).toBe(STATUS.ok);
    expect(concept.gaps.map(({ metric }) => metric)).toEqual(METRIC_POLICY.metrics);
    expect(concept.detectors.map(({ detector }) => detector)).toEqual(['adwin', 'page_hinkley', 'cusum', 'ddm']);
    for (const { detector, changeCount, seenCount } of concept.detectors) {
      expect(seenCount).toBe(6_000);
      // DDM gives many false alarms: it is for comparison.
      if (detector !== 'ddm') expect([detector, changeCount]).toEqual([detector, 0]);
    }
  });
});

describe('a model whose scores come to mean less', () => {
  const panes = [
    ...quiet(0, 8),
    ...Array.from({ length: 8 }, (_, i) => outcomesOf(8 + i, { rows: 500, seed: 90 + i, noise: 0.95 })),
    ...quiet(16, 28, 50),
  ];
  const evaluations = run(classifierProfile(METRICS), METRIC_POLICY, panes);

  test('is critical once the window is full of it, by what it does and against what was expected', () => {
    const drifted = evaluations[15];
    expect(drifted.status).toBe(STATUS.critical);
    expect(drifted.concept.status).toBe(STATUS.critical);
    const accuracy = metricOf(drifted, 'accuracy');
    expect(accuracy.measured!.value).toBeLessThan(accuracy.thresholds!.critical);
    // What is estimated cannot see it: inputs did not move.
    expect(accuracy.estimated!.value).toBeGreaterThan(0.72);
    const gap = drifted.concept.gaps.find(({ metric }) => metric === 'accuracy')!;
    expect(gap.gap).toBeLessThan(-gap.critical);
  });

  test('every detector finds it within one pane, and says which way', () => {
    for (const { detector, lastChangeMs, lastChange } of evaluations[9].concept.detectors) {
      expect([detector, lastChange]).toEqual([detector, 'increase']);
      expect(lastChangeMs).toBeGreaterThan(8 * PANE_MS);
    }
  });

  test('is ok again two calm evaluations after the last of it has left the window', () => {
    expect(evaluations[16].status).toBe(STATUS.critical);
    expect(lastOf(evaluations).status).toBe(STATUS.ok);
  });
});

describe('limits', () => {
  const profile = classifierProfile(METRICS);
  const judged = (policy: PerformancePolicy, noise = 0) =>
    lastOf(
      run(
        profile,
        policy,
        Array.from({ length: 4 }, (_, i) => outcomesOf(i, { rows: 500, seed: i, noise })),
      ),
    );

  test("without a target it is the reference less the margin, with the reference's own error", () => {
    const { limits, thresholds, isTarget } = metricOf(judged(METRIC_POLICY), 'accuracy');
    expect(isTarget).toBe(false);
    expect(limits!.warning).toBeCloseTo(0.7, 12);
    expect(limits!.critical).toBeCloseTo(0.65, 12);
    expect(thresholds!.warning).toBeLessThan(0.7);
    expect(thresholds!.critical).toBeLessThan(thresholds!.warning);
  });

  test('a target takes the place of both; a metric where less is better has its threshold above', () => {
    const evaluation = judged({ metrics: ['auroc', 'brier'], targets: { auroc: 0.65, brier: 0.1 } });
    const [auroc, brier] = evaluation.metrics;
    expect(auroc.limits).toEqual({ warning: 0.65, critical: 0.65 - 0.05 });
    expect([auroc.badSides, auroc.status]).toEqual([['below'], STATUS.ok]);
    expect(brier.badSides).toEqual(['above']);
    expect(brier.thresholds!.warning).toBeGreaterThan(0.1);
    expect(brier.status).toBe(STATUS.warning);
  });

  test('a metric alarms exactly when its confidence sequence lies beyond the limit', () => {
    for (const [name, target] of [
      ['log_loss', 0.6],
      ['accuracy', 0.68],
      ['auroc', 0.75],
    ] as const) {
      const seen = new Set<boolean>();
      for (let noise = 0; noise <= 1; noise += 0.1) {
        const { measured, status, badSides } = metricOf(
          judged({ metrics: [name], targets: { [name]: target } }, noise),
          name,
        );
        const isBeyond = badSides[0] === 'above' ? measured!.lower > target : measured!.upper < target;
        expect([name, noise, status >= STATUS.warning]).toEqual([name, noise, isBeyond]);
        seen.add(isBeyond);
      }
      expect(seen.size).toBe(2);
    }
  });

  test('a policy that fits no reference says what and how', () => {
    const compile = (policy: PerformancePolicy) => () => PerformanceMonitor.of(profile, policy, WINDOW);
    expect(compile({ targets: { auroc: 65 } })).toThrow('performance.targets.auroc: is 65: auroc is from 0 to 1');
    expect(compile({ metrics: ['mae'] })).toThrow('mae does not fit a model of classification');
    expect(compile({ metrics: [] })).toThrow('is empty');
    expect(compile({ metrics: ['auc' as 'auroc'] })).toThrow('no metric "auc"');
    expect(compile({ margins: { auroc: { warning: 0.2, critical: 0.1 } } })).toThrow('0 ≤ warning ≤ critical');
    expect(compile({ targets: { auroc: { warning: 0.6, critical: 0.7 } } })).toThrow('the second must be the worse');
    expect(compile({ labelsMin: 0 })).toThrow('labelsMin');
  });
});

test('a bias is judged on both sides', () => {
  const profile = regressorProfile([
    { metric: 'mae', value: 1, standardError: 0.01 },
    { metric: 'bias', value: 0, standardError: 0.01 },
  ]);
  const stream = sampleStream(4);
  for (const shift of [-3, 0, 3]) {
    const panes = Array.from({ length: 4 }, (_, pane) =>
      Array.from({ length: 300 }, (_unused, i): LabelledOutcome => {
        const truth = stream.normal();
        const at = (pane + i / 300) * PANE_MS;
        const value = truth + shift + stream.normal();
        return {
          label: undefined,
          value,
          scores: [],
          segments: 0,
          weight: 1,
          eventMs: at,
          truth: { label: undefined, value: truth },
          arrivedMs: at,
        };
      }),
    );
    const bias = metricOf(lastOf(run(profile, { metrics: ['bias', 'mae'] }, panes)), 'bias');
    expect(bias.badSides).toEqual(['below', 'above']);
    expect(bias.status).toBe(shift === 0 ? STATUS.ok : STATUS.critical);
    expect(Math.sign(bias.measured!.value)).toBe(shift === 0 ? Math.sign(bias.measured!.value) : Math.sign(shift));
  }
});

test("a segment that is worse makes the model's status, though the whole is well", () => {
  const panes = Array.from({ length: 6 }, (_, i) => [
    ...outcomesOf(i, { rows: 2_000, seed: i }),
    ...outcomesOf(i, { rows: 150, seed: 40 + i, noise: 1, segments: 1 }),
  ]);
  const policy = { ...METRIC_POLICY, segments: ['country=de', 'country=fr'] };
  const last = lastOf(run(classifierProfile(METRICS), policy, panes));
  expect(last.metrics.every(({ status }) => status === STATUS.ok)).toBe(true);
  expect(last.segments.map(({ segment, status, reason }) => [segment, status, reason])).toEqual([
    ['country=de', STATUS.critical, undefined],
    ['country=fr', STATUS.noData, 'no_labels'],
  ]);
  expect(last.status).toBe(STATUS.critical);
});

test('panes of two shards, in any order, give the evaluation of one process', () => {
  const profile = classifierProfile(METRICS);
  const panes = quiet(0, 6);
  const whole = PerformanceMonitor.of(profile, METRIC_POLICY, WINDOW)!;
  const sharded = PerformanceMonitor.of(profile, METRIC_POLICY, WINDOW)!;
  const one = OutcomePanes.of(profile, { paneMs: PANE_MS })!;
  const [odd, even] = [0, 1].map(() => OutcomePanes.of(profile, { paneMs: PANE_MS })!);
  for (const outcomes of panes) {
    one.addOutcomes(outcomes);
    odd.addOutcomes(outcomes.filter((_, i) => i % 2 === 1));
    even.addOutcomes(outcomes.filter((_, i) => i % 2 === 0));
  }
  whole.take(one.takeClosed(6_000));
  sharded.take([...even.takeClosed(6_000)].reverse());
  sharded.take(odd.takeClosed(6_000));
  for (const monitor of [whole, sharded]) monitor.advance(6_000);
  for (let i = 0; i < 6; i++) {
    const [a, b] = [whole.next()!, sharded.next()!];
    expect(b.concept.detectors).toEqual(a.concept.detectors);
    expect(b.metrics.map(({ status }) => status)).toEqual(a.metrics.map(({ status }) => status));
    b.metrics.forEach(({ measured }, m) => {
      expect(measured!.value).toBeCloseTo(a.metrics[m].measured!.value, 12);
    });
  }
  expect([...sharded.outcomes]).toEqual([...whole.outcomes]);
});

test('what was stored and read again goes on with its windows and alarms; other bytes change nothing', () => {
  const profile = classifierProfile(METRICS);
  const noisy = Array.from({ length: 5 }, (_, i) => outcomesOf(i, { rows: 500, seed: i, noise: 1 }));
  const gathered = OutcomePanes.of(profile, { paneMs: PANE_MS })!;
  const first = PerformanceMonitor.of(profile, METRIC_POLICY, WINDOW)!;
  for (const outcomes of noisy) gathered.addOutcomes(outcomes);
  first.take(gathered.takeClosed(5_000));
  first.advance(5_000);
  for (let i = 0; i < 5; i++) first.next();
  const second = PerformanceMonitor.of(profile, METRIC_POLICY, WINDOW)!;
  const bytes = first.snapshot();
  expect(second.restore(bytes)).toBe(true);
  expect([...second.outcomes]).toEqual([...first.outcomes]);
  gathered.addOutcomes(outcomesOf(5, { rows: 500, seed: 5 }));
  const panes = gathered.takeClosed(6_000);
  for (const monitor of [first, second]) {
    monitor.take(structuredClone(panes));
    monitor.advance(6_000);
  }
  const [a, b] = [first.next()!, second.next()!];
  expect(a.status).toBe(STATUS.critical);
  expect(b).toEqual(a);
  const other = PerformanceMonitor.of(profile, { metrics: ['auroc'] }, WINDOW)!;
  expect(other.restore(bytes)).toBe(false);
  expect(other.restore(bytes.subarray(8))).toBe(false);
});
