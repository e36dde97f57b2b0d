import { expect, test } from 'vitest';
import { sampleStream } from '../../test/sample-stream.ts';
import { expectedLoss, fitLossModel } from './loss-model.ts';

/** The larger the prediction, the larger its error. */
function rows(count: number, seed: number, scale: number) {
  const stream = sampleStream(seed);
  const predictions = Array.from({ length: count }, () => scale * stream.uniform());
  return { predictions, truths: predictions.map((one) => one + 0.1 * one * stream.normal()) };
}
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('more of the large predictions: the expected loss grows as the measured one does', () => {
  const reference = rows(20_000, 1, 100);
  const model = fitLossModel(reference.predictions, reference.truths);
  if (model === undefined) throw new Error('no model');
  // Predictions between 60 and 100 only: the reference has them all.
  const current = rows(20_000, 2, 100);
  const large = current.predictions.flatMap((one, i) => (one > 60 ? [i] : []));
  const errors = large.map((i) => current.predictions[i] - current.truths[i]);
  const expected = expectedLoss(
    model,
    large.map((i) => current.predictions[i]),
  );
  expect(expected?.rowCount).toBe(large.length);
  const mae = meanOf(errors.map(Math.abs));
  expect(Math.abs((expected?.mae ?? 0) / mae - 1)).toBeLessThan(0.03);
  expect(Math.abs((expected?.rmse ?? 0) / Math.sqrt(meanOf(errors.map((one) => one * one))) - 1)).toBeLessThan(0.03);
  const whole = meanOf(reference.predictions.map((one, i) => Math.abs(one - reference.truths[i])));
  expect(mae / whole).toBeGreaterThan(1.4);
});

test('on the reference itself the expected loss is the measured one, exactly', () => {
  const { predictions, truths } = rows(3_000, 3, 10);
  const model = fitLossModel(predictions, truths);
  const expected = model && expectedLoss(model, predictions);
  const errors = predictions.map((one, i) => one - truths[i]);
  expect(expected?.mae).toBeCloseTo(meanOf(errors.map(Math.abs)), 12);
  expect(expected?.bias).toBeCloseTo(meanOf(errors), 12);
});

test('few rows make one bin; a constant prediction too; no row no model; no number is passed over', () => {
  const few = fitLossModel([1, 2, 3], [1.5, 2, 2]);
  if (few === undefined) throw new Error('no model');
  expect(few.absolute).toEqual([0.5]);
  const constant = fitLossModel(new Array(500).fill(7), new Array(500).fill(6));
  expect([constant?.absolute, constant?.signed]).toEqual([[1], [1]]);
  expect(fitLossModel([], [])).toBeUndefined();
  expect(fitLossModel([Number.NaN, 1], [1, Number.POSITIVE_INFINITY])).toBeUndefined();
  expect(expectedLoss(few, [Number.NaN])).toBeUndefined();
  expect(expectedLoss(few, [Number.NaN, 5, 1e300])).toEqual({
    rowCount: 2,
    mae: 0.5,
    rmse: few.squared[0] ** 0.5,
    bias: few.signed[0],
  });
});
