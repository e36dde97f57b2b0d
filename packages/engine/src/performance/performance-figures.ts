/** Every metric of one model's sums, with its standard error. */
import { classificationErrors, type MetricError, type MetricErrors } from './classification-errors.ts';
import { classificationScores } from './classification-scores.ts';
import type { PerformanceLayout } from './performance-layout.ts';
import { PERFORMANCE_METRICS, type PerformanceMetric, type PerformanceScore } from './performance-metric.ts';
import { regressionErrors } from './regression-errors.ts';
import { regressionScores } from './regression-outcomes.ts';

export const TASK_METRICS = {
  classification: ['accuracy', 'precision', 'recall', 'f1', 'auroc', 'average_precision', 'log_loss', 'brier', 'ece'],
  regression: ['mae', 'mse', 'rmse', 'mape', 'r2', 'bias'],
} as const satisfies Record<PerformanceLayout['task'], readonly PerformanceMetric[]>;

/**
 * What can be expected without a truth. ECE is not among them: what is calibrated is expected to have none, and noise
 * alone keeps what is measured above that.
 */
export const ESTIMABLE_METRICS: readonly PerformanceMetric[] = [
  ...TASK_METRICS.classification.filter((metric) => metric !== 'ece'),
  'mae',
  'mse',
  'rmse',
  'bias',
];

export interface PerformanceFigures {
  /** Σw, and (Σw)² / Σw². */
  readonly rowCount: number;
  readonly effectiveSize: number;
  readonly scoreOf: (metric: PerformanceMetric) => PerformanceScore;
  readonly errorOf: (metric: PerformanceMetric) => MetricError | undefined;
}

/** `state` of the layout's size, or of length 0: nothing. */
export function performanceFigures(layout: PerformanceLayout, state: Float64Array): PerformanceFigures {
  if (state.length !== layout.size) {
    const none = { reason: 'no_rows' } as const;
    return { rowCount: 0, effectiveSize: 0, scoreOf: () => none, errorOf: () => undefined };
  }
  const scores =
    layout.task === 'classification' ? classificationScores(layout.classification, state) : regressionScores(state);
  const errors: MetricErrors =
    layout.task === 'classification' ? classificationErrors(layout.classification, state) : regressionErrors(state);
  return {
    rowCount: scores.rowCount,
    effectiveSize: scores.effectiveSize,
    scoreOf: (metric) => (metric in scores ? (scores as unknown as Scores)[metric] : { reason: 'no_scores' }),
    errorOf: (metric) => errors[metric],
  };
}

type Scores = Readonly<Record<PerformanceMetric, PerformanceScore>>;

export function isPerformanceMetric(name: string): name is PerformanceMetric {
  return Object.hasOwn(PERFORMANCE_METRICS, name);
}
