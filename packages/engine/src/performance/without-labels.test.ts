/** Calibration against scikit-learn, and performance that is expected against performance that is measured. */
import { describe, expect, test } from 'vitest';
import { readFixture } from '../../test/read-fixture.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { classificationLayout, OUTCOME } from './classification-layout.ts';
import { addClassified, emptyOutcomes } from './classification-outcomes.ts';
import { classificationScores } from './classification-scores.ts';
import { addExpected } from './expected-outcomes.ts';
import { calibrated, fitIsotonic } from './isotonic.ts';
import { jackknifeError } from './jackknife.ts';
import type { PerformanceScore } from './performance-metric.ts';

interface Isotonic {
  readonly name: string;
  readonly scores: number[];
  readonly isClass: number[];
  readonly weights: number[];
  readonly at: number[];
  readonly expected: number[];
}
const { isotonic } = readFixture<{ readonly isotonic: readonly Isotonic[] }>('performance.json');
const valueIn = (score: PerformanceScore) => ('value' in score ? score.value : Number.NaN);

test.each(isotonic.map((one) => [one.name, one] as const))('isotonic calibration as scikit-learn: %s', (_, one) => {
  const map = fitIsotonic(one.scores, one.isClass, one.weights);
  one.at.forEach((score, i) => {
    expect(Math.abs(calibrated(map, score) - one.expected[i])).toBeLessThan(1e-9);
  });
  expect(map.shares.every((share, i) => i === 0 || share >= map.shares[i - 1])).toBe(true);
  expect(map.scores.every((score, i) => i === 0 || score > map.scores[i - 1])).toBe(true);
});

const EDGES = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/** Rows whose score is over-confident: the true probability is its square. */
function rows(count: number, seed: number, shift: number) {
  const stream = sampleStream(seed);
  return Array.from({ length: count }, () => {
    const score = stream.uniform() ** shift;
    return { score, predicted: score >= 0.5 ? 1 : 0, actual: stream.uniform() < score * score ? 1 : 0 };
  });
}

describe('binary, with inputs that moved and a meaning that did not', () => {
  const layout = classificationLayout(['no', 'yes'], [EDGES]);
  const training = rows(20_000, 1, 1);
  const maps = [
    fitIsotonic(
      training.map(({ score }) => score),
      training.map(({ actual }) => actual),
    ),
  ];
  const current = rows(20_000, 2, 2);
  const measured = emptyOutcomes(layout);
  const estimated = emptyOutcomes(layout);
  const uncalibrated = emptyOutcomes(layout);
  const parts = Array.from({ length: 20 }, () => emptyOutcomes(layout));
  current.forEach(({ score, predicted, actual }, i) => {
    addClassified(layout, measured, { actual, predicted, scores: [score] });
    addClassified(layout, parts[i % 20], { actual, predicted, scores: [score] });
    addExpected(layout, estimated, predicted, [score], maps);
    addExpected(layout, uncalibrated, predicted, [score], [{ scores: [], shares: [] }]);
  });
  const of = (state: Float64Array) => classificationScores(layout, state);

  test.each(['accuracy', 'f1', 'auroc', 'average_precision', 'brier', 'log_loss'] as const)(
    '%s is estimated within four standard errors',
    (metric) => {
      const error = jackknifeError(parts, (state) => of(state)[metric]) ?? Number.NaN;
      const gap = Math.abs(valueIn(of(estimated)[metric]) - valueIn(of(measured)[metric]));
      // Half as much again: the calibration has its own error.
      expect(gap).toBeLessThan(6 * error);
      expect(error).toBeLessThan(0.02);
    },
  );

  test('without calibration the estimate is far off', () => {
    const error = jackknifeError(parts, (state) => of(state).accuracy) ?? Number.NaN;
    expect(Math.abs(valueIn(of(uncalibrated).accuracy) - valueIn(of(measured).accuracy))).toBeGreaterThan(6 * error);
  });

  test('the standard error of an accuracy is that of a share', () => {
    const accuracy = valueIn(of(measured).accuracy);
    const error = jackknifeError(parts, (state) => of(state).accuracy) ?? Number.NaN;
    const expected = Math.sqrt((accuracy * (1 - accuracy)) / current.length);
    // Of 20 parts: a χ² with 19 degrees of freedom.
    expect(error / expected).toBeGreaterThan(0.5);
    expect(error / expected).toBeLessThan(1.6);
  });

  test('a row counts once, and what cannot be read is counted', () => {
    expect(of(estimated).rowCount).toBeCloseTo(current.length, 6);
    expect(of(estimated).effectiveSize).toBeCloseTo(current.length, 6);
    const state = emptyOutcomes(layout);
    for (const scores of [[1.5], [Number.NaN], [], [0.2, 0.8]])
      expect(addExpected(layout, state, 1, scores, maps)).toBeUndefined();
    expect([state[OUTCOME.badScores], state[OUTCOME.weight]]).toEqual([4, 0]);
  });
});

test('of three classes: expected accuracy is the mean probability of what was predicted', () => {
  const layout = classificationLayout(['a', 'b', 'c'], [EDGES, EDGES, EDGES]);
  const stream = sampleStream(3);
  const none = { scores: [], shares: [] };
  const state = emptyOutcomes(layout);
  let sum = 0;
  for (let i = 0; i < 500; i++) {
    const [x, y] = [stream.uniform(), stream.uniform()].sort();
    const scores = [x, y - x, 1 - y];
    const predicted = scores.indexOf(Math.max(...scores));
    sum += scores[predicted];
    addExpected(layout, state, predicted, scores, [none, none, none]);
  }
  expect(valueIn(classificationScores(layout, state).accuracy)).toBeCloseTo(sum / 500, 9);
});

test('of three probabilities that sum to 2 nothing is expected', () => {
  const layout = classificationLayout(['a', 'b', 'c'], [EDGES, EDGES, EDGES]);
  const none = { scores: [], shares: [] };
  const state = emptyOutcomes(layout);
  expect(addExpected(layout, state, 0, [1, 0.5, 0.5], [none, none, none])).toBeUndefined();
  expect([state[OUTCOME.badScores], state[OUTCOME.weight]]).toEqual([1, 0]);
});

test('a jackknife of too few parts says nothing', () => {
  const layout = classificationLayout(['no', 'yes'], []);
  const part = emptyOutcomes(layout);
  addClassified(layout, part, { actual: 1, predicted: 1 });
  const accuracy = (state: Float64Array) => classificationScores(layout, state).accuracy;
  expect(jackknifeError([], accuracy)).toBeUndefined();
  expect(jackknifeError([part, emptyOutcomes(layout)], accuracy)).toBeUndefined();
  expect(jackknifeError([part, part], accuracy)).toBe(0);
});
