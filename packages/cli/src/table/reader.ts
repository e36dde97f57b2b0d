/** What every file format gives: names of columns, and their cells in chunks, column by column. */
import type { Hash } from 'node:crypto';
import type { Cell } from './cell.ts';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export interface TableInput {
  /** Path, or `-` for standard input. */
  readonly path: string;
  readonly format: Format;
  /** Takes every byte of the file. */
  readonly hash: Hash;
}

export interface TableSink {
  /** Called once, before the first cells. */
  columns(names: readonly string[]): void;
  /** The next cells of a column. All columns have got as many when the table ends. */
  cells(column: number, cells: ArrayLike<Cell>): void;
  /** Rows read so far, and bytes of the file of which they are; bytesTotal is 0 when it is not known. */
  progress(rowCount: number, bytes: number, bytesTotal: number): void;
  /** Awaited after each chunk, where rows go on to somebody slower: nothing is read until then. */
  room?(): Promise<void>;
  /** What a person should know of the file. */
  note(text: string): void;
}

/** Bytes that are read from a file at once: larger buffers wait longer for the garbage collector. */
export const READ_BYTES = 1 << 17;
export const COLUMNS_MAX = 10_000;
/** Bytes of one row of text: more is a quote that is not closed, or no table. */
export const RECORD_BYTES_MAX = 16 * 2 ** 20;
/** Rows that a chunk has at most. */
export const CHUNK_ROWS = 500;
/** Bytes of a chunk's rows, all but the last of them: long rows come in chunks of fewer. */
export const CHUNK_BYTES_MAX = 64 * 2 ** 20;
