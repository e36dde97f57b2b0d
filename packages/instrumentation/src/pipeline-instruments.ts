/** The metrics of pipelines, made when they are first needed: see `instruments.ts`. */
import {
  METRIC_ML_PIPELINE_BUDGET,
  METRIC_ML_PIPELINE_COST,
  METRIC_ML_PIPELINE_NEXT_RUN_TIME,
  METRIC_ML_PIPELINE_RUN_DURATION,
  METRIC_ML_PIPELINE_RUNS,
  METRIC_ML_PIPELINE_SCHEDULE_DELAY,
  METRICS,
  type MetricName,
} from '@leeway/semconv';
import type { Counter, Gauge, Histogram, Meter, MeterProvider } from '@opentelemetry/api';
import { meterProvider } from './instruments.ts';

export interface PipelineInstruments {
  readonly runs: Counter;
  readonly duration: Histogram;
  readonly delay: Histogram;
  readonly cost: Counter;
  readonly nextRun: Gauge;
  readonly budget: Gauge;
}

/**
 * Upper bounds of durations, seconds to a day: a step of a pipeline takes minutes, mostly.
 *
 * @example PIPELINE_SECONDS.includes(3_600) // true
 */
export const PIPELINE_SECONDS: readonly number[] = [
  1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];

const known = new WeakMap<MeterProvider, PipelineInstruments>();

/** Those of the provider that is set now. */
export function pipelineInstruments(): PipelineInstruments {
  const provider = meterProvider();
  const made = known.get(provider) ?? create(provider.getMeter('@leeway/instrumentation'));
  known.set(provider, made);
  return made;
}

function create(meter: Meter): PipelineInstruments {
  const of = (name: MetricName) => ({ unit: METRICS[name].unit, description: METRICS[name].description });
  const advice = { explicitBucketBoundaries: [...PIPELINE_SECONDS] };
  const seconds = (name: MetricName) => meter.createHistogram(name, { ...of(name), advice });
  return {
    runs: meter.createCounter(METRIC_ML_PIPELINE_RUNS, of(METRIC_ML_PIPELINE_RUNS)),
    duration: seconds(METRIC_ML_PIPELINE_RUN_DURATION),
    delay: seconds(METRIC_ML_PIPELINE_SCHEDULE_DELAY),
    cost: meter.createCounter(METRIC_ML_PIPELINE_COST, of(METRIC_ML_PIPELINE_COST)),
    nextRun: meter.createGauge(METRIC_ML_PIPELINE_NEXT_RUN_TIME, of(METRIC_ML_PIPELINE_NEXT_RUN_TIME)),
    budget: meter.createGauge(METRIC_ML_PIPELINE_BUDGET, of(METRIC_ML_PIPELINE_BUDGET)),
  };
}
