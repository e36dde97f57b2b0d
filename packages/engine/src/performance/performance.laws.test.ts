import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classificationLayout } from './classification-layout.ts';
import { addClassified, type ClassifiedOutcome, emptyOutcomes, mergeOutcomes } from './classification-outcomes.ts';
import { classificationScores } from './classification-scores.ts';
import { addRegressed, regressionLayout, regressionScores } from './regression-outcomes.ts';

const CLASSES = ['a', 'b', 'c'];
const layout = classificationLayout(
  CLASSES,
  CLASSES.map(() => [0.1, 0.3, 0.5, 0.7, 0.9]),
);
/** Eighths, so that sums are exact in any order. */
const eighths = fc
  .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }))
  .map(([a, b]) => [Math.min(a, b) / 8, Math.abs(a - b) / 8, 1 - Math.max(a, b) / 8]);
const wild = fc.array(fc.double(), { maxLength: 4 });
const outcome: fc.Arbitrary<ClassifiedOutcome> = fc.record({
  actual: fc.integer({ min: -1, max: 3 }),
  predicted: fc.integer({ min: -1, max: 3 }),
  scores: fc.oneof({ weight: 5, arbitrary: eighths }, wild, fc.constant(undefined)),
});
const outcomes = fc.array(outcome, { maxLength: 40 });

function filled(list: readonly ClassifiedOutcome[], weight = 1): Float64Array {
  const state = emptyOutcomes(layout);
  for (const one of list) addClassified(layout, state, one, weight);
  return state;
}
/** Sums of logarithms depend on their order in the last digit; everything else is exact. */
function expectSame(actual: Float64Array, expected: Float64Array): void {
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[i])));
  });
}

test('merging equals taking all of them in, in any order', () =>
  fc.assert(
    fc.property(outcomes, outcomes, (one, other) => {
      const merged = filled(one);
      mergeOutcomes(merged, filled(other));
      expectSame(merged, filled([...other, ...one]));
    }),
  ));

test('an outcome that is taken out again was never there', () =>
  fc.assert(
    fc.property(outcomes, outcome, (list, wrong) => {
      const state = filled([...list, wrong]);
      addClassified(layout, state, wrong, -1);
      expectSame(state, filled(list));
    }),
  ));

test('weight 4 is four copies, but for the effective size', () =>
  fc.assert(
    fc.property(outcomes, (list) => {
      const weighted = classificationScores(layout, filled(list, 4));
      const copies = classificationScores(layout, filled([...list, ...list, ...list, ...list]));
      expect(weighted.rowCount).toBe(copies.rowCount);
      expect(weighted.effectiveSize).toBe(copies.effectiveSize / 4);
      for (const metric of ['accuracy', 'f1', 'auroc', 'average_precision', 'ece', 'brier'] as const) {
        const [one, other] = [weighted[metric], copies[metric]];
        if ('value' in one && 'value' in other) expect(one.value).toBeCloseTo(other.value, 12);
        else expect(one).toEqual(other);
      }
    }),
  ));

test('whatever comes, every score is finite and within its bounds', () =>
  fc.assert(
    fc.property(outcomes, (list) => {
      const scores = classificationScores(layout, filled(list));
      for (const metric of ['accuracy', 'precision', 'recall', 'f1', 'auroc', 'average_precision', 'ece'] as const) {
        const score = scores[metric];
        if (!('value' in score)) continue;
        expect(score.value).toBeGreaterThanOrEqual(0);
        expect(score.value).toBeLessThanOrEqual(1 + 1e-12);
        if (score.lower !== undefined) expect(score.lower).toBeLessThanOrEqual(score.value + 1e-12);
        if (score.upper !== undefined) expect(score.upper).toBeGreaterThanOrEqual(score.value - 1e-12);
      }
      const { log_loss, brier } = scores;
      for (const score of [log_loss, brier]) if ('value' in score) expect(score.value).toBeGreaterThanOrEqual(0);
    }),
  ));

test('regression: merge, take out, and never anything that is not finite', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 30 }),
      fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })),
      (list, [prediction, truth]) => {
        const regression = regressionLayout(0, 1e-9, [-1, 0, 1]);
        const state = emptyOutcomes(regression);
        for (const [one, other] of list) addRegressed(regression, state, one, other);
        for (const score of Object.values(regressionScores(state)))
          if (typeof score === 'number') expect(Number.isFinite(score)).toBe(true);
          else if ('value' in score) expect(Number.isFinite(score.value)).toBe(true);
        const whole = emptyOutcomes(regression);
        addRegressed(regression, whole, prediction, truth);
        addRegressed(regression, whole, prediction, truth, -1);
        expect([...whole].every((sum) => sum === 0)).toBe(true);
      },
    ),
  ));
