/**
 * The series of one model's performance. What has no value has no series; the status is always there, and without a
 * label it is "no data".
 */
import {
  type MetricEvaluation,
  OTHER_LABEL,
  type PerformanceEvaluation,
  RESIDUAL_SHARES,
  type SegmentEvaluation,
  STATUS,
} from '@leeway/engine';
import {
  ATTR_ML_ACTUAL,
  ATTR_ML_BAD_SIDE,
  ATTR_ML_BOUND_SIDE,
  ATTR_ML_DETECTOR_NAME,
  ATTR_ML_LEVEL,
  ATTR_ML_PERFORMANCE_METRIC,
  ATTR_ML_PERFORMANCE_SOURCE,
  ATTR_ML_PREDICTED,
  ATTR_ML_QUANTILE,
  ATTR_ML_REFERENCE_ID,
  ATTR_ML_REFERENCE_NAME,
  ATTR_ML_SEGMENT,
  ATTR_ML_SIGNAL,
  ATTR_ML_WINDOW,
  METRIC_ML_CONCEPT_DRIFT_CHANGES,
  METRIC_ML_CONCEPT_DRIFT_GAP,
  METRIC_ML_CONCEPT_DRIFT_LAST_CHANGE_TIME,
  METRIC_ML_CONCEPT_DRIFT_NOISE,
  METRIC_ML_CONCEPT_DRIFT_STATUS,
  METRIC_ML_CONCEPT_DRIFT_THRESHOLD,
  METRIC_ML_MONITOR_EVALUATION_INTERVAL,
  METRIC_ML_MONITOR_LAST_EVALUATION_TIME,
  METRIC_ML_MONITOR_STATUS,
  METRIC_ML_MONITOR_WINDOW_ROWS,
  METRIC_ML_PERFORMANCE_BOUND,
  METRIC_ML_PERFORMANCE_NOISE,
  METRIC_ML_PERFORMANCE_OUTCOMES,
  METRIC_ML_PERFORMANCE_REFERENCE,
  METRIC_ML_PERFORMANCE_RESIDUAL,
  METRIC_ML_PERFORMANCE_ROWS,
  METRIC_ML_PERFORMANCE_SCORE,
  METRIC_ML_PERFORMANCE_STATUS,
  METRIC_ML_PERFORMANCE_TARGET,
  METRIC_ML_PERFORMANCE_THRESHOLD,
} from '@leeway/semconv';
import { type PointAttributes, pointAttributes } from './metric-family.ts';
import type { PointList } from './point-list.ts';

/** What is exported of performance; the engine's `WatchedPerformance` is one. */
export interface PerformanceState {
  /** Undefined where the reference has no labels. */
  readonly evaluation: PerformanceEvaluation | undefined;
  readonly monitor: { readonly classes: readonly string[]; readonly outcomes: ArrayLike<number> } | undefined;
}

/** Classes that are told apart in the counter of outcomes; the others are `other`. */
export const OUTCOME_CLASSES_MAX = 10;
const LEVELS = ['warning', 'critical'] as const;
const SOURCES = ['measured', 'estimated'] as const;
type More = Readonly<Record<string, string | undefined>>;

export class PerformanceSeries {
  /** Attributes without those of the reference: a target and an outcome are of none. */
  readonly #identity: PointAttributes;
  readonly #own: PointAttributes;
  readonly #made = new Map<string, PointAttributes>();

  /** @param own attributes that every series of the model carries, the reference's name and id included */
  constructor(own: PointAttributes) {
    const { [ATTR_ML_REFERENCE_NAME]: _name, [ATTR_ML_REFERENCE_ID]: _id, ...identity } = own;
    this.#identity = pointAttributes(identity);
    this.#own = own;
  }

