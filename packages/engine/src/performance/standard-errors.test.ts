/** Standard errors from sums against the spread of the metric over many samples, and against the grouped jackknife. */
import { describe, expect, test } from 'vitest';
import { sampleStream } from '../../test/sample-stream.ts';
import { classificationErrors } from './classification-errors.ts';
import { classificationLayout } from './classification-layout.ts';
import { addClassified, emptyOutcomes } from './classification-outcomes.ts';
import { classificationScores } from './classification-scores.ts';
import type { PerformanceScore } from './performance-metric.ts';
import { regressionErrors } from './regression-errors.ts';
import { addRegressed, regressionLayout, regressionScores } from './regression-outcomes.ts';

const EDGES = Array.from({ length: 199 }, (_, i) => (i + 1) / 200);
const SAMPLES = 400;
const ROWS = 600;
const valueIn = (score: PerformanceScore) => ('value' in score ? score.value : Number.NaN);

/** Of 400 samples a standard deviation is known to 3.5 %: three times that, and as much for what is of first order only. */
function expectRatio(values: readonly number[], errors: readonly number[], tolerance = 0.2): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  const error = Math.sqrt(errors.reduce((sum, one) => sum + one * one, 0) / errors.length);
  expect(error / spread).toBeGreaterThan(1 - tolerance);
  expect(error / spread).toBeLessThan(1 + tolerance);
}

const BINARY = ['accuracy', 'precision', 'recall', 'f1', 'auroc', 'average_precision', 'log_loss', 'brier'] as const;

describe.each([
  ['of weight 1', () => 1],
  ['of weights 1 and 5', (uniform: number) => (uniform < 0.5 ? 1 : 5)],
] as const)('two classes, rows %s', (_, weightOf) => {
  const layout = classificationLayout(['no', 'yes'], [EDGES]);
  const stream = sampleStream(11);
  const states = Array.from({ length: SAMPLES }, () => {
    const state = emptyOutcomes(layout);
    for (let row = 0; row < ROWS; row++) {
      const score = stream.uniform() ** 2;
      const actual = stream.uniform() < 0.1 + 0.7 * score ? 1 : 0;
      addClassified(
        layout,
        state,
        { actual, predicted: score > 0.4 ? 1 : 0, scores: [score] },
        weightOf(stream.uniform()),
      );
    }
    return state;
  });
  test.each(BINARY)('%s', (metric) => {
    expectRatio(
      states.map((state) => valueIn(classificationScores(layout, state)[metric])),
      states.map((state) => classificationErrors(layout, state)[metric]?.standardError ?? Number.NaN),
    );
  });
  test.each(['accuracy', 'precision', 'recall', 'f1', 'auroc'] as const)(
    'the variance of %s at the value that was measured is near the one that was measured',
    (metric) => {
      const [state] = states;
      const { standardError, varianceAt } = classificationErrors(layout, state)[metric]!;
      const ratio = Math.sqrt(varianceAt!(valueIn(classificationScores(layout, state)[metric]))) / standardError;
      expect(ratio).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.3);
    },
  );
});

describe('three classes', () => {
  const layout = classificationLayout(['a', 'b', 'c'], [EDGES, EDGES, EDGES]);
  const stream = sampleStream(12);
  const states = Array.from({ length: SAMPLES }, () => {
    const state = emptyOutcomes(layout);
    for (let row = 0; row < ROWS; row++) {
      const [x, y] = [stream.uniform(), stream.uniform()].sort();
      const scores = [x, y - x, 1 - y];
      const draw = stream.uniform();
      const actual = draw < scores[0] ? 0 : draw < scores[0] + scores[1] ? 1 : 2;
      addClassified(layout, state, { actual, predicted: scores.indexOf(Math.max(...scores)), scores });
    }
    return state;
  });
  test.each(['accuracy', 'precision', 'recall', 'f1', 'log_loss', 'brier'] as const)('%s', (metric) => {
    expectRatio(
      states.map((state) => valueIn(classificationScores(layout, state)[metric])),
      states.map((state) => classificationErrors(layout, state)[metric]?.standardError ?? Number.NaN),
    );
  });
  test('the mean AUROC is never said to be surer than it is', () => {
    const values = states.map((state) => valueIn(classificationScores(layout, state).auroc));
    const mean = values.reduce((sum, value) => sum + value, 0) / SAMPLES;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SAMPLES);
    expect(classificationErrors(layout, states[0]).auroc!.standardError).toBeGreaterThan(0.95 * spread);
  });
});

describe('numbers, far from 0', () => {
  const layout = regressionLayout(100, 1e-6, []);
  const stream = sampleStream(13);
  const states = Array.from({ length: SAMPLES }, () => {
    const state = emptyOutcomes(layout);
    for (let row = 0; row < ROWS; row++) {
      const truth = 103 + 5 * stream.normal();
      addRegressed(layout, state, truth + 1 + (1 + 0.1 * Math.abs(truth - 100)) * stream.normal(), truth);
    }
    return state;
  });
  test.each(['mae', 'mse', 'rmse', 'mape', 'r2', 'bias'] as const)('%s', (metric) => {
    expectRatio(
      states.map((state) => valueIn(regressionScores(state)[metric])),
      states.map((state) => regressionErrors(state)[metric]?.standardError ?? Number.NaN),
    );
  });
});

test('nothing has no error, and three rows that are all wrong still have the variance of the limit', () => {
  const layout = classificationLayout(['no', 'yes'], []);
  const state = emptyOutcomes(layout);
  expect(classificationErrors(layout, state)).toEqual({});
  expect(regressionErrors(emptyOutcomes(regressionLayout(0, 0, [])))).toEqual({});
  for (let row = 0; row < 3; row++) addClassified(layout, state, { actual: 0, predicted: 1 });
  const { precision } = classificationErrors(layout, state);
  expect(precision!.standardError).toBe(0);
  expect(precision!.varianceAt!(0.7)).toBeCloseTo((0.7 * 0.3) / 3, 12);
});
