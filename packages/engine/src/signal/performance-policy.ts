/**
 * When performance is too low: a target that somebody set, else the reference's own performance less a margin; and how
 * sure one must be, from the same budget of false alarms as everything else.
 */

import { SEGMENTS_MAX } from '../performance/outcome-panes.ts';
import { isPerformanceMetric, TASK_METRICS } from '../performance/performance-figures.ts';
import { PERFORMANCE_METRICS, type PerformanceMetric } from '../performance/performance-metric.ts';
import type { PerformanceReference, ReferenceProfile } from '../reference/profile.ts';
import { alphaPerTest } from './false-alarm-budget.ts';
import { type Margin, REFERENCE_ROWS_MIN } from './policy.ts';

export type PerformanceTask = keyof typeof TASK_METRICS;
type PerMetric<T> = Readonly<Partial<Record<PerformanceMetric, T>>>;

export interface PerformancePolicy {
  /** Default: all of the reference's task. */
  readonly metrics?: readonly PerformanceMetric[];
  /**
   * What must be reached, in the metric's own unit. A number is the limit of the warning; that of critical lies as far
   * beyond it as the margins are apart.
   */
  readonly targets?: PerMetric<number | Margin>;
  /** How much worse than the reference matters, in the metric's own unit. */
  readonly margins?: PerMetric<Margin>;
  /** Effective rows with a truth below which nothing is judged. Default 200. */
  readonly labelsMin?: number;
  /** `key=value` names. */
  readonly segments?: readonly string[];
  /** Probability that one window is called wrong, at all looks at it. Default: from the budget. */
  readonly alpha?: number;
  readonly falseAlarms?: number;
  readonly falseAlarmPeriodMs?: number;
  readonly leaveRatio?: number;
  readonly leaveCount?: number;
}

export interface CompiledPerformancePolicy {
  readonly task: PerformanceTask;
  readonly paneMs: number;
  readonly metrics: readonly CompiledMetric[];
  readonly labelsMin: number;
  readonly segments: readonly string[];
  readonly alpha: number;
  readonly leaveRatio: number;
  readonly leaveCount: number;
}

export interface CompiledMetric {
  readonly metric: PerformanceMetric;
  readonly direction: 'higher' | 'lower' | 'zero';
  readonly reference?: { readonly value: number; readonly standardError?: number };
  readonly margin: Margin;
  /** Absent where there is neither a target nor a reference to go by. Of a bias: its magnitude. */
  readonly limits?: Margin;
  readonly isTarget: boolean;
}

/** In the metric's own unit, or as a share of a value of the reference. */
type DefaultMargin = Margin & { readonly shareOf?: PerformanceMetric };

export const PERFORMANCE_MARGINS: Readonly<Record<PerformanceMetric, DefaultMargin>> = {
  accuracy: { warning: 0.05, critical: 0.1 },
  precision: { warning: 0.1, critical: 0.2 },
  recall: { warning: 0.1, critical: 0.2 },
  f1: { warning: 0.1, critical: 0.2 },
  auroc: { warning: 0.05, critical: 0.1 },
  average_precision: { warning: 0.1, critical: 0.2 },
  log_loss: { warning: 0.2, critical: 0.5, shareOf: 'log_loss' },
  brier: { warning: 0.2, critical: 0.5, shareOf: 'brier' },
  ece: { warning: 0.05, critical: 0.1 },
  mae: { warning: 0.2, critical: 0.5, shareOf: 'mae' },
  mse: { warning: 0.4, critical: 1, shareOf: 'mse' },
  rmse: { warning: 0.2, critical: 0.5, shareOf: 'rmse' },
  mape: { warning: 0.2, critical: 0.5, shareOf: 'mape' },
  r2: { warning: 0.1, critical: 0.2 },
  /** A fifth of what predictions miss by. */
  bias: { warning: 0.2, critical: 0.5, shareOf: 'mae' },
};

