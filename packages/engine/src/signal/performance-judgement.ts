/**
 * One window's metrics against their limits. Stateless: `PerformanceMonitor` adds the memory.
 *
 * A limit is passed when the confidence sequence lies beyond it as a whole. Said as a threshold for the value itself:
 * limit ∓ factor × standard error, the error being the larger of the one that was measured and the one that the metric
 * would have at the limit, and that of the reference's own value with it where the limit is made of that.
 */
import type { MetricError } from '../performance/classification-errors.ts';
import { ESTIMABLE_METRICS, type PerformanceFigures } from '../performance/performance-figures.ts';
import type { PerformanceMetric, PerformanceScore } from '../performance/performance-metric.ts';
import { confidenceFactor } from './confidence-sequence.ts';
import { type Reason, STATUS, type Status } from './evaluation.ts';
import type { BadSide, GapEvaluation, MeasuredMetric, MetricEvaluation } from './performance-evaluation.ts';
import type { CompiledMetric, CompiledPerformancePolicy } from './performance-policy.ts';
import { type Margin, REFERENCE_ROWS_MIN } from './policy.ts';

/** What hysteresis goes by: a score that grows as things get worse. */
export interface Level extends Margin {
  readonly score: number;
}

export interface JudgedMetric {
  readonly evaluation: MetricEvaluation;
  readonly level?: Level;
}

export interface JudgedGap {
  readonly evaluation: GapEvaluation;
  readonly level: Level;
}

type Valued = Extract<PerformanceScore, { readonly value: number }>;

/** Why nothing of the window is judged, whatever its metrics are; they are shown all the same. */
export type Obstacle = readonly [status: Status, reason: Reason];

const BAD_SIDES: Readonly<Record<CompiledMetric['direction'], readonly BadSide[]>> = {
  higher: ['below'],
  lower: ['above'],
  zero: ['below', 'above'],
};

export function judgeMetric(
  policy: CompiledPerformancePolicy,
  metric: CompiledMetric,
  measured: PerformanceFigures,
  estimated: PerformanceFigures,
  obstacle: Obstacle | undefined,
): JudgedMetric {
  const { direction, reference, limits, isTarget } = metric;
  const score = measured.scoreOf(metric.metric);
  const error = measured.errorOf(metric.metric);
  const factor = confidenceFactor(measured.effectiveSize, policy.alpha);
  const expected = estimatedMetric(metric.metric, estimated);
  const base = {
    metric: metric.metric,
    badSides: BAD_SIDES[direction],
    ...(expected === undefined ? {} : { estimated: expected }),
    ...(reference === undefined ? {} : { reference }),
    ...(limits === undefined ? {} : { limits }),
    isTarget,
  };
  if (!('value' in score)) return { evaluation: { ...base, ...stand(obstacle ?? [INSUFFICIENT, score.reason]) } };
  if (error === undefined) return { evaluation: { ...base, ...stand(obstacle ?? [INSUFFICIENT, 'few_labels']) } };
  const shown = { ...base, measured: measuredMetric(score, error, factor) };
  if (limits === undefined) return { evaluation: { ...shown, ...stand(obstacle ?? [INSUFFICIENT, 'no_reference']) } };
  const level = levelOf(metric, limits, score, error, factor);
  const thresholds = {
    warning: onScale(level.warning, metric, limits),
    critical: onScale(level.critical, metric, limits),
  };
  const judged = { ...shown, thresholds };
  if (obstacle !== undefined) return { evaluation: { ...judged, ...stand(obstacle) } };
  return { evaluation: { ...judged, status: statusOf(level) }, level };
}

/** What is measured against what was expected of the same rows; undefined where either has no value. */
export function judgeGap(
  policy: CompiledPerformancePolicy,
  { metric, margin }: CompiledMetric,
  measured: PerformanceFigures,
  matched: PerformanceFigures,
): JudgedGap | undefined {
  if (!ESTIMABLE_METRICS.includes(metric)) return undefined;
  const [score, expected] = [measured.scoreOf(metric), matched.scoreOf(metric)];
  const error = measured.errorOf(metric);
  if (!('value' in score && 'value' in expected) || error === undefined) return undefined;
  const gap = score.value - expected.value;
  const noise = errorAt(error, expected.value);
  const width = confidenceFactor(measured.effectiveSize, policy.alpha) * noise;
  const [warning, critical] = [margin.warning + width, margin.critical + width];
  const level = { score: Math.abs(gap), warning, critical };
  return { evaluation: { metric, gap, noise, warning, critical, status: statusOf(level) }, level };
}

