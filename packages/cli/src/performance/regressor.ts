/** Performance of a regression: measured where the truth is known, estimated by what such predictions lost before. */
import {
  addRegressed,
  emptyOutcomes,
  expectedLoss,
  jackknifeError,
  type LossModel,
  mergeOutcomes,
  regressionLayout,
  regressionScores,
} from '@leeway/engine';
import { type Figures, figureOf } from './figures.ts';
import { PARTS, partOf } from './slices.ts';

const METRICS = ['mae', 'rmse', 'mape', 'r2', 'bias'] as const;
/** Of the truth's standard deviation: below it a truth has no percentage. */
const NEAR_ZERO = 1e-6;

export function measureRegression(
  truth: readonly number[],
  prediction: readonly number[],
  rows: readonly number[],
): Figures {
  const mean = rows.reduce((sum, row) => sum + truth[row], 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (truth[row] - mean) ** 2, 0) / rows.length;
  const layout = regressionLayout(mean, NEAR_ZERO * Math.sqrt(variance), []);
  const parts = Array.from({ length: PARTS }, () => emptyOutcomes(layout));
  rows.forEach((row, i) => {
    addRegressed(layout, parts[partOf(i, rows.length)], prediction[row], truth[row]);
  });
  const whole = emptyOutcomes(layout);
  for (const part of parts) mergeOutcomes(whole, part);
  const scores = regressionScores(whole);
  const errorOf = (metric: (typeof METRICS)[number]) =>
    jackknifeError(parts, (state) => regressionScores(state)[metric]);
  return Object.fromEntries(METRICS.map((metric) => [metric, figureOf(scores[metric], errorOf(metric))]));
}

/** Undefined when no prediction is a number. */
export function estimateRegression(
  model: LossModel,
  prediction: readonly number[],
  rows: readonly number[],
): Figures | undefined {
  const expected = expectedLoss(
    model,
    rows.map((row) => prediction[row]),
  );
  if (expected === undefined) return undefined;
  const { mae, rmse, bias } = expected;
  return { mae: { value: mae }, rmse: { value: rmse }, bias: { value: bias } };
}
