/** A test that alarms every other time is none; a budget that allows more is treated as this. */
const ALPHA_MAX = 0.5;

export interface FalseAlarmBudget {
  /** False alarms that a model may raise in the period; 1 by default configuration. */
  readonly falseAlarms: number;
  readonly periodMs: number;
  /** Time from one evaluation to the next. */
  readonly intervalMs: number;
  /** Columns (or columns × rules) that are tested at each evaluation. */
  readonly alarmCount: number;
}

/**
 * Probability of a false alarm that each single test may have, so that all tests of the period together raise
 * `falseAlarms` in the mean: the budget divided by the tests in the period (Bonferroni).
 *
 * Range: above 0 to 0.5. Holds whatever the dependence of the tests; windows that overlap alarm together, in fewer
 * and longer spells.
 *
 * @example alphaPerTest({ falseAlarms: 1, periodMs: 30 * 86_400_000, intervalMs: 300_000, alarmCount: 20 }) // 5.787e-6
 */
export function alphaPerTest({ falseAlarms, periodMs, intervalMs, alarmCount }: FalseAlarmBudget): number {
  const testCount = (periodMs / intervalMs) * Math.max(1, alarmCount);
  return Math.min(ALPHA_MAX, falseAlarms / testCount);
}
