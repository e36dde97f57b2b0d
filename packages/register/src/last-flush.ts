/** Sends what is left when the process ends, for the SDK that was started here; another's is its owner's. */
import { isMainThread } from 'node:worker_threads';

/** How long the last flush may hold up the end of the process. */
const FLUSH_TIMEOUT_MS = 5_000;

export class LastFlush {
  readonly #shutdown: () => Promise<void>;
  #work: Promise<void> | undefined;
  #isDone = false;

  constructor(shutdown: () => Promise<void>) {
    this.#shutdown = shutdown;
  }

  /** Takes five seconds at most, and never rejects if the shutdown does not. */
  flush(): Promise<void> {
    this.#work ??= this.#flush();
    return this.#work;
  }

  /**
   * SIGTERM and SIGINT: flushes, then lets the signal do what it does; an application with a handler of its own decides.
   * A worker thread gets no signals; its end is `beforeExit`.
   */
  atEnd(write: (line: string) => void): void {
    process.once('beforeExit', () => void this.flush());
    process.once('exit', () => {
      if (!this.#isDone) write(LOST);
    });
    if (!isMainThread) return;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        const isAlone = process.listenerCount(signal) === 0;
        void this.flush().then(() => {
          if (isAlone) process.kill(process.pid, signal);
        });
      });
    }
  }

  async #flush(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
    });
    const done = this.#shutdown().finally(() => {
      this.#isDone = true;
    });
    await Promise.race([done, timeout]);
    clearTimeout(timer);
  }
}

const LOST =
  'the process ended before the last telemetry was sent: spans of the last 5 s and metrics of the last 60 s may be lost. ' +
  'Before process.exit(): await (await import("@leeway/register")).registration.shutdown()';
