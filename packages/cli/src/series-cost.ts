/**
 * What a model costs a metric backend: series, and bytes a month at one sample a minute.
 *
 * A series a row of the telemetry reference: per column its bins twice (current and reference), squared weights,
 * status, rows, and per statistic a score, its noise and two thresholds; per feature also values by status, info,
 * quality rules with two thresholds, and quantiles; per model the monitor's own. 1.5 bytes a sample is what Prometheus
 * documents for its storage (1 to 2 bytes).
 */
import { type ColumnReference, cellLabels, QUALITY_RULES, type ReferenceProfile, SIGNALS } from '@leeway/engine';

export interface SeriesCost {
  readonly series: number;
  readonly gigabytesPerMonth: number;
}

const STATISTICS = { numeric: 3, categorical: 2 } as const;
const SERIES_PER_STATISTIC = 4;
const QUANTILES = 5;
const MODEL_SERIES = 3 + 6 * SIGNALS.length;
const BYTES_PER_SAMPLE = 1.5;
const MINUTES_PER_MONTH = 30 * 24 * 60;

export function seriesCost({ features, outputs }: ReferenceProfile): SeriesCost {
  const shared = (column: ColumnReference) =>
    2 * cellLabels(column).length + 4 + STATISTICS[column.type] * SERIES_PER_STATISTIC;
  const ofFeature = (column: ColumnReference) =>
    shared(column) + 5 + 3 * QUALITY_RULES.length + (column.type === 'numeric' ? 2 * QUANTILES : 0);
  const sum = (columns: readonly ColumnReference[], of: (column: ColumnReference) => number) =>
    columns.reduce((total, column) => total + of(column), 0);
  const series =
    MODEL_SERIES + sum(features, ofFeature) + sum(outputs, (column) => shared(column) + 3 * QUALITY_RULES.length);
  return { series, gigabytesPerMonth: (series * BYTES_PER_SAMPLE * MINUTES_PER_MONTH) / 1e9 };
}
