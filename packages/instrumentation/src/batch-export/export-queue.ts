/**
 * Items on their way to an exporter: bounded by bytes, several exports at a time, retried, and every loss counted.
 *
 * Invariants
 * 1. Taken = sent + dropped + queued + in flight, in items and in observations.
 * 2. The bytes of queued and in-flight items together, as `sizeOf` guesses them, stay below `bytesMax`.
 * 3. `add` never waits, never throws and never serialises: exports start in a later turn of the event loop.
 * 4. Waiting ends: when nothing was exported for `stallMs`, nobody is held back any more.
 */
import { context, createContextKey, diag } from '@opentelemetry/api';
import type { BackPressureSource } from '../back-pressure.ts';
import type { ExportAnswer, ItemExporter } from './exporter.ts';
import type { QueueCounts } from './queue-counts.ts';

export interface ExportQueueOptions {
  /** Bytes that wait at most. Default 64 MiB. */
  readonly bytesMax?: number;
  /** Exports at the same time. Default 4. */
  readonly inFlightMax?: number;
  /** Items of one export. Default 2,048. */
  readonly batchItemsMax?: number;
  /** Bytes of one export. Default 2 MiB. */
  readonly batchBytesMax?: number;
  /** How long a few items wait for more. Default 1 s. */
  readonly delayMs?: number;
  /** How long an export is tried again before it is dropped. Default 60 s. */
  readonly retryMs?: number;
  /** After so long without a successful export nobody is held back. Default 10 s. */
  readonly stallMs?: number;
  /** How long `shutdown` sends what is left; without success for `stallMs`, no longer than that. Default 30 s. */
  readonly shutdownMs?: number;
}

export interface ItemWeight {
  readonly bytes: number;
  /** Rows with values. */
  readonly observationCount: number;
  /** Gives way to the others once the queue is half full: it says nothing that the metrics do not say. */
  readonly isExpendable: boolean;
}

const DEFAULTS: Required<ExportQueueOptions> = {
  bytesMax: 64 * 2 ** 20,
  inFlightMax: 4,
  batchItemsMax: 2_048,
  batchBytesMax: 2 * 2 ** 20,
  delayMs: 1_000,
  retryMs: 60_000,
  stallMs: 10_000,
  shutdownMs: 30_000,
};
/** From here on senders are held back, and what is expendable finds no room. */
const HOLD_FROM = 0.5;
/** From here on what is not held back is sampled: between the two there is room for the batches that were under way. */
const SAMPLE_FROM = 0.75;
/**
 * Steps between there and the end, after each of which the share halves: so that a loop of a hundred million rows fills
 * no queue. What a full one drops is drawn by nobody and weighed by nobody.
 */
