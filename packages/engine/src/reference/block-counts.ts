/**
 * The reference cut by time into blocks of a window's length: how its cells are filled from block to block.
 *
 * Blocks lie where panes do, [i · blockMs, (i + 1) · blockMs). The first and the last are used only if they are as
 * full as blocks are (at least 0.8 of the median): data seldom begins on a block's edge.
 */
import { compileBinSearch, findBins } from '../sketch/bin-search.ts';
import { CategoryCells } from '../sketch/categories.ts';
import { referenceCellCounts } from '../sketch/cells.ts';
import { BLOCK_ROW_COUNT, type ColumnInput } from './column-source.ts';
import type { ColumnReference } from './profile.ts';

/** Blocks of one column; beyond it the newest are left out. */
export const BLOCK_COUNT_MAX = 4096;
const EDGE_BLOCK_FILL_MIN = 0.8;

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows whose time was finite. */
  readonly timedCount: number;
}

/** Range of the times that come with the column; undefined when none do. */
export function timeSpan({ rows }: ColumnInput): TimeSpan | undefined {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let timedCount = 0;
  rows.scan((_values, count, timesMs) => {
    if (timesMs === undefined) return;
    for (let i = 0; i < count; i++) {
      const timeMs = timesMs[i];
      if (timeMs - timeMs !== 0) continue;
      timedCount++;
      if (timeMs < fromMs) fromMs = timeMs;
      if (timeMs > toMs) toMs = timeMs;
    }
  });
  return timedCount === 0 ? undefined : { fromMs, toMs, timedCount };
}

/** Counts by cell of each whole block that has rows, in the order of time. */
export function blockCounts(column: ColumnReference, input: ColumnInput, blockMs: number): readonly Float64Array[] {
  const cellCount = referenceCellCounts(column).length;
  const blocks = new Map<number, Float64Array>();
  const cells = new Uint16Array(BLOCK_ROW_COUNT);
  const cellsOf = cellFinder(column, input);
  input.rows.scan((values, count, timesMs) => {
    if (timesMs === undefined) return;
    for (let from = 0; from < count; from += BLOCK_ROW_COUNT) {
      const size = Math.min(count - from, BLOCK_ROW_COUNT);
      cellsOf(values.subarray(from, from + size), cells);
      for (let i = 0; i < size; i++) {
        const index = Math.floor(timesMs[from + i] / blockMs);
        if (cells[i] === NO_CELL || index - index !== 0) continue;
        let block = blocks.get(index);
        if (block === undefined) {
          if (blocks.size >= BLOCK_COUNT_MAX) continue;
          block = new Float64Array(cellCount);
          blocks.set(index, block);
        }
        block[cells[i]]++;
      }
    }
  });
  const ordered = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
  return withoutPartialEnds(ordered);
}

const NO_CELL = 0xffff;

/** Writes the compared cell of each value, or NO_CELL. */
function cellFinder(column: ColumnReference, { categories = [] }: ColumnInput) {
  if (column.numeric === undefined) {
    const finder = new CategoryCells(column.categorical!);
    const cellOfIndex = Uint16Array.from(categories, (name) => finder.cellOf(name));
    return (values: Float64Array, cells: Uint16Array): void => {
      for (let i = 0; i < values.length; i++) {
        cells[i] = values[i] >= 0 ? (cellOfIndex[values[i]] ?? finder.otherCell) : NO_CELL;
      }
    };
  }
  const { edges, cuts } = column.numeric;
  const search = compileBinSearch(cuts.map((cut) => edges[cut]));
  const finite = new Float64Array(BLOCK_ROW_COUNT);
  return (values: Float64Array, cells: Uint16Array): void => {
    for (let i = 0; i < values.length; i++) finite[i] = values[i] - values[i] === 0 ? values[i] : 0;
    findBins(search, finite, values.length, cells);
    for (let i = 0; i < values.length; i++) if (values[i] - values[i] !== 0) cells[i] = NO_CELL;
  };
}

function withoutPartialEnds(blocks: readonly Float64Array[]): readonly Float64Array[] {
  if (blocks.length < 3) return blocks;
  const sizes = blocks.map((block) => block.reduce((sum, count) => sum + count, 0));
  const median = [...sizes.slice(1, -1)].sort((a, b) => a - b)[(blocks.length - 2) >> 1];
  const whole = (index: number): boolean => sizes[index] >= EDGE_BLOCK_FILL_MIN * median;
  return blocks.filter((_, i) => (i > 0 && i < blocks.length - 1) || whole(i));
}
