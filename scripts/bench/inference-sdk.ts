/** What the benches of instrumentation share: an SDK that keeps what it is given, a model, and the run of the bars. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
  MeterProvider as SdkMeterProvider,
} from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, NoopSpanProcessor, TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace';

export const FEATURES = 20;
export const ROWS = 64;
/**
 * Microseconds of the bare run that the bars were set against. A machine that runs the model faster does not run the
 * SDK faster by as much: there shares are of this time, so that what counts is the microseconds added.
 */
export const RUN_US = 24;
/** Of the time that a span by hand adds at the median. */
export const HAND_BAR = 1.1;
/** The same of thread CPU, which swings by a fifth from run to run. */
export const HAND_CPU_BAR = 1.35;
export const MODEL = { name: 'fraud', version: '7' };
export const names = Array.from({ length: FEATURES }, (_, i) => `feature_${i}`);

export interface InferenceSdk {
  readonly meters: SdkMeterProvider;
  readonly recording: SdkTracerProvider;
  readonly unsampled: SdkTracerProvider;
}

/** Collects nothing by itself: the collections of a reader would fall into some rounds and not into others. */
export function inferenceSdk(): InferenceSdk {
  const meters = new SdkMeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });
  const recording = new SdkTracerProvider({ spanProcessors: [new NoopSpanProcessor()] });
  const unsampled = new SdkTracerProvider({
    spanProcessors: [new NoopSpanProcessor()],
    sampler: new AlwaysOffSampler(),
  });
  return { meters, recording, unsampled };
}
