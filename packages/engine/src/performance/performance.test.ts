/** Every metric against scikit-learn 1.9.1 on the same rows; scripts/statistics/make-performance-fixtures.py makes them. */
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../test/read-fixture.ts';
import { exactAuroc } from './auroc.ts';
import { exactAveragePrecision } from './average-precision.ts';
import { classificationLayout, OUTCOME } from './classification-layout.ts';
import { addClassified, emptyOutcomes } from './classification-outcomes.ts';
import { classificationScores } from './classification-scores.ts';
import type { PerformanceScore } from './performance-metric.ts';
import { addRegressed, regressionLayout, regressionScores, residualCounts } from './regression-outcomes.ts';

type Values = Readonly<Record<string, number>>;
interface Classified {
  readonly name: string;
  readonly classCount: number;
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  readonly scores: readonly (readonly number[])[];
  readonly weights: readonly number[];
  readonly scoreEdges: readonly (readonly number[])[];
  readonly expected: Readonly<Record<string, number>> & { readonly macro: Values; readonly classes: readonly Values[] };
}
interface Regressed {
  readonly name: string;
  readonly truth: readonly number[];
  readonly prediction: readonly number[];
  readonly weights: readonly number[];
  readonly center: number;
  readonly residualEdges: readonly number[];
  readonly expected: Values;
}

const fixture = readFixture<{ readonly classified: readonly Classified[]; readonly regressed: readonly Regressed[] }>(
  'performance.json',
);
const valueIn = (score: PerformanceScore) => ('value' in score ? score.value : Number.NaN);

function scoresOf({ classCount, actual, predicted, scores, weights, scoreEdges }: Classified) {
  const classes = Array.from({ length: classCount }, (_, i) => `c${i}`);
  const layout = classificationLayout(classes, scoreEdges);
  const state = emptyOutcomes(layout);
  actual.forEach((truth, row) => {
    addClassified(layout, state, { actual: truth, predicted: predicted[row], scores: scores[row] }, weights[row]);
  });
  return classificationScores(layout, state);
}

