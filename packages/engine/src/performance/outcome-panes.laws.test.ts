import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifierProfile, regressorProfile } from '../../test/performance-profile.ts';
import { ErrorGathering, mergeErrors } from './error-stream.ts';
import type { LabelledOutcome } from './labelled-outcome.ts';
import { OutcomePanes } from './outcome-panes.ts';
import { mergePerformancePanes, type OutcomeSums, type PerformancePane, SUM_KEYS } from './performance-pane.ts';

const PANE_MS = 1_000;
const SEGMENTS = ['country=de', 'country=fr'];
const PROFILES = { classes: classifierProfile(), numbers: regressorProfile() };
const label = fc.constantFrom('no', 'yes', 'other', undefined);
const eighth = fc.integer({ min: 0, max: 8 }).map((n) => n / 8);
const truth = fc.record({ label, value: fc.oneof(eighth, fc.constant(Number.NaN)) });
/** Weights and times that sum exactly, so that order cannot show. */
const outcome: fc.Arbitrary<LabelledOutcome> = fc.record({
  label,
  value: fc.oneof(eighth, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
  scores: fc.oneof(
    { weight: 4, arbitrary: eighth.map((score) => [score]) },
    fc.constantFrom([], [Number.NaN], [2], [0.5, 0.5]),
  ),
  segments: fc.integer({ min: 0, max: 3 }),
  weight: fc.constantFrom(1, 2, 0.5),
  eventMs: fc.integer({ min: 0, max: 3_000 }),
  truth,
  arrivedMs: fc.integer({ min: 0, max: 3_999 }),
});
const outcomes = fc.array(outcome, { maxLength: 30 });
const kinds = fc.constantFrom('classes' as const, 'numbers' as const);

function panesOf(kind: keyof typeof PROFILES): OutcomePanes {
  return OutcomePanes.of(PROFILES[kind], { paneMs: PANE_MS, segments: SEGMENTS })!;
}
function filled(kind: keyof typeof PROFILES, list: readonly LabelledOutcome[]): OutcomePanes {
  const panes = panesOf(kind);
  panes.addOutcomes(list);
  for (const one of list)
    panes.addPredictions({
      count: 1,
      labels: [one.label],
      values: [one.value],
      ...(one.scores.length === 1 ? { scores: [[one.scores[0]]] } : {}),
      segments: [one.segments],
      weights: [one.weight],
      eventMs: [one.eventMs],
    });
  return panes;
}
const taken = (panes: OutcomePanes) => panes.takeClosed(Number.MAX_SAFE_INTEGER);

function expectSame(actual: readonly PerformancePane[], expected: readonly PerformancePane[]): void {
  expect(actual.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
  actual.forEach((pane, i) => {
    [pane.whole, ...pane.segments].forEach((sums, s) => {
      expectSums(sums, [expected[i].whole, ...expected[i].segments][s]);
    });
    expect(pane.errors).toEqual(expected[i].errors);
  });
}
/** Sums of logarithms depend on their order in the last digit. An array of zeros is as good as none. */
function expectSums(actual: OutcomeSums, expected: OutcomeSums): void {
  for (const key of SUM_KEYS) {
    const [one, other] = [actual[key], expected[key]];
    for (let i = 0; i < Math.max(one.length, other.length); i++) {
      const [a, b] = [one[i] ?? 0, other[i] ?? 0];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
    }
  }
}

test('the order of rows does not matter', () =>
  fc.assert(
    fc.property(kinds, outcomes, (kind, list) => {
      expectSame(taken(filled(kind, list)), taken(filled(kind, [...list].reverse())));
    }),
  ));

test('panes of two shards merged are those of one process', () =>
  fc.assert(
    fc.property(kinds, outcomes, outcomes, (kind, one, other) => {
      const merged = new Map<number, PerformancePane>();
      for (const pane of [...taken(filled(kind, one)), ...taken(filled(kind, other))]) {
        const present = merged.get(pane.index);
        merged.set(pane.index, present === undefined ? pane : mergePerformancePanes(present, pane));
      }
      const ascending = [...merged.values()].sort((a, b) => a.index - b.index);
      expectSame(ascending, taken(filled(kind, [...one, ...other])));
    }),
  ));

test('a correction leaves no trace of what it takes the place of, whether its arrival is known or not', () =>
  fc.assert(
    fc.property(kinds, outcomes, outcome, truth, fc.boolean(), (kind, list, wrong, right, isKnown) => {
      // Where its arrival is not known a correction goes by what the first truth left: its error, which must be its own.
      const others = isKnown ? list : list.map((one) => ({ ...one, eventMs: one.eventMs + 5_000 }));
      const isLeft = Number.isFinite(PROFILES[kind] === PROFILES.numbers ? wrong.value - wrong.truth.value : 0);
      const panes = panesOf(kind);
      panes.addOutcomes([...others, wrong]);
      const corrected = {
        ...wrong,
        truth: right,
        replaced: wrong.truth,
        ...(isKnown ? { replacedArrivedMs: wrong.arrivedMs } : {}),
      };
      panes.addOutcomes([corrected]);
      fc.pre(isKnown || (isLeft && panes.counts.corrected === 1));
      const direct = panesOf(kind);
      direct.addOutcomes([...others, { ...wrong, truth: right }]);
      expectSame(taken(panes), taken(direct));
    }),
  ));

test('what was stored and read again goes on as if nothing had been', () =>
  fc.assert(
    fc.property(kinds, outcomes, outcomes, (kind, before, after) => {
      const stored = filled(kind, before);
      const restored = panesOf(kind);
      expect(restored.restore(stored.snapshot())).toBe(true);
      expect(restored.counts).toEqual(stored.counts);
      stored.addOutcomes(after);
      restored.addOutcomes(after);
      expectSame(taken(restored), taken(stored));
    }),
  ));

test('no number in a pane is anything but finite, whatever comes', () =>
  fc.assert(
    fc.property(
      kinds,
      fc.array(
        fc.record({
          label,
          value: fc.double(),
          scores: fc.array(fc.double(), { maxLength: 3 }),
          segments: fc.integer(),
          weight: fc.oneof(fc.constant(1), fc.double()),
          eventMs: fc.double(),
          truth: fc.record({ label, value: fc.double() }),
          arrivedMs: fc.oneof(fc.integer({ min: 0, max: 9_999 }), fc.double()),
        }),
        { maxLength: 20 },
      ),
      (kind, list) => {
        const normal = list.map((one) => ({ ...one, weight: one.weight > 1e6 ? 1 : one.weight }));
        for (const { whole, segments, errors } of taken(filled(kind, normal))) {
          for (const sums of [whole, ...segments])
            for (const key of SUM_KEYS) expect(sums[key].every(Number.isFinite)).toBe(true);
          for (const array of [errors.arrivedMs, errors.eventMs, errors.errors, errors.counts])
            expect(array.every(Number.isFinite)).toBe(true);
        }
      },
    ),
  ));

test('of more errors than fit, those that stay do not depend on order or shards', () => {
  const entry = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1));
  const list = fc.array(entry, { maxLength: 120 });
  const gathered = (entries: readonly (readonly [number, number, number])[]) => {
    const gathering = new ErrorGathering(8);
    for (const [arrivedMs, eventMs, error] of entries) gathering.add(arrivedMs, eventMs, error);
    return gathering.stream();
  };
  fc.assert(
    fc.property(list, list, (one, other) => {
      const whole = gathered([...one, ...other]);
      expect(whole.errors.length).toBeLessThanOrEqual(8);
      const kept = whole.counts.reduce((sum, count) => sum + count, 0);
      expect(kept + whole.droppedCount).toBe(one.length + other.length);
      expect(gathered([...other, ...one].reverse())).toEqual(whole);
      expect(mergeErrors(gathered(one), gathered(other), 8)).toEqual(whole);
    }),
  );
});