const STEPS = 16;
/** How often the end is looked at. */
const WATCH_MS = 250;
const BACK_OFF_MS = 1_000;
const BACK_OFF_MAX_MS = 15_000;
/** Taken items at the head that are kept before the list is copied. */
const HEAD_MAX = 4_096;
/** The SDK's own key: an exporter's requests are not traced. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const ABANDONED: ExportAnswer = { outcome: 'again' };

interface Batch<T> {
  readonly items: readonly T[];
  readonly weights: readonly ItemWeight[];
}

export class ExportQueue<T> implements BackPressureSource {
  readonly #exporter: ItemExporter<T>;
  readonly #weigh: (item: T) => ItemWeight;
  readonly #counts: QueueCounts;
  readonly #options: Required<ExportQueueOptions>;
  readonly #inFlight = new Set<Promise<void>>();
  #items: T[] = [];
  #weights: ItemWeight[] = [];
  #head = 0;
  /** Of queued and in-flight items. */
  #bytes = 0;
  #queuedBytes = 0;
  #taken = 0;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #room: { promise: Promise<void>; resolve: () => void } | undefined;
  #stallTimer: NodeJS.Timeout | undefined;
  #progressAt = performance.now();
  #isStalled = false;
  /** What went wrong last, since the last success. */
  #failure: string | undefined;
  #isClosed = false;
  #abandon = new AbortController();

  constructor(
    exporter: ItemExporter<T>,
    weigh: (item: T) => ItemWeight,
    counts: QueueCounts,
    options: ExportQueueOptions = {},
  ) {
    this.#exporter = exporter;
    this.#weigh = weigh;
    this.#counts = counts;
    this.#options = { ...DEFAULTS, ...options };
  }

  add(item: T): void {
    const weight = this.#weigh(item);
    const filled = this.#bytes + weight.bytes;
    const refused = this.#refusalOf(weight, filled);
    if (refused !== undefined) {
      this.#counts.add('dropped', refused, 1, weight.observationCount);
      return;
    }
    this.#items.push(item);
    this.#weights.push(weight);
    this.#bytes = filled;
    this.#queuedBytes += weight.bytes;
    if (this.#isBatchFull()) this.#soon ??= setImmediate(this.#pumpFull);
    else this.#timer ??= setTimeout(this.#pumpAll, this.#options.delayMs).unref();
  }

  share(): number {
    const over = this.#bytes / this.#options.bytesMax - SAMPLE_FROM;
    if (over <= 0) return 1;
    return 2 ** -Math.min(STEPS, 1 + Math.floor((over / (1 - SAMPLE_FROM)) * STEPS));
  }

  ready(): Promise<void> | undefined {
    if (this.#hasRoom() || this.#isClosed) return undefined;
    // A loop of microtasks alone would let no export make progress ever again.
    if (this.#isStalled) return new Promise((resolve) => setImmediate(resolve));
    if (this.#room !== undefined) return this.#room.promise;
    let resolve: () => void = () => undefined;
    const promise = new Promise<void>((letGo) => {
      resolve = letGo;
    });
    this.#room = { promise, resolve };
    // A queue that was idle for an hour has not stalled.
    if (this.#inFlight.size === 0) this.#progressAt = performance.now();
    // It keeps the process alive: somebody waits.
    this.#stallTimer = setTimeout(this.#checkStall, this.#options.stallMs);
    this.#pump(true);
    return promise;
  }

  droppedCount(): number {
    return this.#counts.droppedItems;
  }

  async flush(): Promise<void> {
    const target = this.#taken + this.#queuedCount();
    const keptAlive = setInterval(() => undefined, BACK_OFF_MAX_MS);
    while (this.#taken < target) {
      this.#pump(true);
      if (this.#taken < target) await Promise.race(this.#inFlight);
    }
    await Promise.all(this.#inFlight);
    clearInterval(keptAlive);
  }

  /** Sends what is left while that succeeds, for so long as was agreed; the rest is dropped and counted. */
  async shutdown(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { shutdownMs, stallMs } = this.#options;
    const startedMs = performance.now();
    const watch = setInterval(
      () => {
        const nowMs = performance.now();
        const isStalled = nowMs - Math.max(startedMs, this.#progressAt) >= stallMs;
        if (isStalled || nowMs - startedMs >= shutdownMs) this.#abandon.abort();
      },
      Math.min(shutdownMs, stallMs, WATCH_MS),
    );
    await this.flush();
    clearInterval(watch);
    this.#abandon.abort();
    this.#letGo();
  }

  #refusalOf({ isExpendable }: ItemWeight, filled: number): string | undefined {
    if (this.#isClosed) return 'shutdown';
    if (isExpendable && filled > this.#options.bytesMax * HOLD_FROM) return 'pressure';
    return filled > this.#options.bytesMax ? 'queue_full' : undefined;
  }

  #hasRoom(): boolean {
    return this.#bytes < this.#options.bytesMax * HOLD_FROM;
  }

  #queuedCount(): number {
    return this.#items.length - this.#head;
  }

  #isBatchFull(): boolean {
    return this.#queuedCount() >= this.#options.batchItemsMax || this.#queuedBytes >= this.#options.batchBytesMax;
  }

  readonly #pumpFull = (): void => {
    this.#soon = undefined;
    this.#pump(false);
  };

  readonly #pumpAll = (): void => {
    this.#timer = undefined;
    this.#pump(true);
  };

  /** @param all small batches too */
  #pump(all: boolean): void {
    while (this.#inFlight.size < this.#options.inFlightMax && this.#queuedCount() > 0 && (all || this.#isBatchFull())) {
      const sending = this.#send(this.#takeBatch(), performance.now()).finally(() => {
        this.#inFlight.delete(sending);
        if (this.#hasRoom()) this.#letGo();
        this.#pump(this.#room !== undefined);
        if (this.#queuedCount() > 0) this.#timer ??= setTimeout(this.#pumpAll, this.#options.delayMs).unref();
      });
      this.#inFlight.add(sending);
    }
  }

  #takeBatch(): Batch<T> {
    const { batchItemsMax, batchBytesMax } = this.#options;
    const from = this.#head;
    let to = from;
    let bytes = 0;
    while (to < this.#items.length && to - from < batchItemsMax && (to === from || bytes < batchBytesMax))
      bytes += this.#weights[to++].bytes;
    const batch = { items: this.#items.slice(from, to), weights: this.#weights.slice(from, to) };
    this.#head = to;
    this.#taken += to - from;
    this.#queuedBytes -= bytes;
    if (to === this.#items.length || to >= HEAD_MAX) {
      this.#items = this.#items.slice(to);
      this.#weights = this.#weights.slice(to);
      this.#head = 0;
    }
    return batch;
  }

  /** Until it is sent or dropped. Never rejects. */
  async #send(batch: Batch<T>, startedMs: number): Promise<void> {
    for (let backOffMs = BACK_OFF_MS; ; backOffMs = Math.min(2 * backOffMs, BACK_OFF_MAX_MS)) {
      if (this.#abandon.signal.aborted) return this.#leave(batch, 'dropped', 'shutdown');
      const { outcome, why } = await this.#export(batch.items);
      this.#noteFailure(why);
      if (outcome === 'sent') return this.#leave(batch, 'sent', 'accepted');
      if (outcome === 'too_large' && batch.items.length > 1) return this.#sendHalves(batch, startedMs);
      if (outcome !== 'again') return this.#leave(batch, 'dropped', outcome);
      if (performance.now() - startedMs + backOffMs > this.#options.retryMs)
        return this.#leave(batch, 'dropped', 'unreachable');
      await this.#pause(backOffMs * (0.8 + 0.4 * Math.random()));
    }
  }

  async #sendHalves({ items, weights }: Batch<T>, startedMs: number): Promise<void> {
    const half = items.length >> 1;
    await this.#send({ items: items.slice(0, half), weights: weights.slice(0, half) }, startedMs);
    await this.#send({ items: items.slice(half), weights: weights.slice(half) }, startedMs);
  }

  #export(items: readonly T[]): Promise<ExportAnswer> {
    return this.#untilAbandoned<ExportAnswer>(ABANDONED, (answer) => {
      const quiet = context.active().setValue(SUPPRESS_TRACING, true);
      void context.with(quiet, () => this.#exporter.export(items)).then(answer);
      return () => undefined;
    });
  }

  #leave(batch: Batch<T>, outcome: 'sent' | 'dropped', reason: string): void {
    let observationCount = 0;
    for (const weight of batch.weights) {
      this.#bytes -= weight.bytes;
      observationCount += weight.observationCount;
    }
    if (outcome === 'sent') {
      this.#progressAt = performance.now();
      this.#isStalled = false;
      this.#failure = undefined;
    } else {
      const why = this.#failure ?? 'it came too late';
      diag.warn(`@leeway/instrumentation: export failed, ${batch.items.length} items dropped (${reason}): ${why}`);
    }
    this.#counts.add(outcome, reason, batch.items.length, observationCount);
  }

  #pause(ms: number): Promise<void> {
    return this.#untilAbandoned<void>(undefined, (end) => {
      // It keeps no process: `beforeExit` would wait for it. Who waits for the queue does.
      const timer = setTimeout(() => end(), ms).unref();
      return () => clearTimeout(timer);
    });
  }

  /** Said once, until an export succeeds again. */
  #noteFailure(why: string | undefined): void {
    if (why === undefined) return;
    if (this.#failure === undefined) diag.warn(`@leeway/instrumentation: export failed: ${why}`);
    this.#failure = why;
  }

  /** What `start` comes to; `abandoned` when shutdown's deadline comes first. */
  #untilAbandoned<R>(abandoned: R, start: (settle: (result: R) => void) => () => void): Promise<R> {
    const { signal } = this.#abandon;
    return new Promise((resolve) => {
      const settle = (result: R) => {
        stop();
        signal.removeEventListener('abort', abandon);
        resolve(result);
      };
      const abandon = () => settle(abandoned);
      signal.addEventListener('abort', abandon);
      const stop = start(settle);
    });
  }

  readonly #checkStall = (): void => {
    const idleMs = performance.now() - this.#progressAt;
    if (idleMs < this.#options.stallMs) {
      this.#stallTimer = setTimeout(this.#checkStall, this.#options.stallMs - idleMs);
      return;
    }
    this.#isStalled = true;
    diag.warn(
      `@leeway/instrumentation: export failed, batches are no longer held back: ${this.#failure ?? 'no answer'}`,
    );
    this.#letGo();
  };

  #letGo(): void {
    clearTimeout(this.#stallTimer);
    this.#room?.resolve();
    this.#room = undefined;
  }
}