const LABELS_MIN = 200;
const PERIOD_MS = 30 * 86_400_000;
const SHARES: readonly PerformanceMetric[] = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'auroc',
  'average_precision',
  'ece',
];
/** Of the others: what a value can be at all. */
const RANGES: PerMetric<readonly [number, number]> = {
  r2: [Number.NEGATIVE_INFINITY, 1],
  brier: [0, 2],
};

/** Undefined for a profile without performance. */
export function performanceTask({ performance }: ReferenceProfile): PerformanceTask | undefined {
  if (performance === undefined) return undefined;
  return performance.classification === undefined ? 'regression' : 'classification';
}

/** What a target may be, [least, greatest]. */
export function targetRange(metric: PerformanceMetric): readonly [least: number, greatest: number] {
  if (SHARES.includes(metric)) return [0, 1];
  return RANGES[metric] ?? [0, Number.POSITIVE_INFINITY];
}

/**
 * @throws RangeError for what fits no reference, or not this one; `performancePolicyFault` says it without throwing
 */
export function compilePerformancePolicy(
  reference: ReferenceProfile,
  policy: PerformancePolicy,
  { paneMs }: { readonly paneMs: number },
): CompiledPerformancePolicy | undefined {
  const task = performanceTask(reference);
  if (task === undefined || reference.performance === undefined) return undefined;
  const fault = performancePolicyFault(policy, task);
  if (fault !== undefined) {
    const at = ['performance', ...fault.path].join('.');
    throw new RangeError(`${at}: ${fault.message} (reference of ${reference.model.name})`);
  }
  const metrics = (policy.metrics ?? TASK_METRICS[task]).map((metric) =>
    compileMetric(metric, reference.performance!, policy),
  );
  const segments = policy.segments ?? [];
  const budget = {
    falseAlarms: policy.falseAlarms ?? 1,
    periodMs: policy.falseAlarmPeriodMs ?? PERIOD_MS,
    intervalMs: paneMs,
    alarmCount: metrics.length * (1 + segments.length),
  };
  return {
    task,
    paneMs,
    metrics,
    labelsMin: policy.labelsMin ?? LABELS_MIN,
    segments,
    alpha: policy.alpha ?? alphaPerTest(budget),
    leaveRatio: policy.leaveRatio ?? 0.8,
    leaveCount: policy.leaveCount ?? 2,
  };
}

/** Where a policy is wrong, and what of it, with the fix. */
export interface PerformancePolicyFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** With `task` also what does not fit it. Undefined when nothing is wrong. */
export function performancePolicyFault(
  policy: PerformancePolicy,
  task?: PerformanceTask,
): PerformancePolicyFault | undefined {
  const { metrics, targets = {}, margins = {}, segments = [], labelsMin = LABELS_MIN, alpha = 0.01 } = policy;
  const fault = (path: readonly string[], message: string | undefined) =>
    message === undefined ? [] : [{ path, message }];
  const [first] = [
    ...fault(['metrics'], metrics?.length === 0 ? 'is empty: name one, or leave it out for all' : undefined),
    ...(metrics ?? []).flatMap((name) => fault(['metrics'], metricProblem(name, task))),
    ...Object.keys(targets).flatMap((name) => fault(['targets', name], metricProblem(name, task))),
    ...Object.keys(margins).flatMap((name) => fault(['margins', name], metricProblem(name, task))),
    ...entriesOf(targets).flatMap(([name, target]) => fault(['targets', name], targetProblem(name, target))),
    ...entriesOf(margins).flatMap(([name, margin]) => fault(['margins', name], marginProblem(margin))),
    ...fault(['labelsMin'], labelsMin >= 1 ? undefined : `is ${labelsMin}: use 1 or more`),
    ...fault(['alpha'], alpha > 0 && alpha < 1 ? undefined : `is ${alpha}: use a probability between 0 and 1`),
    ...fault(['segments'], segmentsProblem(segments)),
  ];
  return first;
}

