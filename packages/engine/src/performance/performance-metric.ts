/** What performance is measured in, and which way is better. */
export const PERFORMANCE_METRICS = {
  accuracy: 'higher',
  precision: 'higher',
  recall: 'higher',
  f1: 'higher',
  auroc: 'higher',
  average_precision: 'higher',
  log_loss: 'lower',
  brier: 'lower',
  ece: 'lower',
  mae: 'lower',
  mse: 'lower',
  rmse: 'lower',
  mape: 'lower',
  r2: 'higher',
  /** Mean of prediction − truth: better near 0, on whichever side. */
  bias: 'zero',
} as const satisfies Record<string, 'higher' | 'lower' | 'zero'>;
export type PerformanceMetric = keyof typeof PERFORMANCE_METRICS;

/** Why a metric has no value: it is then absent from every export, never NaN. */
export const UNDEFINED_REASONS = ['no_rows', 'no_scores', 'one_class', 'constant_truth', 'truth_near_zero'] as const;
export type UndefinedReason = (typeof UNDEFINED_REASONS)[number];

export type PerformanceScore =
  | {
      readonly value: number;
      /** What the value could be if more than bins were known; absent where it is exact. */
      readonly lower?: number;
      readonly upper?: number;
    }
  | { readonly reason: UndefinedReason };

export function scoreOr(value: number, reason: UndefinedReason): PerformanceScore {
  return Number.isFinite(value) ? { value } : { reason };
}
