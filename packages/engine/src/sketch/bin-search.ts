/**
 * Which bin a number falls into, in some ten nanoseconds.
 *
 * The upper bits of a double, read as an integer, grow with the double. So a table indexed by them gives the first
 * edge that the value can still reach, and a short walk forwards gives the bin. Edges that agree in those bits (epoch
 * milliseconds) would share one cell and make the walk long: then a binary search is used instead.
 */

/** Edges k make bins k + 1: bin b holds the values with exactly b edges at or below them. */
export interface BinSearch {
  /** Ascending, −0 made 0, with +Infinity behind the last one. */
  readonly edges: Float64Array;
  readonly edgeCount: number;
  /** Cell of a value: its ordered upper word, shifted, less `base`. */
  readonly shift: number;
  readonly base: number;
  /** By cell, how many edges lie in lower cells. Empty: search binarily. */
  readonly table: Uint16Array;
}

/** Entries of one table: 16 kB, of which real data touches few lines. */
const TABLE_SIZE_MAX = 8192;
/** Edges in one cell, beyond which walking costs more than searching. */
const CELL_EDGE_COUNT_MAX = 8;

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** `edges` are finite and strictly ascending, at most 65,535. */
export function compileBinSearch(edges: ArrayLike<number>): BinSearch {
  const edgeCount = edges.length;
  const sorted = new Float64Array(edgeCount + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < edgeCount; i++) sorted[i] = edges[i] + 0;
  if (edgeCount === 0) return { edges: sorted, edgeCount, shift: 0, base: 0, table: new Uint16Array(0) };

  const low = orderedWord(sorted[0]);
  const high = orderedWord(sorted[edgeCount - 1]);
  let shift = 0;
  while ((high >> shift) - (low >> shift) >= TABLE_SIZE_MAX) shift++;
  const base = low >> shift;
  const table = new Uint16Array((high >> shift) - base + 1);
  const perCell = new Uint16Array(table.length);
  for (let i = 0; i < edgeCount; i++) perCell[(orderedWord(sorted[i]) >> shift) - base]++;
  let below = 0;
  let fullest = 0;
  for (let cell = 0; cell < table.length; cell++) {
    table[cell] = below;
    below += perCell[cell];
    fullest = Math.max(fullest, perCell[cell]);
  }
  const usable = fullest <= CELL_EDGE_COUNT_MAX;
  return { edges: sorted, edgeCount, shift, base, table: usable ? table : new Uint16Array(0) };
}

/** Bins of `values[0 … count)`, all finite, into `bins`. */
export function findBins(search: BinSearch, values: Float64Array, count: number, bins: Uint16Array): void {
  const { edges, edgeCount, shift, base, table } = search;
  const size = table.length;
  if (size === 0) {
    for (let i = 0; i < count; i++) bins[i] = findBinPlain(search, values[i]);
    return;
  }
  for (let i = 0; i < count; i++) {
    // Adding 0 makes −0 an ordinary 0, whose bits sort where its value does.
    const value = values[i] + 0;
    scratch[0] = value;
    const word = scratchWords[HIGH_WORD];
    const cell = ((word ^ ((word >> 31) & 0x7fffffff)) >> shift) - base;
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

/** Upper word of a double as an integer that grows with the double. */
function orderedWord(value: number): number {
  scratch[0] = value;
  const word = scratchWords[HIGH_WORD];
  return word ^ ((word >> 31) & 0x7fffffff);
}
