/**
 * Which bin a number falls into, in some ten nanoseconds.
 *
 * The upper bits of a double, read as an integer, grow with the double. So a table indexed by them gives the first
 * edge that the value can still reach, and a short walk forwards gives the bin. Two things would put many edges into
 * one cell and make the walk long: edges on both sides of zero (most cells would lie between 1e-300 and the first
 * edge), and edges that agree in their upper bits (epoch milliseconds). Hence magnitudes below a floor share a cell,
 * and a constant may be added first. Both keep the order, and the walk compares the values themselves, so the answer
 * is exact. What still crowds one cell is searched binarily.
 */

/** Edges k make bins k + 1: bin b holds the values with exactly b edges at or below them. */
export interface BinSearch {
  /** Ascending, −0 made 0, with +Infinity behind the last one. */
  readonly edges: Float64Array;
  readonly edgeCount: number;
  readonly cells: CellRule;
  /** By cell, how many edges lie in lower cells. Empty: search binarily. */
  readonly table: Uint16Array;
}

/** Which cell a value belongs to; grows with the value. */
interface CellRule {
  /** Added to every value. */
  readonly offset: number;
  /** Upper words of magnitudes below this one count as it. */
  readonly floor: number;
  readonly shift: number;
  /** Cell of the smallest edge is 0. */
  readonly base: number;
}

/** Entries of one table: 8 kB, of which real data touches a part. */
const TABLE_SIZE_MAX = 4096;
/** Edges in one cell, beyond which walking costs more than searching. */
const CELL_EDGE_COUNT_MAX = 8;
/** Floors that are tried: this many powers of two below the largest magnitude. */
const FLOOR_OCTAVES = [2048, 40, 20, 10, 5] as const;

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const MAGNITUDE = 0x7fffffff;

/** `edges` are finite and strictly ascending, at most 65,535. */
export function compileBinSearch(edges: ArrayLike<number>): BinSearch {
  const edgeCount = edges.length;
  const sorted = new Float64Array(edgeCount + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < edgeCount; i++) sorted[i] = edges[i] + 0;
  const plain = { edges: sorted, edgeCount, cells: { offset: 0, floor: 0, shift: 0, base: 0 } };
  if (edgeCount === 0) return { ...plain, table: new Uint16Array(0) };

  let best: { search: BinSearch; crowding: number } | undefined;
  for (const offset of [0, -sorted[edgeCount >> 1], -sorted[0]]) {
    for (const octaves of FLOOR_OCTAVES) {
      const candidate = tabulate(sorted, edgeCount, offset, octaves);
      if (best === undefined || candidate.crowding < best.crowding) best = candidate;
    }
  }
  return best !== undefined && best.crowding < Number.POSITIVE_INFINITY
    ? best.search
    : { ...plain, table: new Uint16Array(0) };
}

/** Bins of `values[0 … count)`, all finite, into `bins`. */
export function findBins(search: BinSearch, values: Float64Array, count: number, bins: Uint16Array): void {
  const { edges, edgeCount, table } = search;
  const { offset, floor, shift, base } = search.cells;
  const size = table.length;
  if (size === 0) {
    for (let i = 0; i < count; i++) bins[i] = findBinPlain(search, values[i]);
    return;
  }
  for (let i = 0; i < count; i++) {
    const value = values[i];
    // Adding 0 makes −0 an ordinary 0, whose bits sort where its value does.
    scratch[0] = value + offset;
    const word = scratchWords[HIGH_WORD];
    const cell = ((Math.max(0, (word & MAGNITUDE) - floor) >> shift) ^ (word >> 31)) - base;
    let bin = 0;
    if (cell >= size) bin = edgeCount;
    else if (cell >= 0) {
      bin = table[cell];
      while (value >= edges[bin]) bin++;
    }
    bins[i] = bin;
  }
}

/** The same by binary search: the fallback, and the plain twin that tests compare with. `value` is finite. */
export function findBinPlain(search: BinSearch, value: number): number {
  const { edges } = search;
  let low = 0;
  let size = search.edgeCount;
  while (size > 0) {
    const half = size >> 1;
    if (value >= edges[low + half]) {
      low += half + 1;
      size -= half + 1;
    } else size = half;
  }
  return low;
}

/** Crowding: the expected walk if values fall as edges do; Infinity when a cell is too full. */
function tabulate(edges: Float64Array, edgeCount: number, offset: number, octaves: number) {
  const largest = Math.max(Math.abs(edges[0] + offset), Math.abs(edges[edgeCount - 1] + offset));
  scratch[0] = largest;
  const floor = Math.max(0, scratchWords[HIGH_WORD] - octaves * 2 ** 20);
  const cellOf = (value: number, shift: number): number => {
    scratch[0] = value + offset;
    const word = scratchWords[HIGH_WORD];
    return (Math.max(0, (word & MAGNITUDE) - floor) >> shift) ^ (word >> 31);
  };
  let shift = 0;
  while (cellOf(edges[edgeCount - 1], shift) - cellOf(edges[0], shift) >= TABLE_SIZE_MAX) shift++;
  const base = cellOf(edges[0], shift);
  const table = new Uint16Array(cellOf(edges[edgeCount - 1], shift) - base + 1);
  const perCell = new Uint16Array(table.length);
  for (let i = 0; i < edgeCount; i++) perCell[cellOf(edges[i], shift) - base]++;
  let below = 0;
  let crowding = 0;
  for (let cell = 0; cell < table.length; cell++) {
    table[cell] = below;
    below += perCell[cell];
    crowding += perCell[cell] > CELL_EDGE_COUNT_MAX ? Number.POSITIVE_INFINITY : perCell[cell] ** 2;
  }
  return { search: { edges, edgeCount, cells: { offset, floor, shift, base }, table }, crowding };
}
