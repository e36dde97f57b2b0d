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

/** Blocks of one column that are kept, some 10 MB of counts; of more, half and half again, chosen by their hash. */
export const BLOCK_COUNT_MAX = 65_536;
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

/** A block: `index` × its length is its start. */
export interface Block {
  readonly index: number;
  readonly counts: Float64Array;
}

export interface Blocks {
  /** Whole blocks that have rows, in the order of time. */
  readonly blocks: readonly Block[];
  /** How many blocks had to be left out: 0 unless there are more than `blockCountMax`. */
  readonly droppedCount: number;
}

/** Counts by cell of each block. */
export function blockCounts(
  column: ColumnReference,
  input: ColumnInput,
  blockMs: number,
  blockCountMax = BLOCK_COUNT_MAX,
): Blocks {
  const cellCount = referenceCellCounts(column).length;
  const kept = new Map<number, Float64Array>();
  const dropped = new Set<number>();
  // A block is kept when the last `skippedBits` of its hash are 0: which ones, does not depend on the order of rows.
  let skippedBits = 0;
  const isKept = (index: number): boolean => (mixed(index) & ((1 << skippedBits) - 1)) === 0;
  const cells = new Uint16Array(BLOCK_ROW_COUNT);
  const cellsOf = cellFinder(column, input);
  const blockOf = (index: number): Float64Array | undefined => {
    const known = kept.get(index);
    if (known !== undefined) return known;
    if (!isKept(index)) {
      if (dropped.size < DROPPED_COUNT_MAX) dropped.add(index);
      return undefined;
    }
    const fresh = new Float64Array(cellCount);
    kept.set(index, fresh);
    while (kept.size > blockCountMax && skippedBits < SKIPPED_BITS_MAX) {
      skippedBits += 1;
      for (const one of kept.keys()) {
        if (isKept(one)) continue;
        kept.delete(one);
        if (dropped.size < DROPPED_COUNT_MAX) dropped.add(one);
      }
    }
    return kept.get(index);
  };
  input.rows.scan((values, count, timesMs) => {
    if (timesMs === undefined) return;
    for (let from = 0; from < count; from += BLOCK_ROW_COUNT) {
      const size = Math.min(count - from, BLOCK_ROW_COUNT);
      cellsOf(values.subarray(from, from + size), cells);
      for (let i = 0; i < size; i++) {
        const index = Math.floor(timesMs[from + i] / blockMs);
        if (cells[i] === NO_CELL || index - index !== 0) continue;
        const block = blockOf(index);
        if (block !== undefined) block[cells[i]]++;
      }
    }
  });
  const ordered = [...kept].sort(([a], [b]) => a - b).map(([index, counts]) => ({ index, counts }));
  return { blocks: withoutPartialEnds(ordered), droppedCount: dropped.size };
}

/** Blocks of `times` as many together. */
export function mergeBlocks(blocks: readonly Block[], times: number): readonly Block[] {
  const merged = new Map<number, Float64Array>();
  for (const { index, counts } of blocks) {
    const into = merged.get(Math.floor(index / times));
    if (into === undefined) merged.set(Math.floor(index / times), counts.slice());
    else for (let cell = 0; cell < counts.length; cell++) into[cell] = into[cell] + counts[cell];
  }
  return withoutPartialEnds([...merged].map(([index, counts]) => ({ index, counts })));
}

/** Indexes that are remembered to count them: "at least so many" beyond it. */
const DROPPED_COUNT_MAX = 1_000_000;
const SKIPPED_BITS_MAX = 30;

/** The finaliser of MurmurHash3: neighbours get unrelated bits. */
function mixed(index: number): number {
  let hash = index | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
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

function withoutPartialEnds(blocks: readonly Block[]): readonly Block[] {
  if (blocks.length < 3) return blocks;
  const sizes = blocks.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const median = [...sizes.slice(1, -1)].sort((a, b) => a - b)[(blocks.length - 2) >> 1];
  const whole = (index: number): boolean => sizes[index] >= EDGE_BLOCK_FILL_MIN * median;
  return blocks.filter((_, i) => (i > 0 && i < blocks.length - 1) || whole(i));
}
