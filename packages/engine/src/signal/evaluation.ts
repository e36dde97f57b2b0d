/** What one evaluation of one model's window says. Exporters, the page and alarms read this and nothing else. */
import type { ColumnRole } from '../reference/profile.ts';

/** In the order of severity; the numbers are exported. 0 to 3 are never shown as healthy. */
export const STATUS = {
  noData: 0,
  insufficientData: 1,
  stale: 2,
  schemaMismatch: 3,
  ok: 4,
  warning: 5,
  critical: 6,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/** What is judged of columns: features and outputs. */
export const COLUMN_SIGNALS = ['data_drift', 'prediction_drift', 'data_quality'] as const;
export type ColumnSignal = (typeof COLUMN_SIGNALS)[number];

/** All that is judged of a model. */
export const SIGNALS = [...COLUMN_SIGNALS, 'attribution_drift', 'performance'] as const;
export type Signal = (typeof SIGNALS)[number];

export const DRIFT_METRICS = [
  'psi',
  'jensen_shannon',
  'wasserstein',
  'kolmogorov_smirnov',
  'chi_square',
  'cramers_v',
  'chebyshev',
  'hellinger',
  'total_variation',
  'kullback_leibler',
] as const;
export type DriftMetric = (typeof DRIFT_METRICS)[number];

export const QUALITY_RULES = ['missing', 'type_error', 'out_of_bounds', 'unseen', 'constant', 'absent'] as const;
export type QualityRule = (typeof QUALITY_RULES)[number];

/** Why a status below ok stands. */
export const REASONS = [
  'filling',
  'few_rows',
  'few_reference_rows',
  /** Too few cells remain to compare: the reference is nearly constant, or the window too thin for its cells. */
  'few_cells',
  'no_rows',
  'no_reference',
  'stale',
  'schema',
  'not_monitored',
  // Of performance.
  'no_labels',
  'few_labels',
  'no_scores',
  'one_class',
  'constant_truth',
  'truth_near_zero',
] as const;
export type Reason = (typeof REASONS)[number];

export interface Evaluation {
  /** The window: [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
  /** Rows in the window, unweighted. */
  readonly rowCount: number;
  readonly signals: Readonly<Record<ColumnSignal, SignalEvaluation>>;
  /** In the order of the reference: features, then outputs. */
  readonly columns: readonly ColumnEvaluation[];
}

export interface SignalEvaluation {
  readonly status: Status;
  readonly reason?: Reason;
  /** Columns at warning or above, and at critical. */
  readonly warningCount: number;
  readonly criticalCount: number;
}

export interface ColumnEvaluation {
  readonly name: string;
  readonly role: ColumnRole;
  readonly monitored: boolean;
  /** Effective n of the window and N of the reference. */
  readonly currentSize: number;
  readonly referenceSize: number;
  /** Empty when the window is too small to compare. */
  readonly scores: readonly DriftScore[];
  /** Of the alarming metric, with hysteresis. */
  readonly status: Status;
  readonly reason?: Reason;
  readonly quality: readonly QualityEvaluation[];
  /** At QUANTILE_SHARES; numeric columns with values only. */
  readonly quantiles?: { readonly reference: readonly number[]; readonly current: readonly number[] };
  /** Cells that were compared, after pooling; absent without scores. */
  readonly cellCount?: number;
}

export const QUANTILE_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

export interface DriftScore {
  readonly metric: DriftMetric;
  readonly score: number;
  /** What the score would be from sampling noise alone, in the mean. */
  readonly noise: number;
  readonly warning: number;
  readonly critical: number;
  readonly badSide: 'above' | 'below';
  /** True for the one metric whose thresholds decide the status. */
  readonly alarms: boolean;
  /** 95 % interval of the true distance: PSI only, and only when the policy asks for it. */
  readonly interval?: { readonly lower: number; readonly upper: number };
}

export interface QualityEvaluation {
  readonly rule: QualityRule;
  /** Share of rows, 0 to 1. */
  readonly ratio: number;
  readonly referenceRatio: number;
  /** Effective n of the window and N of the reference that the two ratios are of. */
  readonly currentSize: number;
  readonly referenceSize: number;
  /** Standard deviation of the difference of the ratios from sampling alone, when nothing has changed. */
  readonly noise: number;
  /** May lie above 1, where no ratio of so few rows would be proof. */
  readonly warning: number;
  readonly critical: number;
  /** With hysteresis. */
  readonly status: Status;
}
