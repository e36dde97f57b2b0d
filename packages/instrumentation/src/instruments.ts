/**
 * The metrics of a service. Instruments are made when they are first needed: one that is made before the application
 * has set its MeterProvider would be a no-op for ever.
 */
import {
  METRIC_ML_CAPTURE_SKIPPED,
  METRIC_ML_INFERENCE_ACTIVE,
  METRIC_ML_INFERENCE_BATCH_SIZE,
  METRIC_ML_INFERENCE_DURATION,
  METRIC_ML_INFERENCE_ROWS,
  METRIC_ML_MODEL_LOAD_DURATION,
  METRIC_ML_PREDICTIONS,
  METRICS,
  type MetricName,
} from '@leeway/semconv';
import {
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type UpDownCounter,
} from '@opentelemetry/api';

export interface Instruments {
  readonly duration: Histogram;
  readonly rows: Counter;
  readonly batchSize: Histogram;
  readonly active: UpDownCounter;
  readonly predictions: Counter;
  readonly skipped: Counter;
  readonly loadDuration: Histogram;
}

/** From 0.1 ms: a small model answers in tens of microseconds, a large one in seconds. */
const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROWS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

let made: Instruments | undefined;
let madeFor: MeterProvider | undefined;
let ownProvider: MeterProvider | undefined;

/** Uses this provider instead of the global one; undefined goes back to it. */
export function setMeterProvider(provider: MeterProvider | undefined): void {
  ownProvider = provider;
}

/** Those of the provider that is set now. */
export function instruments(): Instruments {
  const provider = ownProvider ?? metrics.getMeterProvider();
  if (made === undefined || provider !== madeFor) {
    madeFor = provider;
    made = create(provider.getMeter('@leeway/instrumentation'));
  }
  return made;
}

function create(meter: Meter): Instruments {
  const of = (name: MetricName) => ({ unit: METRICS[name].unit, description: METRICS[name].description });
  const histogram = (name: MetricName, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { ...of(name), advice: { explicitBucketBoundaries } });
  return {
    duration: histogram(METRIC_ML_INFERENCE_DURATION, SECONDS),
    rows: meter.createCounter(METRIC_ML_INFERENCE_ROWS, of(METRIC_ML_INFERENCE_ROWS)),
    batchSize: histogram(METRIC_ML_INFERENCE_BATCH_SIZE, ROWS),
    active: meter.createUpDownCounter(METRIC_ML_INFERENCE_ACTIVE, of(METRIC_ML_INFERENCE_ACTIVE)),
    predictions: meter.createCounter(METRIC_ML_PREDICTIONS, of(METRIC_ML_PREDICTIONS)),
    skipped: meter.createCounter(METRIC_ML_CAPTURE_SKIPPED, of(METRIC_ML_CAPTURE_SKIPPED)),
    loadDuration: histogram(METRIC_ML_MODEL_LOAD_DURATION, SECONDS),
  };
}
