/**
 * The rows of a batch by pane: a counting sort, so that each pane's rows lie side by side in `order`.
 *
 * Invariants
 * 1. Group g covers `order[starts[g] … starts[g + 1])`; groups are ascending by pane and none is empty.
 * 2. Rows of one group keep their order in the batch.
 * 3. Arrays grow to the largest batch seen and are reused; nothing is allocated per row.
 */

/** Spread of pane indexes in one batch up to which rows are counted; beyond, they are sorted by comparison. */
const COUNTED_SPREAD_MAX = 4096;

export class RowGroups {
  groupCount = 0;
  order = new Int32Array(0);
  starts = new Int32Array(1);
  /** Pane index of each group. */
  panes = new Float64Array(0);
  readonly #counts = new Int32Array(COUNTED_SPREAD_MAX + 1);

  /** `paneOfRow[row]` is an integer, or NaN for a row that belongs nowhere. Returns how many rows were grouped. */
  group(paneOfRow: Float64Array, rowCount: number): number {
    if (this.order.length < rowCount) {
      this.order = new Int32Array(rowCount);
      this.panes = new Float64Array(rowCount);
      this.starts = new Int32Array(rowCount + 1);
    }
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rowCount; row++) {
      const pane = paneOfRow[row];
      if (pane < min) min = pane;
      if (pane > max) max = pane;
    }
    this.groupCount = 0;
    if (min > max) return 0;
    if (max - min < COUNTED_SPREAD_MAX) return this.#count(paneOfRow, rowCount, min, max - min + 1);
    return this.#sort(paneOfRow, rowCount);
  }

  #count(paneOfRow: Float64Array, rowCount: number, min: number, spread: number): number {
    const counts = this.#counts;
    counts.fill(0, 0, spread);
    for (let row = 0; row < rowCount; row++) {
      const pane = paneOfRow[row];
      if (!Number.isNaN(pane)) counts[pane - min]++;
    }
    let at = 0;
    for (let i = 0; i < spread; i++) {
      const size = counts[i];
      counts[i] = at;
      if (size > 0) this.#open(min + i, at);
      at += size;
    }
    this.starts[this.groupCount] = at;
    for (let row = 0; row < rowCount; row++) {
      const pane = paneOfRow[row];
      if (!Number.isNaN(pane)) this.order[counts[pane - min]++] = row;
    }
    return at;
  }

  /** Replays that put years into one batch. */
  #sort(paneOfRow: Float64Array, rowCount: number): number {
    let count = 0;
    for (let row = 0; row < rowCount; row++) if (!Number.isNaN(paneOfRow[row])) this.order[count++] = row;
    this.order.subarray(0, count).sort((a, b) => paneOfRow[a] - paneOfRow[b] || a - b);
    for (let i = 0; i < count; i++) {
      const pane = paneOfRow[this.order[i]];
      if (i === 0 || pane !== this.panes[this.groupCount - 1]) this.#open(pane, i);
    }
    this.starts[this.groupCount] = count;
    return count;
  }

  #open(pane: number, at: number): void {
    this.panes[this.groupCount] = pane;
    this.starts[this.groupCount++] = at;
  }
}
