/** Standard error of any metric of mergeable state, from parts of the rows. */
import { mergeOutcomes } from './classification-outcomes.ts';
import type { PerformanceScore } from './performance-metric.ts';

/**
 * The grouped jackknife: how much the metric changes when one of the parts is left out. It takes no formula for each metric,
 * and where the parts are stretches of time it sees that neighbouring rows are alike.
 *
 * Source: B. Efron, "The jackknife, the bootstrap and other resampling plans" (1982), section 2.2.
 *
 * @param parts states of one layout, ten or more of about the same size
 * @returns undefined with fewer than two parts that have rows, or where leaving one out leaves no value
 */
export function jackknifeError(
  parts: readonly Float64Array[],
  scoreOf: (state: Float64Array) => PerformanceScore,
): number | undefined {
  const used = parts.filter((part) => part.some((sum) => sum !== 0));
  if (used.length < 2) return undefined;
  const values: number[] = [];
  for (const [left, { length }] of used.entries()) {
    const state = new Float64Array(length);
    // Adding up the others rather than taking one out of all: no sum loses its digits.
    for (const [index, part] of used.entries()) if (index !== left) mergeOutcomes(state, part);
    const score = scoreOf(state);
    if (!('value' in score)) return undefined;
    values.push(score.value);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(((values.length - 1) / values.length) * squares);
}
