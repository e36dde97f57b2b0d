/**
 * Every exported number, before it takes a wire's shape. OTLP and `/metrics` are both made from these, so that they
 * cannot disagree.
 */
import type { MetricName } from '@leeway/semconv';

/** Attributes of a point; a key whose value is undefined is left out. */
export type PointAttributes = Readonly<Record<string, string | undefined>>;

export interface NumberPoint {
  readonly attributes: PointAttributes;
  /** Finite, or the point is dropped and counted. */
  readonly value: number;
}

export interface HistogramPoint {
  readonly attributes: PointAttributes;
  /** Upper bounds, ascending; `counts` has one more. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Instrument, unit and description are those of `METRICS[name]`. */
export type MetricFamily =
  | { readonly name: MetricName; readonly points: readonly NumberPoint[] }
  | { readonly name: MetricName; readonly histograms: readonly HistogramPoint[] };

/** Asked at every export and every scrape. Counters are cumulative since `startMs`. */
export interface MetricSource {
  readonly startMs: number;
  collect(): readonly MetricFamily[];
}
