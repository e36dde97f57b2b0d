import { expect, test } from 'vitest';
import { classifierProfile, multiclassProfile, regressorProfile } from '../../test/performance-profile.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { CONFUSION_OFFSET, OUTCOME } from './classification-layout.ts';
import type { LabelledOutcome } from './labelled-outcome.ts';
import { OutcomePanes } from './outcome-panes.ts';
import { REGRESSION_SUM } from './regression-outcomes.ts';

const OPTIONS = { paneMs: 1_000 };
const HIT: LabelledOutcome = {
  label: 'yes',
  value: Number.NaN,
  scores: [0.75],
  segments: 0,
  weight: 1,
  eventMs: 100,
  truth: { label: 'yes', value: Number.NaN },
  arrivedMs: 5_500,
};
const MISS = { ...HIT, truth: { label: 'no', value: Number.NaN } };
const confusion = (state: Float64Array) => [...state.subarray(CONFUSION_OFFSET, CONFUSION_OFFSET + 4)];

test('a profile without performance has no panes', () => {
  expect(OutcomePanes.of(profileOf({ x: [1, 2, 3] }, { noiseTables: false }), OPTIONS)).toBeUndefined();
});

test('which probabilities are expected: the positive class of two, each of more, none of numbers', () => {
  const classesOf = (profile: Parameters<typeof OutcomePanes.of>[0]) => OutcomePanes.of(profile, OPTIONS)?.scoreClasses;
  expect(classesOf(classifierProfile())).toEqual(['yes']);
  expect(classesOf(multiclassProfile())).toEqual(['a', 'b', 'c']);
  expect(classesOf(regressorProfile())).toEqual([]);
});

test('a truth goes into the pane of its arrival, a prediction into that of its own time', () => {
  const panes = OutcomePanes.of(classifierProfile(), OPTIONS)!;
  panes.addOutcomes([HIT, MISS]);
  panes.addPredictions({ count: 1, scores: [[0.75]], eventMs: [2_100] });
  const [made, learned] = panes.takeClosed(6_000);
  expect([made.index, learned.index]).toEqual([2, 5]);
  expect(made.whole.measured.length).toBe(0);
  expect(made.whole.estimated[OUTCOME.weight]).toBeCloseTo(1, 12);
  // Rows of `no`, then of `yes`; columns as predicted.
  expect(confusion(learned.whole.measured)).toEqual([0, 1, 0, 1]);
  expect([...learned.errors.errors]).toEqual([0, 1]);
});

test('without a label the likeliest class was predicted; a score of the label does for a probability', () => {
  const panes = OutcomePanes.of(classifierProfile(), OPTIONS)!;
  panes.addOutcomes([
    { ...HIT, label: undefined, scores: [0.4] },
    { ...HIT, label: 'no', scores: [], value: 0.9 },
  ]);
  const [{ whole }] = panes.takeClosed(6_000);
  expect(confusion(whole.measured)).toEqual([0, 0, 2, 0]);
  expect(whole.measured[OUTCOME.scoredWeight]).toBe(2);
});

test('a correction after its pane was closed is counted, and what was closed stays', () => {
  const panes = OutcomePanes.of(classifierProfile(), OPTIONS)!;
  panes.addOutcomes([HIT]);
  expect(panes.takeClosed(6_000).length).toBe(1);
  panes.addOutcomes([{ ...MISS, arrivedMs: 6_100, replaced: HIT.truth, replacedArrivedMs: 5_500 }]);
  expect(panes.counts).toMatchObject({ corrected: 0, correctedLate: 1 });
  const [{ whole }] = panes.takeClosed(7_000);
  expect(confusion(whole.measured)).toEqual([0, 1, 0, 0]);
});

test('what is left out is counted by its reason', () => {
  const panes = OutcomePanes.of(classifierProfile(), { ...OPTIONS, openPanesMax: 2 })!;
  panes.takeClosed(5_000);
  panes.addOutcomes([
    { ...HIT, arrivedMs: 4_999 },
    { ...HIT, arrivedMs: Number.NaN },
    { ...HIT, weight: 0 },
  ]);
  panes.addPredictions({ count: 2, scores: [[0.5, 0.5]], eventMs: [1, 5_001] });
  panes.addPredictions({ count: 2, scores: [[0.5, 0.5]], eventMs: [6_001, 7_001] });
  expect(panes.counts).toEqual({
    latePredictions: 1,
    lateOutcomes: 1,
    noTime: 1,
    badWeight: 1,
    corrected: 0,
    correctedLate: 0,
    closedEarly: 1,
    droppedPanes: 0,
  });
  expect(panes.takeClosed(5_000).map(({ index }) => index)).toEqual([5]);
});

test('probabilities outside [0, 1] or that sum to 2, and unknown classes, are counted and judged as far as can be', () => {
  const panes = OutcomePanes.of(multiclassProfile(), OPTIONS)!;
  const row = { ...HIT, label: 'a', truth: { label: 'a', value: Number.NaN } };
  panes.addOutcomes([
    { ...row, scores: [1.5, 0, 0] },
    { ...row, scores: [1, 0.5, 0.5] },
    { ...row, scores: [1, 0, 0], truth: { label: 'unheard of', value: Number.NaN } },
    { ...row, scores: [1, 0, 0], truth: { label: undefined, value: Number.NaN } },
  ]);
  const [{ whole, errors }] = panes.takeClosed(6_000);
  expect(whole.measured[OUTCOME.badScores]).toBe(2);
  expect(whole.measured[OUTCOME.unknownClass]).toBe(2);
  expect(whole.measured[OUTCOME.weight]).toBe(2);
  expect([...errors.counts]).toEqual([2]);
});

test('of numbers the loss is estimated by the size of the prediction', () => {
  const panes = OutcomePanes.of(regressorProfile(), OPTIONS)!;
  panes.addPredictions({ count: 3, values: [0.5, 1.5, Number.NaN], eventMs: [1, 2, 3] });
  const [{ whole }] = panes.takeClosed(1_000);
  expect(whole.estimated[REGRESSION_SUM.absoluteError]).toBe(1 + 3);
  expect(whole.estimated[REGRESSION_SUM.badValue]).toBe(1);
});

test('bytes of another pane length, of other segments, cut or flipped, change nothing', () => {
  const panes = OutcomePanes.of(classifierProfile(), OPTIONS)!;
  panes.addOutcomes([HIT, MISS]);
  const bytes = panes.snapshot();
  const other = OutcomePanes.of(classifierProfile(), { paneMs: 2_000 })!;
  expect(other.restore(bytes)).toBe(false);
  expect(OutcomePanes.of(classifierProfile(), { ...OPTIONS, segments: ['a=b'] })!.restore(bytes)).toBe(false);
  expect(OutcomePanes.of(regressorProfile(), OPTIONS)!.restore(bytes)).toBe(false);
  for (let at = 0; at < bytes.length; at += 97) {
    const flipped = bytes.slice();
    flipped[at] ^= 1;
    expect(panes.restore(flipped)).toBe(false);
    expect(panes.restore(bytes.subarray(0, at))).toBe(false);
  }
  expect(panes.takeClosed(6_000).length).toBe(1);
});

test('more segments than ten are refused', () => {
  const segments = Array.from({ length: 11 }, (_, i) => `k=${i}`);
  expect(() => OutcomePanes.of(classifierProfile(), { ...OPTIONS, segments })).toThrow('at most 10');
});
