/**
 * Judges how right one model is, window after window, with the memory that a single window lacks.
 *
 * Invariants
 * 1. A level is entered at its threshold and left below `leaveRatio` of it for `leaveCount` evaluations in a row.
 * 2. A window that cannot be judged (filling, few truths, none) changes no memory: an alarm is not cleared by silence.
 * 3. No truth after there were some is stale; without one ever it is no data. What is only estimated is shown, and is no
 *    verdict.
 * 4. Memory is bounded by the metrics and the segments of the policy; every pane's errors go through the detectors once.
 */
import { CONFUSION_OFFSET } from '../performance/classification-layout.ts';
import { performanceFigures } from '../performance/performance-figures.ts';
import { type PerformanceLayout, performanceLayout } from '../performance/performance-layout.ts';
import { NO_SUMS, type OutcomeSums, type PerformancePane, sumsOf } from '../performance/performance-pane.ts';
import { decodePerformanceState, encodePerformanceState } from '../performance/performance-state.ts';
import { referenceResidualQuantiles, residualQuantiles } from '../performance/residual-quantiles.ts';
import type { PerformanceReference, ReferenceProfile } from '../reference/profile.ts';
import { ChangeWatch } from './change-watch.ts';
import { type SignalEvaluation, STATUS } from './evaluation.ts';
import { type LevelMemory, newLevelMemory, stepLevels } from './hysteresis.ts';
import type {
  GapEvaluation,
  MetricEvaluation,
  PerformanceEvaluation,
  SegmentEvaluation,
} from './performance-evaluation.ts';
import { judgeGap, judgeMetric, type Level, type Obstacle, referenceObstacle } from './performance-judgement.ts';
import {
  type CompiledPerformancePolicy,
  compilePerformancePolicy,
  type PerformancePolicy,
} from './performance-policy.ts';
import { PerformanceRing, type PerformanceWindow } from './performance-ring.ts';
import { worst } from './roll-up.ts';

export interface PerformanceMonitorOptions {
  readonly paneMs: number;
  /** Panes in a window. */
  readonly paneCount: number;
  /** From when on the model is watched. Default: the start of the first pane that comes. */
  readonly sinceMs?: number;
}

/** Numbers of one memory in a snapshot. */
const MEMORY_SIZE = 4;

export class PerformanceMonitor {
  readonly #layout: PerformanceLayout;
  readonly #profile: ReferenceProfile;
  readonly #reference: PerformanceReference;
  readonly #options: PerformanceMonitorOptions;
  readonly #ring: PerformanceRing;
  #changes: ChangeWatch;
  /** By segment (the whole first) and metric, then of the gaps by metric. */
  readonly #memories = new Map<string, LevelMemory>();
  readonly #outcomes: Float64Array;
  #policy: CompiledPerformancePolicy;
  #evaluation: PerformanceEvaluation;
  /** Segments that had a truth; '' is the whole. */
  readonly #labelled = new Set<string>();

  /**
   * Undefined for a profile without performance.
   *
   * @throws RangeError when the policy does not fit the reference
   * @example PerformanceMonitor.of(profile, { targets: { auroc: 0.65 } }, { paneMs: 300_000, paneCount: 12 })
   */
  static of(
    profile: ReferenceProfile,
    policy: PerformancePolicy,
    options: PerformanceMonitorOptions,
  ): PerformanceMonitor | undefined {
    const compiled = compilePerformancePolicy(profile, policy, options);
    const { performance } = profile;
    const layout = performance === undefined ? undefined : performanceLayout(performance);
    if (compiled === undefined || layout === undefined || performance === undefined) return undefined;
    return new PerformanceMonitor(profile, performance, layout, compiled, options);
  }

  private constructor(
    profile: ReferenceProfile,
    reference: PerformanceReference,
    layout: PerformanceLayout,
    policy: CompiledPerformancePolicy,
    options: PerformanceMonitorOptions,
  ) {
    this.#profile = profile;
    this.#reference = reference;
    this.#layout = layout;
    this.#policy = policy;
    this.#options = options;
    this.#ring = new PerformanceRing(options);
    this.#changes = new ChangeWatch(layout.task, reference);
    this.#outcomes = new Float64Array(this.classes.length ** 2);
    const endMs = options.sinceMs ?? 0;
    const startMs = endMs - options.paneMs * options.paneCount;
    this.#evaluation = this.#judge({ startMs, endMs, sums: undefined, fresh: [], filled: false });
  }

  get policy(): CompiledPerformancePolicy {
    return this.#policy;
  }

  /** The latest; before the first window it says that there is none yet. */
  get evaluation(): PerformanceEvaluation {
    return this.#evaluation;
  }

