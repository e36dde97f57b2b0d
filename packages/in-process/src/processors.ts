/**
 * The processors that an application's tracer and logger providers take. They fit the interfaces of SDK 2.x and 3.x;
 * ending a span costs about as much as setting its attributes did, and nothing is awaited there.
 */
import type { Monitoring } from './monitoring.ts';
import type { EmittedLogRecord, FinishedSpan } from './telemetry.ts';

/** What both do when the provider flushes or ends. */
export interface ProcessorHost {
  flush(): Promise<unknown>;
  shutdown(): Promise<void>;
}

/** A `SpanProcessor`. It only reads: put it beside the one that exports, in any order. */
export class LeewaySpanProcessor {
  readonly #monitoring: Monitoring;
  readonly #host: ProcessorHost;

  constructor(monitoring: Monitoring, host: ProcessorHost) {
    this.#monitoring = monitoring;
    this.#host = host;
  }

  onStart(): void {}

  onEnd(span: FinishedSpan): void {
    this.#monitoring.addSpan(span);
  }

  async forceFlush(): Promise<void> {
    await this.#host.flush();
  }

  shutdown(): Promise<void> {
    return this.#host.shutdown();
  }
}

/** A `LogRecordProcessor`. It only reads: put it behind those that change records. */
export class LeewayLogRecordProcessor {
  readonly #monitoring: Monitoring;
  readonly #host: ProcessorHost;

  constructor(monitoring: Monitoring, host: ProcessorHost) {
    this.#monitoring = monitoring;
    this.#host = host;
  }

  onEmit(record: EmittedLogRecord): void {
    this.#monitoring.addLogRecord(record);
  }

  async forceFlush(): Promise<void> {
    await this.#host.flush();
  }

  shutdown(): Promise<void> {
    return this.#host.shutdown();
  }
}
