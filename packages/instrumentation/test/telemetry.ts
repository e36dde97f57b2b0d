/** A real SDK that keeps what it is given, for the tests of this package. */
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type Sampler, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { onTestFinished } from 'vitest';
import { setLoggerProvider, setMeterProvider, setTracerProvider } from '../src/index.ts';

export interface Telemetry {
  readonly spans: InMemorySpanExporter;
  readonly logs: InMemoryLogRecordExporter;
  /** Data points of a metric, after a collection. */
  points(metric: string): Promise<{ attributes: Record<string, unknown>; value: unknown }[]>;
  /** Everything that was exported, as text. */
  everything(): Promise<string>;
}

/** Until the end of the test that calls it. */
export function withTelemetry(options: { sampler?: Sampler; withoutLogs?: boolean } = {}): Telemetry {
  const spans = new InMemorySpanExporter();
  const logs = new InMemoryLogRecordExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })],
  });
  setMeterProvider(meters);
  setTracerProvider(
    new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
      ...(options.sampler === undefined ? {} : { sampler: options.sampler }),
    }),
  );
  if (options.withoutLogs !== true)
    setLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(async () => {
    context.disable();
    setTracerProvider(undefined);
    setMeterProvider(undefined);
    setLoggerProvider(undefined);
    await meters.shutdown();
  });
  const collected = async () => {
    await meters.forceFlush();
    const [last] = metrics.getMetrics().slice(-1);
    return last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  };
  return {
    spans,
    logs,
    points: async (name) =>
      ((await collected()).find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []) as never,
    everything: async () =>
      JSON.stringify([
        spans
          .getFinishedSpans()
          .map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]),
        logs.getFinishedLogRecords().map(({ eventName, attributes, body }) => [eventName, attributes, body]),
        (await collected()).map(({ descriptor, dataPoints }) => [descriptor, dataPoints]),
      ]),
  };
}
