/**
 * What a model costs a metric backend: series, and bytes a month at one sample a minute. Counted from the reference as
 * the telemetry reference lists them; a test compares with what the exporter gives. 1.5 bytes a sample is what
 * Prometheus documents for its storage (1 to 2 bytes).
 */
import {
  COLUMN_SIGNALS,
  type ColumnReference,
  cellLabels,
  compilePerformancePolicy,
  compilePolicy,
  defaultPolicy,
  ESTIMABLE_METRICS,
  QUALITY_RULES,
  type ReferenceProfile,
} from '@leeway/engine';
import { OUTCOME_CLASSES_MAX } from '@leeway/exporter';

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
/** Status and interval of performance, which is there without labels too. */
const SERIES_OF_SIGNAL = 2;
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
    SERIES_PER_MODEL + SERIES_OF_SIGNAL + performanceSeries(reference),
  );
  return { series, gigabytesPerMonth: (series * BYTES_PER_SAMPLE * MINUTES_PER_MONTH) / 1e9 };
}

/** Of a model whose labels come, without segments and targets; none without labels in its reference. */
function performanceSeries(reference: ReferenceProfile): number {
  const policy = compilePerformancePolicy(reference, {}, WINDOW);
  const { classification } = reference.performance ?? {};
  if (policy === undefined) return 0;
  const classCount = Math.min(OUTCOME_CLASSES_MAX, classification?.classes.length ?? 0);
  const hasScores = classification === undefined || classification.scoreEdges.length > 0;
  const ofMetrics = policy.metrics.reduce((sum, { metric, direction, limits }) => {
    const sides = direction === 'zero' ? 2 : 1;
    // Status, noise and both bounds; score, reference and two thresholds on each side.
    const measured = 4 + sides * (limits === undefined ? 2 : 4);
    // Score and noise; of the gap noise, itself on both sides and four thresholds.
    const estimated = ESTIMABLE_METRICS.includes(metric) && hasScores ? sides + 1 + 7 : 0;
    return sum + measured + estimated;
  }, 0);
  // Rows, time and status of the window and of the gap; of four detectors how many changes.
  const residuals = classification === undefined ? SERIES_OF_QUANTILES : 0;
  return ofMetrics + residuals + classCount ** 2 + 5 + 4;
}
