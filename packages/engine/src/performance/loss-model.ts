/**
 * Performance of a regression without labels: the loss that predictions of this size had in the reference.
 *
 * NannyML's direct loss estimation learns the loss from all features with a second model; here it is learned from the
 * prediction alone, in bins of equal mass, so that the model is a few numbers of the reference and its error is that of a
 * mean. It sees that more of the difficult predictions came; not that those of one size became more difficult.
 */
import { type BinSearch, compileBinSearch, findBinPlain } from '../sketch/bin-search.ts';

export const LOSS_BINS = 20;
/** Rows of a bin: fewer, and there are fewer bins. */
const BIN_ROWS_MIN = 50;

export interface LossModel {
  readonly bins: BinSearch;
  /** Of each bin: mean of |error|, of error², and of error = prediction − truth. */
  readonly absolute: readonly number[];
  readonly squared: readonly number[];
  readonly signed: readonly number[];
}

export interface ExpectedLoss {
  /** Predictions that are finite. */
  readonly rowCount: number;
  readonly mae: number;
  readonly rmse: number;
  readonly bias: number;
}

/**
 * Rows of which either value is not finite are left out.
 *
 * @returns undefined without a row
 * @example fitLossModel([1, 2, 3], [1.5, 2, 2]) // one bin: absolute [0.5]
 */
export function fitLossModel(predictions: ArrayLike<number>, truths: ArrayLike<number>): LossModel | undefined {
  const rows: number[] = [];
  for (let row = 0; row < predictions.length; row++)
    if (Number.isFinite(predictions[row] - truths[row])) rows.push(row);
  if (rows.length === 0) return undefined;
  const sorted = Float64Array.from(rows, (row) => predictions[row]).sort();
  const binCount = Math.max(1, Math.min(LOSS_BINS, Math.floor(rows.length / BIN_ROWS_MIN)));
  const edges = new Set<number>();
  for (let i = 1; i < binCount; i++) edges.add(sorted[Math.floor((i * sorted.length) / binCount)]);
  // Nothing lies below the smallest value: as an edge it would make a bin without rows.
  edges.delete(sorted[0]);
  const bins = compileBinSearch([...edges]);
  const sums = Array.from({ length: bins.edgeCount + 1 }, () => ({ count: 0, absolute: 0, squared: 0, signed: 0 }));
  for (const row of rows) {
    const error = predictions[row] - truths[row];
    const sum = sums[findBinPlain(bins, predictions[row])];
    sum.count++;
    sum.absolute += Math.abs(error);
    sum.squared += error * error;
    sum.signed += error;
  }
  return {
    bins,
    absolute: sums.map(({ count, absolute }) => absolute / count),
    squared: sums.map(({ count, squared }) => squared / count),
    signed: sums.map(({ count, signed }) => signed / count),
  };
}

/** Undefined when no prediction is finite. */
export function expectedLoss(model: LossModel, predictions: ArrayLike<number>): ExpectedLoss | undefined {
  let rowCount = 0;
  let absolute = 0;
  let squared = 0;
  let signed = 0;
  for (let row = 0; row < predictions.length; row++) {
    if (!Number.isFinite(predictions[row])) continue;
    const bin = findBinPlain(model.bins, predictions[row]);
    rowCount++;
    absolute += model.absolute[bin];
    squared += model.squared[bin];
    signed += model.signed[bin];
  }
  if (rowCount === 0) return undefined;
  return { rowCount, mae: absolute / rowCount, rmse: Math.sqrt(squared / rowCount), bias: signed / rowCount };
}
