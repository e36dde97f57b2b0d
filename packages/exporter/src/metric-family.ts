/**
 * Every exported number, before it takes a wire's shape. OTLP and `/metrics` are both made from these, so that they
 * cannot disagree.
 */
import type { MetricName } from '@leeway/semconv';

/** Attributes of a point. One object is kept per series and handed over again and again: never change it. */
export type PointAttributes = Readonly<Record<string, string>>;

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

/** The attributes that are there: undefined and empty ones are left out. */
export function pointAttributes(attributes: Readonly<Record<string, string | undefined>>): PointAttributes {
  const present: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== '') present[key] = value;
  }
  return Object.freeze(present);
}
