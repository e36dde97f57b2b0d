/**
 * Predictions of a number with what was true of them, as sums: mergeable by addition, an outcome is taken back out by its
 * negative weight.
 *
 * Squares are of truths less the reference's mean: Σ y² − (Σ y)² / n of values far from 0 would lose all digits.
 */
import { type BinSearch, compileBinSearch, findBinPlain } from '../sketch/bin-search.ts';
import type { LossModel } from './loss-model.ts';
import { type PerformanceScore, scoreOr } from './performance-metric.ts';

export interface RegressionLayout {
  /** Mean of the truth in the reference. */
  readonly center: number;
  /** Of a truth below it in magnitude no percentage is taken: 10⁻⁶ of the reference's standard deviation is a good one. */
  readonly nearZero: number;
  /** Of the residuals, prediction − truth: quantiles of the reference's. */
  readonly residuals: BinSearch;
  readonly size: number;
}

export const RESIDUAL_BINS_MAX = 200;
const SUM = {
  weight: 0,
  squaredWeight: 1,
  error: 2,
  absoluteError: 3,
  squaredError: 4,
  shareError: 5,
  shareWeight: 6,
  truth: 7,
  squaredTruth: 8,
  /** Rows left out: prediction or truth is not finite, or beyond `VALUE_MAX`. */
  badValue: 9,
  // What standard errors are made of; a deviation is of the truth from the center.
  fourthError: 10,
  squaredShare: 11,
  squaredErrorDeviation: 12,
  squaredErrorSquaredDeviation: 13,
  thirdTruth: 14,
  fourthTruth: 15,
} as const;

export { SUM as REGRESSION_SUM };

const RESIDUALS_OFFSET = 16;
/** Sums of fourth powers of 10⁸ such rows are still finite. */
const VALUE_MAX = 1e70;
/** The largest share of a truth that an error is counted as: its square is still finite. */
const SHARE_MAX = 1e140;

export interface RegressionScores {
  readonly rowCount: number;
  readonly effectiveSize: number;
  readonly mae: PerformanceScore;
  readonly mse: PerformanceScore;
  readonly rmse: PerformanceScore;
  /** Over the rows whose truth is not near zero. */
  readonly mape: PerformanceScore;
  /** Share of the rows that `mape` leaves out. */
  readonly nearZeroShare: number;
  readonly r2: PerformanceScore;
  readonly bias: PerformanceScore;
  /** Rows that were left out because a value was not finite, or so large that its square would not be. */
  readonly badValueCount: number;
}

/** @throws RangeError for too many edges, or a center that is not finite */
export function regressionLayout(center: number, nearZero: number, residualEdges: ArrayLike<number>): RegressionLayout {
  if (!Number.isFinite(center) || !(nearZero >= 0)) throw new RangeError(`center ${center}, near zero ${nearZero}`);
  if (residualEdges.length >= RESIDUAL_BINS_MAX)
    throw new RangeError(`${residualEdges.length} edges of residuals: at most ${RESIDUAL_BINS_MAX - 1}`);
  const size = RESIDUALS_OFFSET + residualEdges.length + 1;
  return { center, nearZero, residuals: compileBinSearch(residualEdges), size };
}

/** @param weight negative to take the outcome back out */
export function addRegressed(
  layout: RegressionLayout,
  state: Float64Array,
  prediction: number,
  truth: number,
  weight = 1,
): void {
  if (!(Math.abs(prediction) <= VALUE_MAX && Math.abs(truth) <= VALUE_MAX)) {
    state[SUM.badValue] += weight;
    return;
  }
  const error = prediction - truth;
  const offCenter = truth - layout.center;
  const square = error * error;
  const offCenterSquare = offCenter * offCenter;
  state[SUM.weight] += weight;
  state[SUM.squaredWeight] += weight * Math.abs(weight);
  state[SUM.error] += weight * error;
  state[SUM.absoluteError] += weight * Math.abs(error);
  state[SUM.squaredError] += weight * square;
  state[SUM.truth] += weight * offCenter;
  state[SUM.squaredTruth] += weight * offCenterSquare;
  state[SUM.fourthError] += weight * square * square;
  state[SUM.squaredErrorDeviation] += weight * square * offCenter;
  state[SUM.squaredErrorSquaredDeviation] += weight * square * offCenterSquare;
  state[SUM.thirdTruth] += weight * offCenterSquare * offCenter;
  state[SUM.fourthTruth] += weight * offCenterSquare * offCenterSquare;
  if (Math.abs(truth) > layout.nearZero) {
    const share = Math.min(SHARE_MAX, Math.abs(error / truth));
    state[SUM.shareError] += weight * share;
    state[SUM.squaredShare] += weight * share * share;
    state[SUM.shareWeight] += weight;
  }
  state[RESIDUALS_OFFSET + findBinPlain(layout.residuals, error)] += weight;
}

/**
 * What a prediction in this bin lost in the reference, in the sums of one that was measured: of `regressionScores` then
 * only mae, mse, rmse and bias stand. Bin −1 is a prediction that is no number.
 */
export function addExpectedLoss(state: Float64Array, loss: LossModel, bin: number, weight = 1): void {
  if (bin < 0) {
    state[SUM.badValue] += weight;
    return;
  }
  state[SUM.weight] += weight;
  state[SUM.squaredWeight] += weight * Math.abs(weight);
  state[SUM.error] += weight * loss.signed[bin];
  state[SUM.absoluteError] += weight * loss.absolute[bin];
  state[SUM.squaredError] += weight * loss.squared[bin];
}

/** Every value is finite; what has none says why. */
export function regressionScores(state: Float64Array): RegressionScores {
  const weight = state[SUM.weight];
  const mse = state[SUM.squaredError] / weight;
  const spread = state[SUM.squaredTruth] - (state[SUM.truth] * state[SUM.truth]) / weight;
  const isConstant = !(spread > 1e-12 * state[SUM.squaredTruth]);
  const hasRows = weight > 0;
  const of = (value: number) => (hasRows ? scoreOr(value, 'no_rows') : ({ reason: 'no_rows' } as const));
  return {
    rowCount: weight,
    effectiveSize: state[SUM.squaredWeight] > 0 ? (weight * weight) / state[SUM.squaredWeight] : 0,
    mae: of(state[SUM.absoluteError] / weight),
    mse: of(mse),
    rmse: of(Math.sqrt(mse)),
    mape: hasRows ? scoreOr(state[SUM.shareError] / state[SUM.shareWeight], 'truth_near_zero') : { reason: 'no_rows' },
    nearZeroShare: hasRows ? 1 - state[SUM.shareWeight] / weight : 0,
    r2: hasRows && isConstant ? { reason: 'constant_truth' } : of(1 - state[SUM.squaredError] / spread),
    bias: of(state[SUM.error] / weight),
    badValueCount: state[SUM.badValue],
  };
}

/** Rows in each bin of the residuals. */
export function residualCounts(state: Float64Array): Float64Array {
  return state.subarray(RESIDUALS_OFFSET);
}
