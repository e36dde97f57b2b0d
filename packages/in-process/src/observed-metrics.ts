/**
 * The same metrics as observable instruments, for an application of which only the API's meter provider is at hand.
 *
 * Second choice, behind the metric producer: a point costs the SDK several times as much, an SDK keeps 2,000 series of an
 * instrument, and the histogram of evaluation times cannot be observed.
 *
 * Invariants
 * 1. An instrument is observed for at most OBSERVED_SERIES_MAX series: what comes beyond would be summed up by the SDK
 *    into one series without a meaning, so it is left out and counted.
 * 2. What is not finite is left out and counted.
 */
import type { MetricFamily, MetricSource } from '@leeway/exporter/metrics';
import { METRICS, type MetricName, SCHEMA_URL } from '@leeway/semconv';
import type { MeterProvider, Observable } from '@opentelemetry/api';

/** The SDK's own limit is 2,000, one of which is its overflow series. */
export const OBSERVED_SERIES_MAX = 1_999;

export interface ObservedCounts {
  exported: number;
  notFinite: number;
  overLimit: number;
}

export interface ObservedMetricsOptions {
  readonly meterProvider: MeterProvider;
  readonly version: string;
  readonly sources: readonly MetricSource[];
  /** Awaited before the sources are asked. */
  readonly prepare: () => Promise<void>;
  readonly counts: ObservedCounts;
}

/** Starts to be observed; returns the way to stop. */
export function observeMetrics({
  meterProvider,
  version,
  sources,
  prepare,
  counts,
}: ObservedMetricsOptions): () => void {
  const meter = meterProvider.getMeter('@leeway/in-process', version, { schemaUrl: SCHEMA_URL });
  const instruments = new Map<MetricName, Observable>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { instrument, unit, description, emitter } = METRICS[name];
    if (emitter !== 'engine' && emitter !== 'leeway') continue;
    const options = { unit, description };
    if (instrument === 'counter') instruments.set(name, meter.createObservableCounter(name, options));
    else if (instrument === 'gauge') instruments.set(name, meter.createObservableGauge(name, options));
  }
  const observables = [...instruments.values()];
  const callback = async (result: Parameters<Parameters<typeof meter.addBatchObservableCallback>[0]>[0]) => {
    await prepare();
    for (const source of sources) {
      for (const family of source.collect()) {
        const instrument = instruments.get(family.name);
        if (instrument !== undefined)
          observeFamily(family, counts, (value, of) => result.observe(instrument, value, of));
      }
    }
  };
  meter.addBatchObservableCallback(callback, observables);
  return () => meter.removeBatchObservableCallback(callback, observables);
}

function observeFamily(
  family: MetricFamily,
  counts: ObservedCounts,
  observe: (value: number, attributes: Readonly<Record<string, string>>) => void,
): void {
  if (!('points' in family)) return;
  let seriesCount = 0;
  for (const { value, attributes } of family.points) {
    if (!Number.isFinite(value)) counts.notFinite++;
    else if (++seriesCount > OBSERVED_SERIES_MAX) counts.overLimit++;
    else {
      observe(value, attributes);
      counts.exported++;
    }
  }
}
