/**
 * The metrics of a service. Instruments are made when they are first needed: one that is made before the application
 * has set its MeterProvider would be a no-op for ever.
 *
 * Counters are tallies, observed when metrics are collected. The API knows no way to hand over a finished histogram: its
 * values wait in a buffer, which is emptied before the collection goes on to histograms (an SDK asks observables first).
 */
import {
  METRIC_LEEWAY_EXPORT_ITEMS,
  METRIC_LEEWAY_EXPORT_OBSERVATIONS,
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
import { type Histogram, type Meter, type MeterProvider, metrics, type ObservableCallback } from '@opentelemetry/api';
import { BufferedHistogram } from './buffered-histogram.ts';
import { firstUse } from './first-use.ts';
import { Tally } from './tally.ts';

export interface Instruments {
  readonly duration: BufferedHistogram;
  readonly rows: Tally;
  /** Of requests of more or fewer than one row: the others are the difference to the duration's count. */
  readonly batchSize: Histogram;
  readonly active: Tally;
  readonly predictions: Tally;
  readonly skipped: Tally;
  readonly loadDuration: Histogram;
  /** Of the export queues. */
  readonly queueItems: Tally;
  readonly queueObservations: Tally;
  /** Whether nobody listens: no MeterProvider is set. */
  readonly isNoop: boolean;
}

/** From 0.1 ms: a small model answers in tens of microseconds, a large one in seconds. */
const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROWS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** By provider: an observable's callback added twice would be observed twice. */
const known = new WeakMap<MeterProvider, Instruments>();
let last: Instruments | undefined;
let lastProvider: MeterProvider | undefined;
let ownProvider: MeterProvider | undefined;

/**
 * Uses this provider instead of the global one; undefined goes back to it, as does the no-op of another copy of the API.
 *
 * @example setMeterProvider(meterProvider);
 */
export function setMeterProvider(provider: MeterProvider | undefined): void {
  ownProvider = provider?.constructor.name === 'NoopMeterProvider' ? undefined : provider;
}

/** The provider that is set now; whoever starts an SDK at the first telemetry is asked first. */
export function meterProvider(): MeterProvider {
  if (ownProvider === undefined) firstUse();
  return ownProvider ?? metrics.getMeterProvider();
}

/**
 * Those of the provider that is set now.
 *
 * @example instruments().loadDuration.record(0.2);
 */
export function instruments(): Instruments {
  if (last !== undefined && (ownProvider ?? metrics.getMeterProvider()) === lastProvider) return last;
  const provider = meterProvider();
  const made = known.get(provider) ?? create(provider.getMeter('@leeway/instrumentation'));
  known.set(provider, made);
  last = made;
  lastProvider = provider;
  return made;
}

function create(meter: Meter): Instruments {
  const of = (name: MetricName) => ({ unit: METRICS[name].unit, description: METRICS[name].description });
  const histogram = (name: MetricName, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { ...of(name), advice: { explicitBucketBoundaries } });
  const observed = (instrument: { addCallback(callback: ObservableCallback): void }): Tally => {
    const tally = new Tally();
    instrument.addCallback(tally.observe);
    return tally;
  };
  const counter = (name: MetricName) => observed(meter.createObservableCounter(name, of(name)));
  const duration = histogram(METRIC_ML_INFERENCE_DURATION, SECONDS);
  const batchSize = histogram(METRIC_ML_INFERENCE_BATCH_SIZE, ROWS);
  const buffered = new BufferedHistogram(duration);
  const rows = meter.createObservableCounter(METRIC_ML_INFERENCE_ROWS, of(METRIC_ML_INFERENCE_ROWS));
  rows.addCallback(() => buffered.flush());
  return {
    duration: buffered,
    rows: observed(rows),
    batchSize,
    active: observed(meter.createObservableUpDownCounter(METRIC_ML_INFERENCE_ACTIVE, of(METRIC_ML_INFERENCE_ACTIVE))),
    predictions: counter(METRIC_ML_PREDICTIONS),
    skipped: counter(METRIC_ML_CAPTURE_SKIPPED),
    loadDuration: histogram(METRIC_ML_MODEL_LOAD_DURATION, SECONDS),
    queueItems: counter(METRIC_LEEWAY_EXPORT_ITEMS),
    queueObservations: counter(METRIC_LEEWAY_EXPORT_OBSERVATIONS),
    // The API's no-op meter gives the same object for every histogram; any other makes one each.
    isNoop: duration === batchSize,
  };
}