describe.each(fixture.classified.map((one) => [one.name, one] as const))('classification: %s', (_, one) => {
  const scores = scoresOf(one);

  test.each(['accuracy', 'log_loss', 'brier', 'ece'] as const)('%s within 1e-9', (metric) => {
    expect(relativeError(valueIn(scores[metric]), one.expected[metric])).toBeLessThan(1e-9);
  });

  test('precision, recall and F1 within 1e-9, by class and in the mean', () => {
    for (const key of ['precision', 'recall', 'f1'] as const) {
      expect(relativeError(valueIn(scores.macro[key]), one.expected.macro[key])).toBeLessThan(1e-9);
      one.expected.classes.forEach((values, of) => {
        const isSeen = one.actual.includes(of) || one.predicted.includes(of);
        if (isSeen) expect(Math.abs(valueIn(scores.classes[of][key]) - values[key])).toBeLessThan(1e-9);
        else expect(scores.classes[of][key]).toEqual({ reason: 'no_rows' });
      });
    }
  });

  test.each(['auroc', 'average_precision'] as const)('%s from bins within its bound, which is small', (metric) => {
    const score = scores[metric];
    const expected = one.expected[metric];
    if (!('value' in score)) throw new Error(score.reason);
    const { lower = Number.NaN, upper = Number.NaN, value } = score;
    expect(expected).toBeGreaterThanOrEqual(lower - 1e-12);
    expect(expected).toBeLessThanOrEqual(upper + 1e-12);
    expect(value).toBeGreaterThanOrEqual(lower);
    expect(value).toBeLessThanOrEqual(upper);
    // A tenth is one bin in ten: in "ties" every score is.
    expect(upper - lower).toBeLessThan(one.name === 'ties' ? 0.15 : 0.03);
  });

  test('AUROC and average precision from values within 1e-9', () => {
    const of = one.classCount === 2 ? [1] : Array.from({ length: one.classCount }, (_, i) => i);
    const mean = (exact: typeof exactAuroc) => {
      const values = of.flatMap((index, column) => {
        const isClass = one.actual.map((actual) => (actual === index ? 1 : 0));
        const score = exact(
          one.scores.map((row) => row[column]),
          isClass,
          one.weights,
        );
        return 'value' in score ? [score.value] : [];
      });
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(relativeError(mean(exactAuroc), one.expected.auroc)).toBeLessThan(1e-9);
    expect(relativeError(mean(exactAveragePrecision), one.expected.average_precision)).toBeLessThan(1e-9);
  });
});

describe.each(fixture.regressed.map((one) => [one.name, one] as const))('regression: %s', (_, one) => {
  const layout = regressionLayout(one.center, 0, one.residualEdges);
  const state = emptyOutcomes(layout);
  one.truth.forEach((truth, row) => {
    addRegressed(layout, state, one.prediction[row], truth, one.weights[row]);
  });
  const scores = regressionScores(state);

  test.each(['mae', 'mse', 'rmse', 'mape', 'r2', 'bias'] as const)('%s within 1e-9', (metric) => {
    expect(relativeError(valueIn(scores[metric]), one.expected[metric])).toBeLessThan(1e-9);
  });

  test('every residual is in a bin', () => {
    const total = residualCounts(state).reduce((sum, count) => sum + count, 0);
    expect(relativeError(total, scores.rowCount)).toBeLessThan(1e-12);
  });
});

describe('bad input has a stated answer', () => {
  const layout = classificationLayout(['no', 'yes'], [[0.25, 0.5, 0.75]]);
  const empty = () => emptyOutcomes(layout);

  test('no rows', () => {
    const { accuracy, f1, auroc, log_loss, ece } = classificationScores(layout, empty());
    expect([accuracy, f1, auroc, log_loss, ece]).toEqual([
      { reason: 'no_rows' },
      { reason: 'no_rows' },
      { reason: 'no_scores' },
      { reason: 'no_scores' },
      { reason: 'no_scores' },
    ]);
    expect(regressionScores(emptyOutcomes(regressionLayout(0, 0, []))).mae).toEqual({ reason: 'no_rows' });
  });

  test('one class only', () => {
    const state = empty();
    for (const score of [0.2, 0.9]) addClassified(layout, state, { actual: 1, predicted: 1, scores: [score] });
    const { auroc, average_precision, accuracy } = classificationScores(layout, state);
    expect([auroc, average_precision, accuracy]).toEqual([
      { reason: 'one_class' },
      { reason: 'one_class' },
      { value: 1 },
    ]);
  });

  test('probabilities outside [0, 1], of the wrong number, or that do not sum to 1: judged by the label alone', () => {
    const state = empty();
    for (const scores of [[1.5], [-0.1], [Number.NaN], [Number.POSITIVE_INFINITY], [0.2, 0.8], []])
      addClassified(layout, state, { actual: 1, predicted: 1, scores });
    expect([state[OUTCOME.badScores], state[OUTCOME.scoredWeight], state[OUTCOME.weight]]).toEqual([6, 0, 6]);
    const three = classificationLayout(['a', 'b', 'c'], [[0.5], [0.5], [0.5]]);
    const other = emptyOutcomes(three);
    addClassified(three, other, { actual: 0, predicted: 0, scores: [0.5, 0.4, 0.3] });
    addClassified(three, other, { actual: 0, predicted: 0, scores: [0.5, 0.3, 0.2] });
    expect([other[OUTCOME.badScores], other[OUTCOME.scoredWeight]]).toEqual([1, 1]);
  });

  test('a class that the reference does not know is counted, and judged by nothing', () => {
    const state = empty();
    addClassified(layout, state, { actual: -1, predicted: 1 });
    addClassified(layout, state, { actual: 0, predicted: 7 });
    addClassified(layout, state, { actual: Number.NaN, predicted: 0 });
    expect([state[OUTCOME.unknownClass], state[OUTCOME.weight]]).toEqual([3, 0]);
  });

  test('a certain and wrong prediction has a large log loss, not an infinite one', () => {
    const state = empty();
    addClassified(layout, state, { actual: 0, predicted: 1, scores: [1] });
    expect(valueIn(classificationScores(layout, state).log_loss)).toBeCloseTo(36.04, 2);
  });

  test('a constant truth has no R², one near zero no percentage', () => {
    const regression = regressionLayout(5, 1e-6, [0]);
    const state = emptyOutcomes(regression);
    for (const prediction of [4, 5, 7]) addRegressed(regression, state, prediction, 5);
    expect(regressionScores(state).r2).toEqual({ reason: 'constant_truth' });
    const zero = emptyOutcomes(regression);
    for (const prediction of [4, 5]) addRegressed(regression, zero, prediction, 0);
    expect(regressionScores(zero)).toMatchObject({ mape: { reason: 'truth_near_zero' }, nearZeroShare: 1 });
  });

  test('values that are not finite, or whose squares are not, are counted and change nothing else', () => {
    const regression = regressionLayout(0, 0, [0]);
    const state = emptyOutcomes(regression);
    addRegressed(regression, state, 1, 2);
    const before = regressionScores(state);
    addRegressed(regression, state, Number.NaN, 1);
    addRegressed(regression, state, 1, Number.NEGATIVE_INFINITY);
    addRegressed(regression, state, 1e200, 0);
    expect(regressionScores(state)).toEqual({ ...before, badValueCount: 3 });
  });

  test('layouts that make no sense are refused', () => {
    expect(() => classificationLayout(['a'], [])).toThrow('1 classes');
    expect(() => classificationLayout(['a', 'a'], [])).toThrow('2 classes');
    expect(() => classificationLayout(['a', 'b', 'c'], [[0.5]])).toThrow('edges of 1 scores');
    expect(() => regressionLayout(Number.NaN, 0, [])).toThrow('center NaN');
  });
});
