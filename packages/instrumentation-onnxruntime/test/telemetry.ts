/** Real SDKs that keep what they are given, and the real onnxruntime-node watched for the length of a test. */
import { setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import { logs } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import * as onnxruntime from 'onnxruntime-node';
import { OnnxRuntimeInstrumentation } from '../src/index.ts';

export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

export class Telemetry {
  readonly #spans = new InMemorySpanExporter();
  readonly #logs = new InMemoryLogRecordExporter();
  readonly #metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #meters: MeterProvider;
  readonly #instrumentation: OnnxRuntimeInstrumentation;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  /** @param env of Leeway's own, for as long as the test runs */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#environment = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
    Object.assign(process.env, env);
    this.#meters = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter: this.#metricExporter, exportIntervalMillis: 60_000 })],
    });
    setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })] }));
    setMeterProvider(this.#meters);
    logs.setGlobalLoggerProvider(
      new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: this.#logs })] }),
    );
    this.#instrumentation = new OnnxRuntimeInstrumentation();
    // vitest loads modules where no hook sees them, as a bundler does.
    this.#instrumentation.manuallyInstrument(onnxruntime as never);
  }

  get spans() {
    return this.#spans.getFinishedSpans();
  }

  /** Attributes of the only span. */
  get only(): Readonly<Record<string, unknown>> {
    if (this.spans.length !== 1) throw new Error(`${this.spans.length} spans`);
    return this.spans[0].attributes;
  }

  get events() {
    return this.#logs.getFinishedLogRecords();
  }

  async points(name: string): Promise<Point[]> {
    await this.#meters.forceFlush();
    return (this.#metricExporter.getMetrics().at(-1)?.scopeMetrics ?? [])
      .flatMap(({ metrics }) => metrics as { descriptor: { name: string }; dataPoints: Point[] }[])
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints);
  }

  /** All that would leave, as one text. */
  async everything(): Promise<string> {
    await this.#meters.forceFlush();
    const spans = this.spans.map(({ name, attributes, events, status, resource }) => [
      name,
      attributes,
      events,
      status,
      resource.attributes,
    ]);
    const events = this.events.map(({ eventName, body, attributes }) => [eventName, body, attributes]);
    return JSON.stringify([spans, events, this.#metricExporter.getMetrics()]);
  }

  reset(): void {
    this.#spans.reset();
  }

  async stop(): Promise<void> {
    this.#instrumentation.disable();
    setTracerProvider(undefined);
    setMeterProvider(undefined);
    logs.disable();
    await this.#meters.shutdown();
    for (const [name, value] of Object.entries(this.#environment)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