function segmentsProblem(segments: readonly string[]): string | undefined {
  if (segments.length > SEGMENTS_MAX || new Set(segments).size !== segments.length)
    return `${segments.length} names: use at most ${SEGMENTS_MAX}, each once`;
  const odd = segments.find((name) => !/^[^=]+=./.test(name));
  return odd === undefined ? undefined : `${JSON.stringify(odd)}: write key=value, such as country=de`;
}

function marginProblem({ warning, critical }: Margin): string | undefined {
  if (warning >= 0 && critical >= warning && Number.isFinite(critical)) return undefined;
  return `is ${warning} and ${critical}: use 0 ≤ warning ≤ critical`;
}

function metricProblem(name: string, task: PerformanceTask | undefined): string | undefined {
  const known = task === undefined ? Object.keys(PERFORMANCE_METRICS) : TASK_METRICS[task];
  if (!isPerformanceMetric(name)) return `no metric ${JSON.stringify(name)}: use ${known.join(', ')}`;
  if (task === undefined || (TASK_METRICS[task] as readonly string[]).includes(name)) return undefined;
  return `${name} does not fit a model of ${task}: use ${known.join(', ')}`;
}

function rangeText(least: number, greatest: number): string {
  if (greatest === Number.POSITIVE_INFINITY) return `${least} or more`;
  return least === Number.NEGATIVE_INFINITY ? `${greatest} or less` : `from ${least} to ${greatest}`;
}

function targetProblem(metric: PerformanceMetric, target: number | Margin): string | undefined {
  const [least, greatest] = targetRange(metric);
  const { warning, critical } = typeof target === 'number' ? { warning: target, critical: target } : target;
  for (const value of [warning, critical])
    if (!(value >= least && value <= greatest && Number.isFinite(value)))
      return `is ${value}: ${metric} is ${rangeText(least, greatest)}`;
  const isOrdered = PERFORMANCE_METRICS[metric] === 'higher' ? critical <= warning : critical >= warning;
  return isOrdered ? undefined : `is ${warning} for warning and ${critical} for critical: the second must be the worse`;
}

function compileMetric(
  metric: PerformanceMetric,
  { metrics, rowCount }: PerformanceReference,
  { targets = {}, margins = {} }: PerformancePolicy,
): CompiledMetric {
  const direction = PERFORMANCE_METRICS[metric];
  const knownMetric = (name: PerformanceMetric) => metrics.find((one) => one.metric === name);
  const own = knownMetric(metric);
  const reference = own === undefined ? undefined : knownValue(own);
  const margin = margins[metric] ?? scaledMargin(PERFORMANCE_MARGINS[metric], knownMetric);
  const base = { metric, direction, ...(reference === undefined ? {} : { reference }), margin };
  const target = targets[metric];
  if (target !== undefined) {
    const beyond = margin.critical - margin.warning;
    const limits =
      typeof target === 'number'
        ? { warning: target, critical: direction === 'higher' ? target - beyond : target + beyond }
        : target;
    return { ...base, limits, isTarget: true };
  }
  if (own === undefined || rowCount < REFERENCE_ROWS_MIN) return { ...base, isTarget: false };
  const from = direction === 'zero' ? Math.abs(own.value) : own.value;
  const sign = direction === 'higher' ? -1 : 1;
  const limits = { warning: from + sign * margin.warning, critical: from + sign * margin.critical };
  return { ...base, limits, isTarget: false };
}

function knownValue({ value, standardError }: PerformanceReference['metrics'][number]) {
  return standardError === undefined ? { value } : { value, standardError };
}

function scaledMargin(
  { warning, critical, shareOf }: DefaultMargin,
  knownMetric: (metric: PerformanceMetric) => { readonly value: number } | undefined,
): Margin {
  const scale = shareOf === undefined ? 1 : Math.abs(knownMetric(shareOf)?.value ?? 0);
  return { warning: scale * warning, critical: scale * critical };
}

function entriesOf<T>(record: PerMetric<T>): [PerformanceMetric, T][] {
  return Object.entries(record) as [PerformanceMetric, T][];
}
