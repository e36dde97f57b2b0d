/** Columns of training data as the profile builder reads them: again and again, in chunks, never all at once. */
import type { ColumnReference, ColumnRole, ColumnType } from './profile.ts';

export interface ColumnSource {
  /**
   * Visits all rows in the same order each time. Numeric: NaN is no value (infinities count as none too). Categorical:
   * index into `categories`, −1 is no value. Chunks may be reused. `timesMs` is given with every chunk or with none.
   */
  scan(visit: ColumnVisitor): void;
}

export type ColumnVisitor = (values: Float64Array, count: number, timesMs?: Float64Array) => void;

export interface ColumnInput {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
  readonly rows: ColumnSource;
  /** Categorical: distinct names. */
  readonly categories?: readonly string[];
  /** Categorical: the names were too many to hold; rows of the others are index `categories.length`. */
  readonly categoriesCut?: boolean;
  /** How many of the rows without a value had one that does not convert. */
  readonly typeErrorCount?: number;
  /** What the user decided; otherwise the builder proposes. */
  readonly monitor?: boolean;
  readonly reason?: string;
  readonly owner?: string;
  readonly source?: string;
  readonly description?: string;
  /** Counts on this column's edges or categories instead of new ones, so that profiles of shards merge. */
  readonly frozen?: ColumnReference;
}

/** Rows that the builder looks at in one go. */
export const BLOCK_ROW_COUNT = 4096;
