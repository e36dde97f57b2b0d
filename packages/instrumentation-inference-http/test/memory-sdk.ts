/** A real SDK whose exporters keep what they are given. */
import { setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

export interface Telemetry {
  readonly tracers: () => TracerProvider;
  spans(): readonly ReadableSpan[];
  /** Waits until so many spans have ended. */
  ended(count: number): Promise<readonly ReadableSpan[]>;
  points(name?: string): Promise<readonly Point[]>;
}

export interface MemorySdk extends Telemetry {
  start(): void;
  stop(): Promise<void>;
}

const WAIT_MS = 5_000;
const EXPORT_NEVER_MS = 600_000;

export function memorySdk(): MemorySdk {
  const exporter = new InMemorySpanExporter();
  let metrics: InMemoryMetricExporter;
  let meters: MeterProvider;
  let tracers: TracerProvider;
  const spans = () => exporter.getFinishedSpans();
  return {
    start: () => {
      exporter.reset();
      metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: EXPORT_NEVER_MS });
      meters = new MeterProvider({ readers: [reader] });
      tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
      setTracerProvider(tracers);
      setMeterProvider(meters);
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    },
    stop: async () => {
      context.disable();
      propagation.disable();
      setTracerProvider(undefined);
      setMeterProvider(undefined);
      await meters.shutdown();
    },
    tracers: () => tracers,
    spans,
    ended: async (count) => {
      for (const end = Date.now() + WAIT_MS; spans().length < count && Date.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 2));
      if (spans().length < count) throw new Error(`${spans().length} of ${count} spans ended`);
      return spans();
    },
    points: async (name) => {
      metrics.reset();
      await meters.forceFlush();
      return metrics
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .filter(({ descriptor }) => name === undefined || descriptor.name === name)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
        );
    },
  };
}

/** The values and features of a span, and nothing else of it. */
export function valuesOf({ attributes }: ReadableSpan): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([key]) => /^ml\.(features|prediction|capture)\./.test(key)),
  );
}
