/**
 * Collects and exports, now and then, one at a time.
 *
 * Invariants
 * 1. One export at a time: delta temporality needs to know what became of one before the next is collected.
 * 2. No export outlives its deadline: a backend that hangs or never ends its answer is cut off.
 * 3. Shutting down takes no longer than it may: an export under way gets half of the time, the last one the rest.
 */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  type AggregationTemporalitySelector,
  MetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { LeewayMetricProducer } from './metric-producer.ts';

export interface ExportReaderOptions {
  readonly exporter: Pick<PushMetricExporter, 'export' | 'shutdown'>;
  readonly producer: LeewayMetricProducer;
  readonly temporality: AggregationTemporalitySelector;
  readonly intervalMs: number;
  /** Of one export, its retries included. */
  readonly deadlineMs: number;
  /** Cuts the connections of the export under way. */
  readonly cut: () => void;
  /** Told of every export: undefined when the backend took it. */
  readonly onResult: (error: Error | undefined) => void;
}

export class ExportTimeout extends Error {
  override readonly name = 'timeout';
}

export class ExportReader extends MetricReader {
  readonly #options: ExportReaderOptions;
  #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<Error | undefined> | undefined;

  constructor(options: ExportReaderOptions) {
    super({ aggregationTemporalitySelector: options.temporality, metricProducers: [options.producer] });
    this.#options = options;
    this.#intervalMs = options.intervalMs;
    this.#schedule();
  }

  /** From now on, after a pause too; the time that passed since the last export is forgotten. */
  changeInterval(intervalMs: number): void {
    if (intervalMs === this.#intervalMs && this.#timer !== undefined) return;
    this.#intervalMs = intervalMs;
    this.#schedule();
  }

  /** No more exports until the interval is set; what the backend knows stays known. */
  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Exports what there is now, after what is under way. Resolves with what went wrong, or undefined. */
  async exportNow(deadlineMs = this.#options.deadlineMs): Promise<Error | undefined> {
    // Of several who wait, each has to look again.
    while (this.#underWay !== undefined) await this.#underWay;
    return this.#start(deadlineMs);
  }

  /** The last export, and no more. Resolves within `boundMs` with what went wrong, or undefined. */
  async finish(boundMs: number): Promise<Error | undefined> {
    clearInterval(this.#timer);
    const endsAt = performance.now() + boundMs;
    if (this.#underWay !== undefined) await Promise.race([this.#underWay, delay(boundMs / 2)]);
    const error = await this.#start(Math.max(1, endsAt - performance.now()));
    this.#options.cut();
    return error;
  }

  protected override async onForceFlush(): Promise<void> {
    await this.exportNow();
  }

  protected override async onShutdown(): Promise<void> {
    clearInterval(this.#timer);
  }

  #schedule(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#underWay === undefined) void this.#start(this.#options.deadlineMs);
    }, this.#intervalMs);
    this.#timer.unref();
  }

  #start(deadlineMs: number): Promise<Error | undefined> {
    const run = this.#export(deadlineMs).finally(() => {
      if (this.#underWay === run) this.#underWay = undefined;
    });
    this.#underWay = run;
    return run;
  }

  /** Never rejects. */
  async #export(deadlineMs: number): Promise<Error | undefined> {
    const { producer, cut, onResult } = this.#options;
    let error: Error | undefined;
    try {
      const { resourceMetrics } = await this.collect();
      error = await this.#send(resourceMetrics, deadlineMs);
      if (error instanceof ExportTimeout) cut();
      producer.settle(resourceMetrics.scopeMetrics, error === undefined);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    onResult(error);
    return error;
  }

  #send(metrics: ResourceMetrics, deadlineMs: number): Promise<Error | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => resolve(new ExportTimeout(`the backend did not answer within ${Math.round(deadlineMs)} ms`)),
        deadlineMs,
      );
      this.#options.exporter.export(metrics, ({ code, error }: ExportResult) => {
        clearTimeout(timer);
        resolve(code === ExportResultCode.SUCCESS ? undefined : (error ?? new Error('export failed')));
      });
    });
  }
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
