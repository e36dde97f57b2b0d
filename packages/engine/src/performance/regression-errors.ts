/**
 * Standard errors of a regression's metrics, from the sums that the metrics are of: the infinitesimal jackknife, as in
 * classification-errors.ts.
 */
import type { MetricErrors } from './classification-errors.ts';
import { REGRESSION_SUM as SUM } from './regression-outcomes.ts';

/** Metrics without rows are left out. */
export function regressionErrors(state: Float64Array): MetricErrors {
  const weight = state[SUM.weight];
  const scale = weight > 0 ? state[SUM.squaredWeight] / weight : 0;
  if (!(weight > 0 && scale > 0)) return {};
  const of = (variance: number, rows = weight) => ({
    standardError: Math.sqrt((scale * Math.max(0, Number.isFinite(variance) ? variance : 0)) / rows),
  });
  const mse = state[SUM.squaredError] / weight;
  const ofMse = state[SUM.fourthError] / weight - mse * mse;
  const shares = state[SUM.shareWeight];
  return {
    mae: of(mse - (state[SUM.absoluteError] / weight) ** 2),
    bias: of(mse - (state[SUM.error] / weight) ** 2),
    mse: of(ofMse),
    // By the chain rule: d√m = dm / 2√m.
    rmse: of(mse > 0 ? ofMse / (4 * mse) : 0),
    r2: of(shareOfVariance(state, weight)),
    ...(shares > 0
      ? { mape: of(state[SUM.squaredShare] / shares - (state[SUM.shareError] / shares) ** 2, shares) }
      : {}),
  };
}

/** Mean square of −e²/v + r d²/v, where v is the variance of the truth, d its deviation, and r = mean of e² over v. */
function shareOfVariance(state: Float64Array, weight: number): number {
  const mean = state[SUM.truth] / weight;
  const second = state[SUM.squaredTruth] / weight;
  const variance = second - mean * mean;
  if (!(variance > 0)) return 0;
  const third = state[SUM.thirdTruth] / weight;
  const fourth = state[SUM.fourthTruth] / weight - 4 * mean * third + 6 * mean * mean * second - 3 * mean ** 4;
  const errorDeviation = state[SUM.squaredErrorSquaredDeviation] - 2 * mean * state[SUM.squaredErrorDeviation];
  const mixed = errorDeviation / weight + (mean * mean * state[SUM.squaredError]) / weight;
  const ratio = state[SUM.squaredError] / weight / variance;
  return (state[SUM.fourthError] / weight - 2 * ratio * mixed + ratio * ratio * fourth) / (variance * variance);
}
