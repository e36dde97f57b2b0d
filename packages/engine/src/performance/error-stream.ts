/**
 * The errors of one pane in the order in which they were learned, for the detectors of change: bounded, and the same
 * whatever order or shard they came by.
 *
 * Errors of one arrival, one time of prediction and one size are one entry with a count. Of more entries than fit, those
 * with the smallest hashes stay: an entry that stays has all of its errors, so that a union of two streams is the stream
 * of the union. Source: bottom-k sampling, E. Cohen and H. Kaplan, PODC 2007.
 */
import { murmur3 } from '../sketch/text-hash.ts';

/** Entries of one length, by arrival, then time of prediction, then error. */
export interface ErrorStream {
  readonly arrivedMs: Float64Array;
  readonly eventMs: Float64Array;
  readonly errors: Float64Array;
  readonly counts: Float64Array;
  /** Errors that did not fit. */
  readonly droppedCount: number;
}

export const ERROR_ENTRIES_MAX = 4_096;
const EMPTY = new Float64Array(0);
export const NO_ERRORS: ErrorStream = {
  arrivedMs: EMPTY,
  eventMs: EMPTY,
  errors: EMPTY,
  counts: EMPTY,
  droppedCount: 0,
};

interface Entry {
  readonly arrivedMs: number;
  readonly eventMs: number;
  readonly error: number;
  readonly hash: number;
  count: number;
}

const scratch = new DataView(new ArrayBuffer(24));
const scratchBytes = new Uint8Array(scratch.buffer);

export class ErrorGathering {
  readonly #max: number;
  readonly #entries = new Map<string, Entry>();
  #droppedCount = 0;

  constructor(max = ERROR_ENTRIES_MAX) {
    this.#max = max;
  }

  add(arrivedMs: number, eventMs: number, error: number, count = 1): void {
    if (!Number.isFinite(error)) return;
    const key = `${arrivedMs}|${eventMs}|${error}`;
    const present = this.#entries.get(key);
    if (present !== undefined) present.count += count;
    else this.#entries.set(key, { arrivedMs, eventMs, error, hash: hashOf(arrivedMs, eventMs, error), count });
    if (this.#entries.size > 2 * this.#max) this.#prune();
  }

  /** Whether it was there. */
  remove(arrivedMs: number, eventMs: number, error: number): boolean {
    const key = `${arrivedMs}|${eventMs}|${error}`;
    const present = this.#entries.get(key);
    if (present === undefined) return false;
    present.count--;
    if (present.count === 0) this.#entries.delete(key);
    return true;
  }

  /** When an error of this size was learned of a prediction of then; undefined when none is known. */
  arrivalOf(eventMs: number, error: number): number | undefined {
    for (const entry of this.#entries.values())
      if (entry.eventMs === eventMs && entry.error === error) return entry.arrivedMs;
    return undefined;
  }

  merge({ arrivedMs, eventMs, errors, counts, droppedCount }: ErrorStream): void {
    for (let i = 0; i < errors.length; i++) this.add(arrivedMs[i], eventMs[i], errors[i], counts[i]);
    this.#droppedCount += droppedCount;
  }

  stream(): ErrorStream {
    this.#prune();
    const entries = [...this.#entries.values()].sort(inOrder);
    return {
      arrivedMs: Float64Array.from(entries, (entry) => entry.arrivedMs),
      eventMs: Float64Array.from(entries, (entry) => entry.eventMs),
      errors: Float64Array.from(entries, (entry) => entry.error),
      counts: Float64Array.from(entries, (entry) => entry.count),
      droppedCount: this.#droppedCount,
    };
  }

  #prune(): void {
    if (this.#entries.size <= this.#max) return;
    const byHash = [...this.#entries].sort(([, a], [, b]) => a.hash - b.hash || inOrder(a, b));
    for (const [key, { count }] of byHash.slice(this.#max)) {
      this.#entries.delete(key);
      this.#droppedCount += count;
    }
  }
}

/** The stream of both. */
export function mergeErrors(one: ErrorStream, other: ErrorStream, max = ERROR_ENTRIES_MAX): ErrorStream {
  const gathering = new ErrorGathering(max);
  gathering.merge(one);
  gathering.merge(other);
  return gathering.stream();
}

function inOrder(a: Entry, b: Entry): number {
  return a.arrivedMs - b.arrivedMs || a.eventMs - b.eventMs || a.error - b.error;
}

function hashOf(arrivedMs: number, eventMs: number, error: number): number {
  scratch.setFloat64(0, arrivedMs, true);
  scratch.setFloat64(8, eventMs, true);
  scratch.setFloat64(16, error, true);
  return murmur3(scratchBytes, 24, 0) >>> 0;
}
