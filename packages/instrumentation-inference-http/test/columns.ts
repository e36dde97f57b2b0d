/** Columns as plain objects, to be compared. */
import type { PredictionColumns, ValueColumn } from '@leeway/instrumentation';
import type { RequestColumns, ResponseColumns } from '../src/protocol.ts';

const list = (column: ValueColumn, rowCount: number): unknown[] =>
  Array.from({ length: rowCount }, (_, row) => column.at(row));

/** Reads every cell; the reason where there is one. */
export function readAll({ rowCount = 0, features, skippedReason }: RequestColumns): unknown {
  if (skippedReason !== undefined) return skippedReason;
  return Object.fromEntries(features.map((column) => [column.name, list(column, rowCount)]));
}

export function readPredictions({ rowCount = 0, predictions, skippedReason }: ResponseColumns): unknown {
  if (skippedReason !== undefined) return skippedReason;
  const { scores, ...single } = predictions as PredictionColumns;
  return {
    ...Object.fromEntries(
      Object.entries(single).map(([name, column]) => [name, list(column as ValueColumn, rowCount)]),
    ),
    ...(scores === undefined
      ? {}
      : { scores: Object.fromEntries(scores.map((column) => [column.name, list(column, rowCount)])) }),
  };
}
