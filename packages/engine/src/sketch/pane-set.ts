/**
 * The open panes of one model: rows go into the pane of their event time until it closes.
 *
 * Invariants
 * 1. Pane i covers [i · paneMs, (i + 1) · paneMs). A pane below `#firstOpen` is closed for good: its rows are late.
 * 2. Every row of a batch is counted, late, future, without time or overflow: the five sum to `rowCount`.
 * 3. At most `openPanesMax` panes are open and CLOSED_PANE_COUNT_MAX wait to be fetched; a pane that is closed early
 *    to make room is counted.
 * 4. Time only enters as an argument. Wall mode: a pane closes `latenessMs` after its end by the clock. Event mode:
 *    by the highest event time seen; the clock says what is the future, in a replay too: one row that lies ahead would
 *    make all that follow late, and what is replayed has happened.
 */
import type { ColumnBatch } from '../observe/column-batch.ts';
import type { PaneLayout } from './layout.ts';
import { observe } from './observe.ts';
import { createPane, paneCounts } from './pane.ts';
import { decodePaneList, encodePaneList, type IndexedPane, type PaneListFault } from './pane-list-codec.ts';
import { RowGroups } from './row-groups.ts';

export const WINDOW_MS = 3_600_000;
export const PANES_PER_WINDOW = 12;
/** How long after its end a pane still takes rows. */
export const LATENESS_MS = 120_000;
/** How far ahead of the clock a row may be. */
export const SKEW_MS = 60_000;
/** Closed panes that nobody fetched yet. */
export const CLOSED_PANE_COUNT_MAX = 1024;

/** The range of a JavaScript date: beyond it pane indexes would lose their last digit. */
const TIME_MS_MAX = 8.64e15;

export interface PaneSetOptions {
  readonly paneMs: number;
  readonly latenessMs: number;
  readonly skewMs: number;
  readonly mode: 'wall' | 'event';
  /** Default: what lateness and skew can hold open, and eight more. */
  readonly openPanesMax?: number;
}

export interface AppendCounts {
  readonly counted: number;
  /** The row's pane is closed. */
  readonly late: number;
  /** More than `skewMs` ahead of the clock. */
  readonly future: number;
  /** No time at all: not finite, or beyond ±8.64e15. */
  readonly noTime: number;
  /** No room for another pane: closed panes are not being fetched. */
  readonly overflow: number;
  /** The rows that are future, without time or overflow, in any order. Reused: valid until the next `append`. */
  readonly refusedRows: Int32Array;
}

export interface ClosedPane {
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Owned by the receiver. */
  readonly state: Float64Array;
}

export interface ClosedPanes {
  /** Ascending; panes without rows are left out. */
  readonly panes: readonly ClosedPane[];
  /** Every pane that ends at or before this is closed. −Infinity before anything is. */
  readonly closedThroughMs: number;
}

export class PaneSet {
  readonly #layout: PaneLayout;
  readonly #options: PaneSetOptions;
  readonly #openPanesMax: number;
  readonly #open = new Map<number, Float64Array>();
  readonly #groups = new RowGroups();
  #paneOfRow = new Float64Array(0);
  #refused = new Int32Array(0);
  #refusedCount = 0;
  #closed: ClosedPane[] = [];
  /** Lowest index that is not closed. */
  #firstOpen = Number.NEGATIVE_INFINITY;
  #watermarkMs = Number.NEGATIVE_INFINITY;
  #closedEarlyCount = 0;

  constructor(layout: PaneLayout, options: PaneSetOptions) {
    const { paneMs, latenessMs, skewMs } = options;
    if (!(paneMs >= 1 && Number.isFinite(paneMs))) throw new RangeError(`paneMs is ${paneMs}: use at least 1`);
    if (!(latenessMs >= 0 && skewMs >= 0)) {
      throw new RangeError(`latenessMs is ${latenessMs}, skewMs is ${skewMs}: use 0 or more`);
    }
    this.#layout = layout;
    this.#options = options;
    this.#openPanesMax = options.openPanesMax ?? Math.min(256, Math.ceil((latenessMs + skewMs) / paneMs) + 8);
  }

  get openPaneCount(): number {
    return this.#open.size;
  }

