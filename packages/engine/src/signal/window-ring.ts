/**
 * The last panes of one model, merged into the sliding window that is evaluated at each pane's end.
 *
 * Invariants
 * 1. A window ends where a pane ends and covers `paneCount` panes; a pane that never came is empty.
 * 2. Windows come in the order of their ends, each end once. Ends at which no pane of the window has rows are skipped
 *    but for the last one that is due, so that a gap of months costs one evaluation.
 * 3. A window is `filled` only if it begins at or after the moment from which the model has been watched.
 * 4. At most PENDING_PANE_COUNT_MAX panes beyond the window are kept; older ones make room and are counted.
 */
import type { PaneLayout } from '../sketch/layout.ts';
import { clearPane, createPane, mergePane } from '../sketch/pane.ts';
import { decodePaneList, encodePaneList, type IndexedPane, type PaneListFault } from '../sketch/pane-list-codec.ts';

/** Panes that were added and whose windows were not taken yet. */
export const PENDING_PANE_COUNT_MAX = 2048;

export interface WindowRingOptions {
  readonly paneMs: number;
  /** Panes in a window. */
  readonly paneCount: number;
  /** From when on the model is watched. Default: the start of the first pane that was added. */
  readonly sinceMs?: number;
}

export interface WindowView {
  /** [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
  /** The merged panes. Reused: valid until the next call of `next`. */
  readonly state: Float64Array;
  /** Its whole span has been watched. */
  readonly filled: boolean;
}

export class WindowRing {
  readonly #layout: PaneLayout;
  readonly #paneMs: number;
  readonly #paneCount: number;
  readonly #panes = new Map<number, Float64Array>();
  readonly #merged: Float64Array;
  #sinceMs: number;
  /** The next window ends with this pane at the earliest; −Infinity before the first. */
  #nextLast = Number.NEGATIVE_INFINITY;
  /** Panes up to this one are closed. */
  #closedLast = Number.NEGATIVE_INFINITY;
  #droppedPaneCount = 0;

  constructor(layout: PaneLayout, { paneMs, paneCount, sinceMs }: WindowRingOptions) {
    if (!(paneMs >= 1 && Number.isFinite(paneMs))) throw new RangeError(`paneMs is ${paneMs}: use at least 1`);
    if (!(Number.isInteger(paneCount) && paneCount >= 1)) {
      throw new RangeError(`paneCount is ${paneCount}: use a whole number from 1 on`);
    }
    this.#layout = layout;
    this.#paneMs = paneMs;
    this.#paneCount = paneCount;
    this.#sinceMs = sinceMs ?? Number.POSITIVE_INFINITY;
    if (sinceMs !== undefined) this.#nextLast = Math.floor(sinceMs / paneMs);
    this.#merged = createPane(layout);
  }

  get windowMs(): number {
    return this.#paneMs * this.#paneCount;
  }

  /** Panes that came after the last window that they belong to, or that had to make room. */
  get droppedPaneCount(): number {
    return this.#droppedPaneCount;
  }

  /**
   * Takes a closed pane; one of the same index (another worker's) is added to it. The state is kept, not copied.
   * False: no window that is still to come contains it.
   */
  add({ index, state }: IndexedPane): boolean {
    if (index <= this.#nextLast - this.#paneCount) {
      this.#droppedPaneCount++;
      return false;
    }
    const present = this.#panes.get(index);
    if (present !== undefined) mergePane(this.#layout, present, state);
    else this.#panes.set(index, state);
    if (index * this.#paneMs < this.#sinceMs && this.#nextLast === Number.NEGATIVE_INFINITY) {
      this.#sinceMs = index * this.#paneMs;
    }
    if (this.#panes.size > this.#paneCount + PENDING_PANE_COUNT_MAX) {
      this.#panes.delete(Math.min(...this.#panes.keys()));
      this.#droppedPaneCount++;
    }
    return true;
  }

  /** Says up to where panes are closed: with several workers, the minimum over them. */
  advance(closedThroughMs: number): void {
    const last = Math.floor(closedThroughMs / this.#paneMs) - 1;
    if (last > this.#closedLast) this.#closedLast = last;
  }

  /** The next window that is due, or nothing. */
  next(): WindowView | undefined {
    const last = this.#dueLast();
    if (last === undefined) return undefined;
    const first = last - this.#paneCount + 1;
    clearPane(this.#layout, this.#merged);
    for (let index = first; index <= last; index++) {
      const pane = this.#panes.get(index);
      if (pane !== undefined) mergePane(this.#layout, this.#merged, pane);
    }
    this.#nextLast = last + 1;
    for (const index of this.#panes.keys()) if (index <= this.#nextLast - this.#paneCount) this.#panes.delete(index);
    const startMs = first * this.#paneMs;
    const endMs = (last + 1) * this.#paneMs;
    return { startMs, endMs, state: this.#merged, filled: startMs >= this.#sinceMs };
  }

  /**
   * The panes of the last window's length that are there, closed or not, for a look in between: nothing changes by it.
   * Undefined when there are none.
   */
  soFar(): WindowView | undefined {
    if (this.#panes.size === 0) return undefined;
    const last = Math.max(...this.#panes.keys());
    const first = last - this.#paneCount + 1;
    const state = createPane(this.#layout);
    for (const [index, pane] of this.#panes) if (index >= first) mergePane(this.#layout, state, pane);
    const startMs = first * this.#paneMs;
    return { startMs, endMs: (last + 1) * this.#paneMs, state, filled: startMs >= this.#sinceMs };
  }

  snapshot(): Uint8Array {
    const numbers = [this.#paneMs, this.#paneCount, this.#sinceMs, this.#nextLast, this.#closedLast];
    const panes = [...this.#panes].map(([index, state]) => ({ index, state })).sort((a, b) => a.index - b.index);
    return encodePaneList(this.#layout, { numbers, panes });
  }

  /** Takes the place of the current content. Bytes of another profile, pane or window length change nothing. */
  restore(bytes: Uint8Array): { readonly ok: true } | { readonly ok: false; readonly reason: PaneListFault } {
    const decoded = decodePaneList(this.#layout, bytes, 5);
    if (!decoded.ok) return decoded;
    const [paneMs, paneCount, sinceMs, nextLast, closedLast] = decoded.list.numbers;
    if (paneMs !== this.#paneMs || paneCount !== this.#paneCount) return { ok: false, reason: 'pane_length' };
    if (Number.isNaN(sinceMs + 0) || Number.isNaN(nextLast) || Number.isNaN(closedLast)) {
      return { ok: false, reason: 'value' };
    }
    this.#panes.clear();
    for (const { index, state } of decoded.list.panes) this.#panes.set(index, state);
    this.#sinceMs = sinceMs;
    this.#nextLast = nextLast;
    this.#closedLast = closedLast;
    return { ok: true };
  }

  /** Index of the last pane of the next window that is due. */
  #dueLast(): number | undefined {
    if (this.#nextLast === Number.NEGATIVE_INFINITY) {
      if (this.#panes.size === 0) return undefined;
      this.#nextLast = Math.min(...this.#panes.keys());
    }
    if (this.#nextLast > this.#closedLast) return undefined;
    const oldest = Math.min(...this.#panes.keys());
    if (oldest <= this.#nextLast) return this.#nextLast;
    return Math.min(oldest, this.#closedLast);
  }
}
