/**
 * What one batch of observations looks like: rows of one monitored model, as columns.
 *
 * A row is one prediction. The columns stand in the order of the reference's columns (features, then outputs), so
 * that no name is looked up per value. Batches are reused from request to request: nothing here outlives `observe`.
 */

/** What a cell holds; the meaning of `Column.values` depends on it. */
export const CELL = {
  /** The row says nothing about this column: not captured, or cut off. Counts nowhere. */
  absent: 0,
  /** `values` is the number; may be NaN or infinite, which counts as missing. Booleans are 0 and 1. */
  number: 1,
  /** `values` is an id in the batch's text dictionary. */
  text: 2,
  /** Null, or named as missing by the sender. */
  missing: 3,
  /** A value that is neither number nor text: a type error in any column. */
  other: 4,
} as const;

/** Cells of one column, row by row; both arrays may be longer than the batch's `rowCount`. */
export interface Column {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
}

/**
 * Strings by small ids. Ids stay valid while `generation` stands; a full dictionary starts over under the next one.
 */
export interface TextDictionary {
  readonly generation: number;
  readonly size: number;
  textAt(id: number): string;
  /** What the text is in a numeric column: see `numberOfText`. */
  numberAt(id: number): number;
}

export interface ColumnBatch {
  rowCount: number;
  /** Event time of each row, Unix milliseconds. */
  readonly eventMs: Float64Array;
  /** Weight of each row: 1 / probability that it was sampled. Positive and finite. */
  readonly weights: Float64Array;
  readonly columns: readonly Column[];
  readonly texts: TextDictionary;
}
