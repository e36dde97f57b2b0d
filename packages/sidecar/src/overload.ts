/**
 * When to say "not now": before a body is read, so that refusing costs nothing.
 *
 * Invariants
 * 1. Memory above the ceiling, a queue that is too old or too large: further requests are refused.
 * 2. While nothing is being processed a request is let through whatever the memory: unused memory is given back by
 *    working on, not by waiting, and a ceiling that is too low must not stop everything for ever.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Append, AppendOutcome, ReceivedBatch } from './receive/index.ts';

export interface OverloadOptions {
  /** Resident bytes. */
  readonly memoryBytesMax: () => number;
  /** What one body may inflate to. */
  readonly bodyBytesMax: number;
  /** Milliseconds on a clock that does not jump. */
  readonly elapsedMs: () => number;
  /** Resident bytes now; a test may bring its own. */
  readonly residentBytes?: () => number;
  readonly heapRatio?: () => number;
}

/** Older than this, a request would be answered when its sender has given up: exporters wait 10 s. */
const QUEUE_AGE_MS_MAX = 3_000;
/** Bodies of the greatest size that may wait: some seconds of work. */
const QUEUE_BODIES_MAX = 8;
/** Telemetry shrinks to about a sixth. */
const EXPANSION = 6;
const HEAP_RATIO_MAX = 0.9;
const MEMORY_SHARE = 0.75;
/** Between two looks at the memory; a body takes longer. */
const SAMPLE_MS = 20;
const RETRY_AFTER_SECONDS = 1;

interface Waiting {
  readonly sinceMs: number;
  readonly bytes: number;
}

export class Overload {
  readonly #options: OverloadOptions;
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;
  #sampledMs = Number.NEGATIVE_INFINITY;
  #isMemoryShort = false;

  constructor(options: OverloadOptions) {
    this.#options = options;
  }

  /** How long the oldest request has waited, in milliseconds, and what all are estimated to inflate to. */
  get queue(): { readonly ageMs: number; readonly bytes: number } {
    const [oldest] = this.#waiting;
    return { ageMs: oldest === undefined ? 0 : this.#options.elapsedMs() - oldest.sinceMs, bytes: this.#bytes };
  }

  isOverloaded(): boolean {
    if (this.#waiting.size === 0) return false;
    return this.#isFull() || this.#memoryIsShort();
  }

  /** The same `append`, which is refused when the queue is full and counted as waiting until it is answered. */
  guard(append: Append): Append {
    return async (batch): Promise<AppendOutcome> => {
      if (this.#waiting.size > 0 && this.#isFull()) return { kind: 'busy', retryAfterSeconds: RETRY_AFTER_SECONDS };
      const waiting = { sinceMs: this.#options.elapsedMs(), bytes: this.#inflatedBytes(batch) };
      this.#waiting.add(waiting);
      this.#bytes += waiting.bytes;
      try {
        return await append(batch);
      } finally {
        this.#waiting.delete(waiting);
        this.#bytes -= waiting.bytes;
      }
    };
  }

  #isFull(): boolean {
    const { ageMs, bytes } = this.queue;
    return ageMs > QUEUE_AGE_MS_MAX || bytes > QUEUE_BODIES_MAX * this.#options.bodyBytesMax;
  }

  #memoryIsShort(): boolean {
    const {
      elapsedMs,
      memoryBytesMax,
      residentBytes = process.memoryUsage.rss,
      heapRatio = usedHeapRatio,
    } = this.#options;
    const nowMs = elapsedMs();
    if (nowMs - this.#sampledMs >= SAMPLE_MS) {
      this.#sampledMs = nowMs;
      this.#isMemoryShort = residentBytes() > memoryBytesMax() || heapRatio() > HEAP_RATIO_MAX;
    }
    return this.#isMemoryShort;
  }

  /** gzip says its size at its end (RFC 1952, ISIZE; anybody can write anything there); the others are guessed. */
  #inflatedBytes({ compression, body }: ReceivedBatch): number {
    if (compression === 'identity') return body.length;
    const guess = EXPANSION * body.length;
    const at = body.length - 4;
    if (compression !== 'gzip' || at < 0) return Math.min(guess, this.#options.bodyBytesMax);
    const said = new DataView(body.buffer, body.byteOffset).getUint32(at, true);
    return Math.min(this.#options.bodyBytesMax, Math.max(body.length, said));
  }
}

/** Three quarters of what the container, else the machine, has. */
export function defaultMemoryBytesMax(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return MEMORY_SHARE * (constrained > 0 && constrained < total ? constrained : total);
}

function usedHeapRatio(): number {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return used_heap_size / heap_size_limit;
}
