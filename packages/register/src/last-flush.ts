/**
 * Sends what is left when the process ends, for the SDK that was started here; another's is its owner's.
 *
 * Invariants
 * 1. The SDK is shut down when nothing can come any more: before a signal that nobody else handles ends the process, and
 *    when the event loop has run dry. At a signal that the application handles it is only flushed: a service that drains
 *    for seconds goes on recording.
 * 2. A process that ends with telemetry unsent says so.
 */
import { isMainThread } from 'node:worker_threads';

/** How long the last flush may hold up the end of the process. */
const FLUSH_TIMEOUT_MS = 5_000;
/** An application that ends by `process.exit()` so soon after the flush lost nothing worth a line. */
const RECENT_MS = 1_000;

export interface FlushedSdk {
  /** Sends what there is and goes on. Never rejects. */
  forceFlush(): Promise<void>;
  /** Never rejects. */
  shutdown(): Promise<void>;
}

export class LastFlush {
  readonly #sdk: FlushedSdk;
  #ending: Promise<void> | undefined;
  #isDone = false;
  #flushedMs = Number.NEGATIVE_INFINITY;

  constructor(sdk: FlushedSdk) {
    this.#sdk = sdk;
  }

  /** Sends what is left and stops. Takes five seconds at most, and never rejects. */
  end(): Promise<void> {
    this.#ending ??= within(
      this.#sdk.shutdown().then(() => {
        this.#isDone = true;
      }),
    );
    return this.#ending;
  }

  /**
   * SIGTERM and SIGINT without another handler: ends, then lets the signal do what it does. With one the application
   * decides when it is over. A worker thread gets no signals; its end is `beforeExit`.
   */
  atEnd(write: (line: string) => void): void {
    process.once('beforeExit', () => void this.end());
    process.once('exit', () => {
      if (!this.#isDone && !this.#isFlushed()) write(LOST);
    });
    if (!isMainThread) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        if (process.listenerCount(signal) > 0) this.#flush();
        else void this.end().then(() => process.kill(process.pid, signal));
      });
    }
  }

  /** What there is leaves now; what the application records while it drains leaves when the event loop has run dry. */
  #flush(): void {
    void this.#sdk.forceFlush().then(() => {
      this.#flushedMs = performance.now();
    });
  }

  /** So lately that little can have come since. */
  #isFlushed(): boolean {
    return performance.now() - this.#flushedMs < RECENT_MS;
  }
}

async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

const LOST =
  'the process ended before the last telemetry was sent: spans of the last 5 s and metrics of the last 60 s may be lost. ' +
  'Before process.exit(): await (await import("@leeway/register")).registration.shutdown()';
