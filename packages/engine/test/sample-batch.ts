/** Batches for tests, written as plain values. */
import { CELL, type ColumnBatch, numberOfText } from '@leeway/engine';

/** A number, a text, null (missing), undefined (absent), or anything else (a value of no usable type). */
export type Cell = number | string | boolean | null | undefined | object;

export interface BatchOptions {
  readonly eventMs?: readonly number[];
  readonly weights?: readonly number[];
  readonly generation?: number;
}

/** `columns[c][row]`. */
export function batchOf(columns: readonly (readonly Cell[])[], options: BatchOptions = {}): ColumnBatch {
  const rowCount = columns[0]?.length ?? 0;
  const texts: string[] = [];
  const idOf = new Map<string, number>();
  const kindOf = (cell: Cell): number => {
    if (cell === undefined) return CELL.absent;
    if (cell === null) return CELL.missing;
    if (typeof cell === 'string') return CELL.text;
    return typeof cell === 'number' || typeof cell === 'boolean' ? CELL.number : CELL.other;
  };
  const numberOf = (cell: Cell): number => {
    if (typeof cell !== 'string') return typeof cell === 'object' ? 0 : Number(cell ?? 0);
    if (!idOf.has(cell)) {
      idOf.set(cell, texts.length);
      texts.push(cell);
    }
    return idOf.get(cell)!;
  };
  return {
    rowCount,
    eventMs: Float64Array.from(options.eventMs ?? new Array<number>(rowCount).fill(0)),
    weights: Float64Array.from(options.weights ?? new Array<number>(rowCount).fill(1)),
    columns: columns.map((cells) => ({
      values: Float64Array.from(cells, numberOf),
      kinds: Uint8Array.from(cells, kindOf),
    })),
    texts: {
      generation: options.generation ?? 1,
      size: texts.length,
      textAt: (id) => texts[id],
      numberAt: (id) => numberOfText(texts[id]),
    },
  };
}

/** All rows of a batch, in order. */
export function allRows({ rowCount }: ColumnBatch): Int32Array {
  return Int32Array.from({ length: rowCount }, (_, row) => row);
}
