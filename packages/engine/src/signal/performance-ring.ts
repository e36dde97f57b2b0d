/**
 * The last performance panes of one model, and which windows of them are due: as `WindowRing`, for panes of performance.
 *
 * Invariants
 * 1. A window ends where a pane ends and covers `paneCount` panes; a pane that never came is empty.
 * 2. Windows come in the order of their ends, each end once. Ends at which no pane of the window has rows are skipped
 *    but for the last one that is due.
 * 3. Every pane is handed over once as new, with the first window that ends at or after it.
 * 4. At most PENDING_PANE_COUNT_MAX panes beyond the window are kept; older ones make room and are counted.
 */
import {
  mergePerformancePanes,
  mergeSums,
  type OutcomeSums,
  type PerformancePane,
} from '../performance/performance-pane.ts';
import { PENDING_PANE_COUNT_MAX, type WindowRingOptions } from './window-ring.ts';

export interface PerformanceWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** The merged panes; undefined where none came. */
  readonly sums: { readonly whole: OutcomeSums; readonly segments: readonly OutcomeSums[] } | undefined;
  /** Panes that no window before has had, ascending. */
  readonly fresh: readonly PerformancePane[];
  /** Its whole span has been watched. */
  readonly filled: boolean;
}

/** What goes on after a restart. */
export interface RingTimes {
  readonly sinceMs: number;
  readonly nextLast: number;
  readonly closedLast: number;
}

export class PerformanceRing {
  readonly #paneMs: number;
  readonly #paneCount: number;
  readonly #panes = new Map<number, PerformancePane>();
  #sinceMs: number;
  /** The next window ends with this pane at the earliest; −Infinity before the first. */
  #nextLast = Number.NEGATIVE_INFINITY;
  #closedLast = Number.NEGATIVE_INFINITY;
  #droppedPaneCount = 0;

  constructor({ paneMs, paneCount, sinceMs }: WindowRingOptions) {
    this.#paneMs = paneMs;
    this.#paneCount = paneCount;
    this.#sinceMs = sinceMs ?? Number.POSITIVE_INFINITY;
    if (sinceMs !== undefined) this.#nextLast = Math.floor(sinceMs / paneMs);
  }

  /** Panes that came after the last window that they belong to, or that had to make room. */
  get droppedPaneCount(): number {
    return this.#droppedPaneCount;
  }

  /** Takes a closed pane; one of the same index (another shard's) is added to it. */
  add(pane: PerformancePane): boolean {
    const { index } = pane;
    if (index <= this.#nextLast - this.#paneCount) {
      this.#droppedPaneCount++;
      return false;
    }
    const present = this.#panes.get(index);
    this.#panes.set(index, present === undefined ? pane : mergePerformancePanes(present, pane));
    if (index * this.#paneMs < this.#sinceMs && this.#nextLast === Number.NEGATIVE_INFINITY)
      this.#sinceMs = index * this.#paneMs;
    if (this.#panes.size > this.#paneCount + PENDING_PANE_COUNT_MAX) {
      this.#panes.delete(Math.min(...this.#panes.keys()));
      this.#droppedPaneCount++;
    }
    return true;
  }

  /** Says up to where panes are closed: with several shards, the minimum over them. */
  advance(closedThroughMs: number): void {
    const last = Math.floor(closedThroughMs / this.#paneMs) - 1;
    if (last > this.#closedLast) this.#closedLast = last;
  }

  next(): PerformanceWindow | undefined {
    const last = this.#dueLast();
    if (last === undefined) return undefined;
    const first = last - this.#paneCount + 1;
    const panes = [...this.#panes.values()]
      .filter(({ index }) => index >= first && index <= last)
      .sort((a, b) => a.index - b.index);
    const fresh = panes.filter(({ index }) => index >= this.#nextLast);
    this.#nextLast = last + 1;
    for (const index of this.#panes.keys()) if (index <= this.#nextLast - this.#paneCount) this.#panes.delete(index);
    const startMs = first * this.#paneMs;
    const endMs = (last + 1) * this.#paneMs;
    return { startMs, endMs, sums: merged(panes), fresh, filled: startMs >= this.#sinceMs };
  }

  /** Panes that a window to come still needs, and the times. */
  state(): { readonly panes: readonly PerformancePane[]; readonly times: RingTimes } {
    const panes = [...this.#panes.values()].sort((a, b) => a.index - b.index);
    return { panes, times: { sinceMs: this.#sinceMs, nextLast: this.#nextLast, closedLast: this.#closedLast } };
  }

  restore(panes: readonly PerformancePane[], times: RingTimes): void {
    this.#panes.clear();
    for (const pane of panes) this.#panes.set(pane.index, pane);
    this.#sinceMs = times.sinceMs;
    this.#nextLast = times.nextLast;
    this.#closedLast = times.closedLast;
  }

  /** Index of the last pane of the next window that is due. */
  #dueLast(): number | undefined {
    if (this.#nextLast === Number.NEGATIVE_INFINITY) {
      if (this.#panes.size === 0) return undefined;
      this.#nextLast = Math.min(...this.#panes.keys());
    }
    if (this.#nextLast > this.#closedLast) return undefined;
    const oldest = Math.min(...this.#panes.keys());
    return oldest <= this.#nextLast ? this.#nextLast : Math.min(oldest, this.#closedLast);
  }
}

function merged(panes: readonly PerformancePane[]): PerformanceWindow['sums'] {
  if (panes.length === 0) return undefined;
  const [{ whole, segments }, ...others] = panes;
  return others.reduce(
    (sums, pane) => ({
      whole: mergeSums(sums.whole, pane.whole),
      segments: sums.segments.map((one, i) => mergeSums(one, pane.segments[i])),
    }),
    { whole, segments },
  );
}