  /** Rows in the panes that are open: what is lost when this state is. */
  get openRowCount(): number {
    let sum = 0;
    for (const state of this.#open.values()) sum += paneCounts(state).rows;
    return sum;
  }

  /** Panes that were closed before their time because too many were open. */
  get closedEarlyCount(): number {
    return this.#closedEarlyCount;
  }

  append(batch: ColumnBatch, nowMs: number): AppendCounts {
    const { rowCount } = batch;
    this.#refusedCount = 0;
    const { late, future, noTime, newestMs } = this.#place(batch, nowMs);
    const placed = this.#groups.group(this.#paneOfRow, rowCount);
    let overflow = 0;
    for (let group = 0; group < this.#groups.groupCount; group++) {
      const start = this.#groups.starts[group];
      const end = this.#groups.starts[group + 1];
      const pane = this.#paneAt(this.#groups.panes[group]);
      if (pane === undefined) {
        overflow += end - start;
        for (let i = start; i < end; i++) this.#refuse(this.#groups.order[i], rowCount);
      } else observe(this.#layout, pane, batch, this.#groups.order, start, end);
    }
    if (newestMs > this.#watermarkMs) this.#watermarkMs = newestMs;
    const refusedRows = this.#refused.subarray(0, this.#refusedCount);
    return { counted: placed - overflow, late, future, noTime, overflow, refusedRows };
  }

  /** Closes what is due at `nowMs` (wall) or by the events seen (event), and hands over all that was closed. */
  advance(nowMs: number): ClosedPanes {
    const { mode, paneMs, latenessMs } = this.#options;
    const timeMs = mode === 'wall' ? nowMs : this.#watermarkMs;
    const firstOpen = Math.floor((timeMs - latenessMs) / paneMs);
    if (firstOpen > this.#firstOpen) this.#closeBelow(firstOpen);
    return this.#takeClosed();
  }

  /** Closes everything: end of the file, shutdown. Later rows of these panes are late. */
  flush(): ClosedPanes {
    if (this.#open.size > 0) this.#closeBelow(Math.max(...this.#open.keys()) + 1);
    return this.#takeClosed();
  }

  /** Closes what is due, and hands over what the open panes hold so far; they go on empty. Sums are the same. */
  drain(nowMs: number): ClosedPanes {
    const { panes, closedThroughMs } = this.advance(nowMs);
    const open = this.#openPanes().map((pane) => this.#closedPane(pane));
    this.#open.clear();
    return { panes: [...panes, ...open], closedThroughMs };
  }

  /** Versioned bytes of all that is open or waits to be fetched. */
  snapshot(): Uint8Array {
    const numbers = [this.#options.paneMs, this.#firstOpen, this.#watermarkMs];
    return encodePaneList(this.#layout, { numbers, panes: [...this.#closed, ...this.#openPanes()] });
  }

  /** Takes the place of the current content. Bytes of another profile or pane length change nothing. */
  restore(bytes: Uint8Array): { readonly ok: true } | { readonly ok: false; readonly reason: PaneListFault } {
    const decoded = decodePaneList(this.#layout, bytes, 3);
    if (!decoded.ok) return decoded;
    const [paneMs, firstOpen, watermarkMs] = decoded.list.numbers;
    if (paneMs !== this.#options.paneMs) return { ok: false, reason: 'pane_length' };
    if (Number.isNaN(firstOpen) || Number.isNaN(watermarkMs)) return { ok: false, reason: 'value' };
    this.#open.clear();
    this.#closed = [];
    this.#firstOpen = firstOpen;
    this.#watermarkMs = watermarkMs;
    for (const pane of decoded.list.panes) {
      if (pane.index < firstOpen) this.#closed.push(this.#closedPane(pane));
      else this.#open.set(pane.index, pane.state);
    }
    return { ok: true };
  }

  /** Fills `#paneOfRow`: the pane index, or NaN for a row that is late or refused. */
  #place(batch: ColumnBatch, nowMs: number): { late: number; future: number; noTime: number; newestMs: number } {
    const { rowCount, eventMs } = batch;
    const { mode, paneMs, latenessMs, skewMs } = this.#options;
    if (this.#paneOfRow.length < rowCount) this.#paneOfRow = new Float64Array(rowCount);
    const paneOfRow = this.#paneOfRow;
    const due = mode === 'wall' ? Math.floor((nowMs - latenessMs) / paneMs) : this.#firstOpen;
    const firstOpen = Math.max(this.#firstOpen, due);
    const latestMs = nowMs + skewMs;
    let late = 0;
    let future = 0;
    let noTime = 0;
    let newestMs = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rowCount; row++) {
      const timeMs = eventMs[row];
      let pane = Number.NaN;
      if (!(timeMs <= latestMs && Math.abs(timeMs) <= TIME_MS_MAX)) {
        if (Math.abs(timeMs) <= TIME_MS_MAX) future++;
        else noTime++;
        this.#refuse(row, rowCount);
      } else {
        pane = Math.floor(timeMs / paneMs);
        if (timeMs > newestMs) newestMs = timeMs;
        if (pane < firstOpen) {
          late++;
          pane = Number.NaN;
        }
      }
      paneOfRow[row] = pane;
    }
    return { late, future, noTime, newestMs };
  }

  #refuse(row: number, rowCount: number): void {
    if (this.#refused.length < rowCount) {
      const grown = new Int32Array(rowCount);
      grown.set(this.#refused.subarray(0, this.#refusedCount));
      this.#refused = grown;
    }
    this.#refused[this.#refusedCount++] = row;
  }

  #paneAt(index: number): Float64Array | undefined {
    const open = this.#open.get(index);
    if (open !== undefined) return open;
    if (this.#open.size >= this.#openPanesMax) {
      const oldest = Math.min(...this.#open.keys());
      if (index < oldest || this.#closed.length >= CLOSED_PANE_COUNT_MAX) return undefined;
      this.#closedEarlyCount++;
      this.#closeBelow(oldest + 1);
    }
    const pane = createPane(this.#layout);
    this.#open.set(index, pane);
    return pane;
  }

  #closeBelow(firstOpen: number): void {
    for (const pane of this.#openPanes()) {
      if (pane.index >= firstOpen) break;
      this.#open.delete(pane.index);
      this.#closed.push(this.#closedPane(pane));
    }
    this.#firstOpen = Math.max(this.#firstOpen, firstOpen);
  }

  #openPanes(): IndexedPane[] {
    return [...this.#open].map(([index, state]) => ({ index, state })).sort((a, b) => a.index - b.index);
  }

  #closedPane({ index, state }: IndexedPane): ClosedPane {
    const { paneMs } = this.#options;
    return { index, startMs: index * paneMs, endMs: (index + 1) * paneMs, state };
  }

  #takeClosed(): ClosedPanes {
    const panes = this.#closed;
    this.#closed = [];
    return { panes, closedThroughMs: this.#firstOpen * this.#options.paneMs };
  }
}
