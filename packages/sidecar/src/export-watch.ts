/** Says that the backend does not take metrics: at once, now and then while it lasts, and when it is over. */
import type { Logger } from 'pino';

/** Between two reminders. */
const REMIND_MS = 5 * 60_000;

export class ExportWatch {
  readonly #log: Pick<Logger, 'info' | 'error'>;
  readonly #elapsedMs: () => number;
  #failedCount = 0;
  #downSinceMs = 0;
  #saidMs = 0;

  /** @param elapsedMs milliseconds on a clock that does not jump */
  constructor(log: Pick<Logger, 'info' | 'error'>, elapsedMs: () => number) {
    this.#log = log;
    this.#elapsedMs = elapsedMs;
  }

  get isDown(): boolean {
    return this.#failedCount > 0;
  }

  /** After every export. */
  onResult(url: string, error: Error | undefined): void {
    const nowMs = this.#elapsedMs();
    if (error === undefined) {
      if (!this.isDown) return;
      const fields = { url, failed: this.#failedCount, downSeconds: Math.round((nowMs - this.#downSinceMs) / 1000) };
      this.#failedCount = 0;
      this.#log.info(fields, `the OTLP backend at ${url} takes metrics again`);
      return;
    }
    if (!this.isDown) this.#downSinceMs = nowMs;
    const isFirst = this.#failedCount++ === 0;
    if (!isFirst && nowMs - this.#saidMs < REMIND_MS) return;
    this.#saidMs = nowMs;
    this.#log.error(
      { url, error: messageOf(error), failed: this.#failedCount },
      isFirst
        ? `the OTLP backend at ${url} does not take metrics; evaluation goes on, /metrics stays`
        : `the OTLP backend at ${url} still does not take metrics`,
    );
  }
}

/** Node says nothing but a code when several addresses were tried. */
export function messageOf(error: Error): string {
  const { code } = error as { code?: unknown };
  if (error.message !== '') return error.message;
  return typeof code === 'string' ? code : error.name;
}
