/**
 * What a model costs a metric backend: series, and bytes a month at one sample a minute. Counted from the reference as
 * the telemetry reference lists them; a test compares with what the exporter gives. 1.5 bytes a sample is what
 * Prometheus documents for its storage (1 to 2 bytes).
 */
import {
  COLUMN_SIGNALS,
  type ColumnReference,
  cellLabels,
  compilePolicy,
  defaultPolicy,
  QUALITY_RULES,
  type ReferenceProfile,
} from '@leeway/engine';

export interface SeriesCost {
  /** Of one version in one environment, with the default policy. */
  readonly series: number;
  /** 10^9 bytes. */
  readonly gigabytesPerMonth: number;
}

/** Score, noise and two thresholds. */
const SERIES_PER_STATISTIC = 4;
/** Squared weights, status, and rows of both windows. */
const SERIES_PER_COLUMN = 4;
/** Values by status (ok, missing, type error, and out of bounds or unseen), and info. */
const SERIES_PER_FEATURE = 5;
/** Ratio and two thresholds, by rule; a column is numeric or categorical and so has no rule of the other kind. */
const SERIES_OF_QUALITY = 3 * (QUALITY_RULES.length - 1);
/** Five of the reference, five of the window. */
const SERIES_OF_QUANTILES = 10;
/** Info of model and reference, when the reference was made; by signal status, rows, time, interval, and features by level. */
const SERIES_PER_MODEL = 3 + 6 * COLUMN_SIGNALS.length;
const BYTES_PER_SAMPLE = 1.5;
const MINUTES_PER_MONTH = 30 * 24 * 60;
/** Any window: its length does not change which statistics there are. */
const WINDOW = { windowMs: 3_600_000, paneMs: 300_000 };

export function seriesCost(reference: ReferenceProfile): SeriesCost {
  const { features, outputs } = reference;
  const policy = compilePolicy(reference, defaultPolicy(reference), WINDOW);
  const ofColumn = (column: ColumnReference, index: number) =>
    2 * cellLabels(column).length +
    SERIES_PER_COLUMN +
    SERIES_PER_STATISTIC * policy.columns[index].metrics.length +
    SERIES_OF_QUALITY +
    (index >= features.length ? 0 : SERIES_PER_FEATURE + (column.type === 'numeric' ? SERIES_OF_QUANTILES : 0));
  const series = [...features, ...outputs].reduce(
    (sum, column, index) => sum + ofColumn(column, index),
    SERIES_PER_MODEL,
  );
  return { series, gigabytesPerMonth: (series * BYTES_PER_SAMPLE * MINUTES_PER_MONTH) / 1e9 };
}
