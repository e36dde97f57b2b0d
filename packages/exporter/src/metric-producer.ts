/**
 * Hands metric families to the OpenTelemetry SDK as finished points. Asynchronous instruments would cost ten times as
 * much a point and silently stop at 2,000 series.
 *
 * Invariants
 * 1. Every number that leaves is finite: one NaN makes an OTLP/JSON body invalid, and the whole batch is lost.
 * 2. With delta temporality a point is what was added since the last collection that the backend took: one that failed
 *    changes nothing, and its counts come with the next. (An answer that was lost after the backend took the points makes
 *    it take them twice: at least once, as OTLP is.) A counter that fell (another reference, a restart of a part) starts
 *    again from zero.
 * 3. A point counts as exported when the backend took it, where the owner says so.
 */
import { METRICS, type MetricName, SCHEMA_URL } from '@leeway/semconv';
import { type HrTime, ValueType } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type AggregationTemporalitySelector,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  InstrumentType,
  type MetricData,
  type MetricProducer,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { HistogramPoint, MetricFamily, MetricSource, NumberPoint, PointAttributes } from './metric-family.ts';

export interface MetricProducerOptions {
  readonly sources: readonly MetricSource[];
  /** The exporter's own preference; cumulative by default. */
  readonly temporality?: AggregationTemporalitySelector;
  /** The clock, Unix milliseconds. */
  readonly now: () => number;
  readonly version: string;
  /**
   * The owner says what became of every collection, by `settle`. Without it, as with somebody else's reader, what was
   * handed over counts as taken.
   */
  readonly isSettledByOwner?: boolean;
}

const INSTRUMENT_TYPES = {
  counter: InstrumentType.COUNTER,
  updowncounter: InstrumentType.UP_DOWN_COUNTER,
  gauge: InstrumentType.GAUGE,
  histogram: InstrumentType.HISTOGRAM,
} as const;

export class LeewayMetricProducer implements MetricProducer {
  readonly #options: MetricProducerOptions;
  readonly #scope: InstrumentationScope;
  /** What the backend knows; its values are used for delta temporality only. */
  #taken = newCollection(undefined);
  #next = newCollection(undefined);
  readonly #collections = new WeakMap<ScopeMetrics, Collection>();
  /** Points that the backend took, that it did not take, and that were left out because they were not finite. */
  readonly counts = { exported: 0, failed: 0, notFinite: 0 };

  constructor(options: MetricProducerOptions) {
    this.#options = options;
    this.#scope = { name: '@leeway/exporter', version: options.version, schemaUrl: SCHEMA_URL };
  }

  collect(): Promise<CollectionResult> {
    const nowMs = this.#options.now();
    const metrics: MetricData[] = [];
    this.#next = newCollection(nowMs);
    for (const source of this.#options.sources) {
      for (const family of source.collect()) {
        const data = this.#metricData(family, source.startMs, nowMs);
        if (data !== undefined) metrics.push(data);
      }
    }
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: this.#scope, metrics }];
    for (const scope of scopeMetrics) this.#collections.set(scope, this.#next);
    if (this.#options.isSettledByOwner !== true) this.settle(scopeMetrics, true);
    return Promise.resolve({ resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] });
  }

  /**
   * Says what became of a collection. Of two that are under way at once the later one has to be told last.
   *
   * @param scopeMetrics what was exported; scopes of other producers are passed over
   */
  settle(scopeMetrics: readonly ScopeMetrics[], isTaken: boolean): void {
    for (const scope of scopeMetrics) {
      const collection = this.#collections.get(scope);
      if (collection === undefined) continue;
      this.#collections.delete(scope);
      this.counts[isTaken ? 'exported' : 'failed'] += collection.pointCount;
      if (isTaken) this.#taken = collection;
    }
  }

  #metricData(family: MetricFamily, sourceStartMs: number, nowMs: number): MetricData | undefined {
    const { instrument, unit, description } = METRICS[family.name];
    const temporality = this.#temporalityOf(instrument);
    const isDelta =
      temporality === AggregationTemporality.DELTA && (instrument === 'counter' || instrument === 'histogram');
    const startTime = hrTimeOf(isDelta ? (this.#taken.atMs ?? sourceStartMs) : sourceStartMs);
    const endTime = hrTimeOf(nowMs);
    const descriptor = { name: family.name, description, unit, valueType: ValueType.DOUBLE };
    if ('histograms' in family) {
      const dataPoints = this.#points(
        family.histograms,
        (point) => this.#histogram(family.name, point, isDelta),
        startTime,
        endTime,
      );
      if (dataPoints.length === 0) return undefined;
      return { descriptor, aggregationTemporality: temporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
    const dataPoints = this.#points(
      family.points,
      (point) => this.#number(family.name, point, isDelta),
      startTime,
      endTime,
    );
    if (dataPoints.length === 0) return undefined;
    if (instrument === 'gauge') {
      return { descriptor, aggregationTemporality: temporality, dataPointType: DataPointType.GAUGE, dataPoints };
    }
    const isMonotonic = instrument === 'counter';
    return {
      descriptor,
      aggregationTemporality: temporality,
      dataPointType: DataPointType.SUM,
      isMonotonic,
      dataPoints,
    };
  }

  #points<P extends { readonly attributes: PointAttributes }, V>(
    points: readonly P[],
    convert: (point: P) => V | undefined,
    startTime: HrTime,
    endTime: HrTime,
  ): DataPoint<V>[] {
    const dataPoints: DataPoint<V>[] = [];
    for (const point of points) {
      const value = convert(point);
      if (value === undefined) this.counts.notFinite++;
      else dataPoints.push({ startTime, endTime, attributes: point.attributes, value });
    }
    this.#next.pointCount += dataPoints.length;
    return dataPoints;
  }

  #number(name: MetricName, point: NumberPoint, isDelta: boolean): number | undefined {
    if (!Number.isFinite(point.value)) return undefined;
    return isDelta ? this.#sinceTaken(name, point.attributes, [point.value])[0] : point.value;
  }

  #histogram(name: MetricName, point: HistogramPoint, isDelta: boolean): Histogram | undefined {
    if (!Number.isFinite(point.sum)) return undefined;
    const cumulative = [point.sum, ...point.counts];
    const [sum, ...counts] = isDelta ? this.#sinceTaken(name, point.attributes, cumulative) : cumulative;
    const count = counts.reduce((total, n) => total + n, 0);
    return { buckets: { boundaries: [...point.bounds], counts }, sum, count };
  }

  #sinceTaken(name: MetricName, attributes: PointAttributes, values: readonly number[]): number[] {
    const key = JSON.stringify([name, attributes]);
    const before = this.#taken.values.get(key);
    this.#next.values.set(key, values);
    const isContinued = before !== undefined && values.every((value, i) => value >= before[i]);
    return isContinued ? values.map((value, i) => value - before[i]) : [...values];
  }

  #temporalityOf(instrument: keyof typeof INSTRUMENT_TYPES): AggregationTemporality {
    return this.#options.temporality?.(INSTRUMENT_TYPES[instrument]) ?? AggregationTemporality.CUMULATIVE;
  }
}

interface Collection {
  /** Cumulative values by series. */
  readonly values: Map<string, readonly number[]>;
  readonly atMs: number | undefined;
  pointCount: number;
}

function newCollection(atMs: number | undefined): Collection {
  return { values: new Map(), atMs, pointCount: 0 };
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