  /** Names of the classes; none of numbers. */
  get classes(): readonly string[] {
    return this.#layout.task === 'classification' ? this.#layout.classification.classes : [];
  }

  /** Rows of all panes so far by what was true and what was predicted, row by row: never less than before. */
  get outcomes(): Float64Array {
    return this.#outcomes;
  }

  get droppedPaneCount(): number {
    return this.#ring.droppedPaneCount;
  }

  /** Takes closed panes, of any shard, in any order. */
  take(panes: readonly PerformancePane[]): void {
    for (const pane of panes) {
      const { measured } = pane.whole;
      for (let i = 0; i < this.#outcomes.length && measured.length > 0; i++)
        this.#outcomes[i] += Math.max(0, measured[CONFUSION_OFFSET + i]);
      this.#ring.add(this.#segmented(pane));
    }
  }

  /** Says up to where panes are closed: with several shards, the minimum over them. */
  advance(closedThroughMs: number): void {
    this.#ring.advance(closedThroughMs);
  }

  /** Judges the next window that is due, or says that none is. */
  next(): PerformanceEvaluation | undefined {
    const window = this.#ring.next();
    if (window === undefined) return undefined;
    for (const { errors } of window.fresh) this.#changes.feed(errors);
    this.#evaluation = this.#judge(window);
    return this.#evaluation;
  }

  /** Other limits from the next window on; what is remembered stays. @throws RangeError when it does not fit */
  applyPolicy(policy: PerformancePolicy): void {
    this.#policy = compilePerformancePolicy(this.#profile, policy, this.#options) ?? this.#policy;
    const { panes, times } = this.#ring.state();
    const segmented = panes.map((pane) => this.#segmented(pane));
    this.#ring.restore(segmented, times);
  }

  /** With the segments of the policy, in its order. */
  #segmented(pane: PerformancePane): PerformancePane {
    const segmentNames = this.#policy.segments;
    return { ...pane, segmentNames, segments: segmentNames.map((name) => sumsOf(pane, name)) };
  }

  /** Windows, memories, counts and detectors as versioned bytes. */
  snapshot(): Uint8Array {
    const { panes, times } = this.#ring.state();
    const memories = this.#memoryKeys().flatMap((key) => numbersOf(this.#memory(key)));
    const numbers = [
      times.sinceMs,
      times.nextLast,
      times.closedLast,
      ...['', ...this.#policy.segments].map((segment) => (this.#labelled.has(segment) ? 1 : 0)),
      ...this.#outcomes,
      ...memories,
      ...this.#changes.state(),
    ];
    return encodePerformanceState(this.#identity(), { numbers, panes });
  }

  /** False, and nothing changed, when the bytes are not whole or of another reference, policy or window. */
  restore(bytes: Uint8Array): boolean {
    const state = decodePerformanceState(this.#identity(), bytes);
    const keys = this.#memoryKeys();
    const segments = ['', ...this.#policy.segments];
    const head = 3 + segments.length + this.#outcomes.length;
    const changesAt = head + MEMORY_SIZE * keys.length;
    const changes = new ChangeWatch(this.#layout.task, this.#reference);
    if (state === undefined || !changes.restore(state.numbers.slice(changesAt))) return false;
    this.#changes = changes;
    const [sinceMs, nextLast, closedLast, ...labelled] = state.numbers;
    this.#ring.restore(state.panes, { sinceMs, nextLast, closedLast });
    this.#labelled.clear();
    segments.forEach((segment, i) => {
      if (labelled[i] === 1) this.#labelled.add(segment);
    });
    this.#outcomes.set(state.numbers.slice(3 + segments.length, head));
    keys.forEach((key, i) => {
      this.#memories.set(key, memoryOf(state.numbers.slice(head + MEMORY_SIZE * i, head + MEMORY_SIZE * (i + 1))));
    });
    return true;
  }

  #judge({ startMs, endMs, sums, filled }: PerformanceWindow): PerformanceEvaluation {
    const whole = this.#judgeSums('', sums?.whole ?? NO_SUMS, filled);
    const segments = this.#policy.segments.map((segment, i): SegmentEvaluation => {
      const { predictionCount: _, ...one } = this.#judgeSums(segment, sums?.segments[i] ?? NO_SUMS, filled);
      return { segment, ...one };
    });
    const gaps = this.#judgeGaps(sums?.whole ?? NO_SUMS, whole);
    const verdict = gaps.length === 0 ? { ...whole, warningCount: 0, criticalCount: 0 } : worst(gaps);
    const { status, reason, warningCount, criticalCount } = verdict;
    return {
      startMs,
      endMs,
      ...whole,
      ...worst([...whole.metrics, ...segments.flatMap(({ metrics }) => metrics)]),
      segments,
      concept: {
        status: gaps.length === 0 && status >= STATUS.ok ? STATUS.insufficientData : status,
        ...(gaps.length === 0 ? { reason: reason ?? ('no_scores' as const) } : {}),
        warningCount,
        criticalCount,
        gaps,
        detectors: this.#changes.evaluations,
      },
      ...this.#residuals(sums?.whole.measured),
    };
  }

  #residuals(measured = NO_SUMS.measured): Pick<PerformanceEvaluation, 'residuals'> {
    if (this.#layout.task === 'classification' || measured.length === 0) return {};
    const { regression } = this.#layout;
    const [reference, current] = [referenceResidualQuantiles(regression), residualQuantiles(regression, measured)];
    return reference === undefined || current === undefined ? {} : { residuals: { reference, current } };
  }

  #judgeSums(segment: string, sums: OutcomeSums, filled: boolean) {
    const measured = performanceFigures(this.#layout, sums.measured);
    const estimated = performanceFigures(this.#layout, sums.estimated);
    if (measured.rowCount > 0) this.#labelled.add(segment);
    const obstacle = this.#obstacle(segment, measured.rowCount, measured.effectiveSize, filled);
    const metrics = this.#policy.metrics.map((metric): MetricEvaluation => {
      const own = obstacle ?? referenceObstacle(this.#reference.rowCount, metric);
      const { evaluation, level } = judgeMetric(this.#policy, metric, measured, estimated, own);
      return level === undefined ? evaluation : { ...evaluation, status: this.#step([segment, metric.metric], level) };
    });
    return {
      labelCount: measured.rowCount,
      labelSize: measured.effectiveSize,
      predictionCount: estimated.rowCount,
      metrics,
      ...(worst(metrics) satisfies SignalEvaluation),
    };
  }

  #judgeGaps(sums: OutcomeSums, { metrics }: { readonly metrics: readonly MetricEvaluation[] }): GapEvaluation[] {
    const measured = performanceFigures(this.#layout, sums.measured);
    const matched = performanceFigures(this.#layout, sums.matched);
    return this.#policy.metrics.flatMap((metric, i) => {
      // What is not judged for want of rows has no gap either; a metric without a reference may have one.
      const { status, reason } = metrics[i];
      if (status < STATUS.ok && reason !== 'no_reference' && reason !== 'few_reference_rows') return [];
      const judged = judgeGap(this.#policy, metric, measured, matched);
      if (judged === undefined) return [];
      return [{ ...judged.evaluation, status: this.#step(['gap', metric.metric, ''], judged.level) }];
    });
  }

  #obstacle(segment: string, labelCount: number, labelSize: number, filled: boolean): Obstacle | undefined {
    if (!(labelCount > 0)) return this.#labelled.has(segment) ? [STATUS.stale, 'stale'] : [STATUS.noData, 'no_labels'];
    if (!filled) return [STATUS.insufficientData, 'filling'];
    return labelSize < this.#policy.labelsMin ? [STATUS.insufficientData, 'few_labels'] : undefined;
  }

  #step(key: readonly string[], level: Level) {
    return stepLevels(this.#memory(JSON.stringify(key)), level, this.#policy);
  }

  #memory(key: string): LevelMemory {
    const present = this.#memories.get(key);
    if (present !== undefined) return present;
    const memory = newLevelMemory();
    this.#memories.set(key, memory);
    return memory;
  }

  #memoryKeys(): string[] {
    const { metrics, segments } = this.#policy;
    const keys = ['', ...segments].flatMap((segment) => metrics.map(({ metric }) => [segment, metric]));
    return [...keys, ...metrics.map(({ metric }) => ['gap', metric, ''])].map((key) => JSON.stringify(key));
  }

  #identity() {
    const { metrics, segments } = this.#policy;
    const names = [...segments, ...metrics.map(({ metric }) => metric)];
    return { profileId: this.#profile.id, paneMs: this.#options.paneMs, segments, names, size: this.#layout.size };
  }
}

function numbersOf({ warning, critical, warningCalmCount, criticalCalmCount }: LevelMemory): number[] {
  return [warning ? 1 : 0, critical ? 1 : 0, warningCalmCount, criticalCalmCount];
}

function memoryOf([warning, critical, warningCalmCount, criticalCalmCount]: readonly number[]): LevelMemory {
  return { warning: warning === 1, critical: critical === 1, warningCalmCount, criticalCalmCount };
}