/** A reference of a few rows says nothing of what is normal. */
export function referenceObstacle(rowCount: number, { isTarget }: CompiledMetric): Obstacle | undefined {
  return isTarget || rowCount >= REFERENCE_ROWS_MIN ? undefined : [INSUFFICIENT, 'few_reference_rows'];
}

/** 40 halvings of [0, 1]: 10⁻¹². */
const BISECTIONS = 40;
const INSUFFICIENT = STATUS.insufficientData;

function stand([status, reason]: Obstacle) {
  return { status, reason };
}

function statusOf({ score, warning, critical }: Level): Status {
  if (score >= critical) return STATUS.critical;
  return score >= warning ? STATUS.warning : STATUS.ok;
}

function errorAt({ standardError, varianceAt }: MetricError, value: number): number {
  return Math.sqrt(Math.max(standardError ** 2, varianceAt?.(value) ?? 0));
}

function measuredMetric(score: Valued, error: MetricError, factor: number) {
  const { value, lower = value, upper = value } = score;
  return {
    value,
    standardError: error.standardError,
    lower: sideOf(lower, error, factor, 0),
    upper: sideOf(upper, error, factor, 1),
    ...(score.lower === undefined ? {} : { binLower: lower }),
    ...(score.upper === undefined ? {} : { binUpper: upper }),
  } satisfies MeasuredMetric;
}

/**
 * The farthest value that is not excluded: |value − side| = factor × the error at that side, as Wilson's interval of a
 * share. `bound` is the end of the metric's range on that side, where its variance is known by its value.
 */
function sideOf(value: number, error: MetricError, factor: number, bound: 0 | 1): number {
  if (error.varianceAt === undefined) return value + (bound === 1 ? 1 : -1) * factor * error.standardError;
  const isExcluded = (side: number) => Math.abs(side - value) > factor * errorAt(error, side);
  if (!isExcluded(bound)) return bound;
  let [within, beyond] = [value, bound as number];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (within + beyond) / 2;
    if (isExcluded(middle)) beyond = middle;
    else within = middle;
  }
  return within;
}

function estimatedMetric(metric: PerformanceMetric, estimated: PerformanceFigures): MetricEvaluation['estimated'] {
  if (!ESTIMABLE_METRICS.includes(metric)) return undefined;
  const score = estimated.scoreOf(metric);
  if (!('value' in score)) return undefined;
  // Of a squared loss the bins hold no spread: what is estimated has then no error that could be said.
  const standardError = estimated.errorOf(metric)?.standardError;
  return standardError === undefined || metric === 'mse' || metric === 'rmse'
    ? { value: score.value }
    : { value: score.value, standardError };
}

/** How far the value is on the bad side of the best that is asked for, and from how far on that is certain. */
function levelOf(metric: CompiledMetric, limits: Margin, score: Valued, error: MetricError, factor: number): Level {
  const { value, lower = value, upper = value } = score;
  // As good as it could be if more than bins were known.
  const open = metric.direction === 'higher' ? upper - value : value - lower;
  const origin = originOf(metric, limits);
  const ofReference = metric.isTarget ? 0 : (metric.reference?.standardError ?? 0);
  const certain = (limit: number): number => {
    const spread = Math.sqrt(errorAt(error, limit) ** 2 + ofReference ** 2);
    return Math.abs(limit - origin) + factor * spread + open;
  };
  const warning = certain(limits.warning);
  return {
    score: badness(metric, value, origin),
    warning,
    // An error may be smaller at the worse limit; a level never is.
    critical: Math.max(warning, certain(limits.critical)),
  };
}

/** The better one of reference and limit: distances from it to limits are never negative. */
function originOf({ direction, reference }: CompiledMetric, { warning }: Margin): number {
  if (direction === 'zero') return 0;
  const value = reference?.value ?? warning;
  return direction === 'higher' ? Math.max(value, warning) : Math.min(value, warning);
}

function badness({ direction }: CompiledMetric, value: number, origin: number): number {
  if (direction === 'zero') return Math.abs(value);
  return direction === 'higher' ? origin - value : value - origin;
}

function onScale(distance: number, metric: CompiledMetric, limits: Margin): number {
  const origin = originOf(metric, limits);
  return metric.direction === 'higher' ? origin - distance : origin + distance;
}