  /** Counters: there from the moment the reference is loaded, at 0. */
  addState(to: PointList, { evaluation, monitor }: PerformanceState): void {
    if (monitor !== undefined) this.#addOutcomes(to, monitor.classes, monitor.outcomes);
    for (const { detector, changeCount } of evaluation?.concept.detectors ?? [])
      to.add(METRIC_ML_CONCEPT_DRIFT_CHANGES, this.#with({ [ATTR_ML_DETECTOR_NAME]: detector }), changeCount);
  }

  /** What the latest window says; without one, that there is no data. */
  addEvaluation(to: PointList, evaluation: PerformanceEvaluation | undefined, intervalMs: number): void {
    const signal = this.#with({ [ATTR_ML_SIGNAL]: 'performance' });
    to.add(METRIC_ML_MONITOR_STATUS, signal, evaluation?.status ?? STATUS.noData);
    to.add(METRIC_ML_MONITOR_EVALUATION_INTERVAL, signal, intervalMs / 1000);
    if (evaluation === undefined) return;
    to.add(METRIC_ML_MONITOR_WINDOW_ROWS, signal, evaluation.labelCount);
    to.add(METRIC_ML_MONITOR_LAST_EVALUATION_TIME, signal, evaluation.endMs / 1000);
    to.add(METRIC_ML_PERFORMANCE_ROWS, this.#with({ [ATTR_ML_PERFORMANCE_SOURCE]: 'measured' }), evaluation.labelSize);
    const estimated = this.#with({ [ATTR_ML_PERFORMANCE_SOURCE]: 'estimated' });
    to.add(METRIC_ML_PERFORMANCE_ROWS, estimated, evaluation.predictionCount);
    for (const metric of evaluation.metrics) this.#addMetric(to, metric, {});
    for (const segment of evaluation.segments) this.#addSegment(to, segment);
    this.#addConcept(to, evaluation);
    for (const [window, values] of Object.entries(evaluation.residuals ?? {}))
      values.forEach((value, i) => {
        const of = { [ATTR_ML_WINDOW]: window, [ATTR_ML_QUANTILE]: String(RESIDUAL_SHARES[i]) };
        to.add(METRIC_ML_PERFORMANCE_RESIDUAL, this.#with(of), value);
      });
  }

  #addSegment(to: PointList, { segment, labelSize, metrics }: SegmentEvaluation): void {
    const of = { [ATTR_ML_SEGMENT]: segment };
    to.add(METRIC_ML_PERFORMANCE_ROWS, this.#with({ ...of, [ATTR_ML_PERFORMANCE_SOURCE]: 'measured' }), labelSize);
    for (const metric of metrics) this.#addMetric(to, metric, of);
  }

  #addMetric(to: PointList, evaluation: MetricEvaluation, segment: More): void {
    const { metric, badSides, measured, reference, thresholds, limits, isTarget, status } = evaluation;
    const of = { ...segment, [ATTR_ML_PERFORMANCE_METRIC]: metric };
    to.add(METRIC_ML_PERFORMANCE_STATUS, this.#with(of), status);
    for (const source of SOURCES) {
      const one = evaluation[source];
      if (one === undefined) continue;
      const sourced = { ...of, [ATTR_ML_PERFORMANCE_SOURCE]: source };
      for (const side of badSides)
        to.add(METRIC_ML_PERFORMANCE_SCORE, this.#with({ ...sourced, [ATTR_ML_BAD_SIDE]: side }), one.value);
      if (one.standardError !== undefined) to.add(METRIC_ML_PERFORMANCE_NOISE, this.#with(sourced), one.standardError);
    }
    if (measured !== undefined)
      for (const side of ['lower', 'upper'] as const) {
        const bound = { ...of, [ATTR_ML_PERFORMANCE_SOURCE]: 'measured', [ATTR_ML_BOUND_SIDE]: side };
        to.add(METRIC_ML_PERFORMANCE_BOUND, this.#with(bound), measured[side]);
      }
    for (const side of badSides) {
      const sided = { ...of, [ATTR_ML_BAD_SIDE]: side };
      // Of a bias limits are magnitudes, on either side of 0.
      const sign = badSides.length > 1 && side === 'below' ? -1 : 1;
      if (reference !== undefined) to.add(METRIC_ML_PERFORMANCE_REFERENCE, this.#with(sided), reference.value);
      for (const level of LEVELS) {
        const levelled = { ...sided, [ATTR_ML_LEVEL]: level };
        if (thresholds !== undefined)
          to.add(METRIC_ML_PERFORMANCE_THRESHOLD, this.#with(levelled), sign * thresholds[level]);
        if (isTarget && limits !== undefined)
          to.add(METRIC_ML_PERFORMANCE_TARGET, this.#with(levelled, this.#identity), sign * limits[level]);
      }
    }
  }

  #addConcept(to: PointList, { concept }: PerformanceEvaluation): void {
    to.add(METRIC_ML_CONCEPT_DRIFT_STATUS, this.#own, concept.status);
    for (const { metric, gap, noise, ...thresholds } of concept.gaps) {
      const of = { [ATTR_ML_PERFORMANCE_METRIC]: metric };
      to.add(METRIC_ML_CONCEPT_DRIFT_NOISE, this.#with(of), noise);
      for (const side of ['below', 'above'] as const) {
        const sided = { ...of, [ATTR_ML_BAD_SIDE]: side };
        to.add(METRIC_ML_CONCEPT_DRIFT_GAP, this.#with(sided), gap);
        for (const level of LEVELS) {
          const threshold = side === 'below' ? -thresholds[level] : thresholds[level];
          to.add(METRIC_ML_CONCEPT_DRIFT_THRESHOLD, this.#with({ ...sided, [ATTR_ML_LEVEL]: level }), threshold);
        }
      }
    }
    for (const { detector, lastChangeMs } of concept.detectors) {
      if (lastChangeMs === undefined) continue;
      const of = this.#with({ [ATTR_ML_DETECTOR_NAME]: detector });
      to.add(METRIC_ML_CONCEPT_DRIFT_LAST_CHANGE_TIME, of, lastChangeMs / 1000);
    }
  }

  #addOutcomes(to: PointList, classes: readonly string[], outcomes: ArrayLike<number>): void {
    const names = classes.length > OUTCOME_CLASSES_MAX ? classes.slice(0, OUTCOME_CLASSES_MAX - 1) : classes;
    const size = names.length === classes.length ? names.length : OUTCOME_CLASSES_MAX;
    const sums = new Float64Array(size * size);
    for (let cell = 0; cell < outcomes.length; cell++) {
      const actual = Math.min(size - 1, Math.floor(cell / classes.length));
      const predicted = Math.min(size - 1, cell % classes.length);
      sums[actual * size + predicted] += outcomes[cell];
    }
    sums.forEach((sum, cell) => {
      const [actual, predicted] = [Math.floor(cell / size), cell % size].map((of) => names[of] ?? OTHER_LABEL);
      const of = { [ATTR_ML_ACTUAL]: actual, [ATTR_ML_PREDICTED]: predicted };
      to.add(METRIC_ML_PERFORMANCE_OUTCOMES, this.#with(of, this.#identity), sum);
    });
  }

  /** Bounded by metrics, segments and classes, which come from the reference and the configuration. */
  #with(more: More, own: PointAttributes = this.#own): PointAttributes {
    const key = JSON.stringify([own === this.#own, more]);
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const attributes = pointAttributes({ ...own, ...more });
    this.#made.set(key, attributes);
    return attributes;
  }
}
