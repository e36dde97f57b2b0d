/**
 * The series of one column (feature or output) of one model. Attributes are made once and kept: an export of 10,000
 * series must not build 10,000 attribute sets.
 */
import {
  type ColumnEvaluation,
  type ColumnReference,
  cellCounts,
  cellLabels,
  columnCounts,
  type DriftScore,
  type QualityEvaluation,
  referenceCellCounts,
} from '@leeway/engine';
import {
  ATTR_ML_BAD_SIDE,
  ATTR_ML_BIN,
  ATTR_ML_DRIFT_METRIC,
  ATTR_ML_FEATURE_NAME,
  ATTR_ML_FEATURE_OWNER,
  ATTR_ML_FEATURE_SOURCE,
  ATTR_ML_FEATURE_STATUS,
  ATTR_ML_LEVEL,
  ATTR_ML_OUTPUT_NAME,
  ATTR_ML_QUANTILE,
  ATTR_ML_RULE_NAME,
  ATTR_ML_SIGNAL,
  ATTR_ML_WINDOW,
  METRIC_ML_DATA_QUALITY_THRESHOLD_RATIO,
  METRIC_ML_DATA_QUALITY_VIOLATION_RATIO,
  METRIC_ML_DRIFT_NOISE,
  METRIC_ML_DRIFT_ROWS,
  METRIC_ML_DRIFT_SCORE,
  METRIC_ML_DRIFT_STATUS,
  METRIC_ML_DRIFT_THRESHOLD,
  METRIC_ML_FEATURE_INFO,
  METRIC_ML_FEATURE_OBSERVATIONS,
  METRIC_ML_FEATURE_QUANTILE,
  METRIC_ML_FEATURE_SQUARED_WEIGHTS,
  METRIC_ML_FEATURE_VALUES,
  METRIC_ML_PREDICTION_OBSERVATIONS,
  METRIC_ML_PREDICTION_SQUARED_WEIGHTS,
  METRIC_ML_REFERENCE_OBSERVATIONS,
} from '@leeway/semconv';
import { type PointAttributes, pointAttributes } from './metric-family.ts';
import type { MonitoredModel } from './model-state.ts';
import type { PointList } from './point-list.ts';

/** The quantiles of `ColumnEvaluation.quantiles`. */
const QUANTILES = ['0.05', '0.25', '0.5', '0.75', '0.95'] as const;
const LEVELS = ['warning', 'critical'] as const;

export class ColumnSeries {
  readonly #index: number;
  readonly #reference: ColumnReference;
  readonly #isFeature: boolean;
  readonly #own: PointAttributes;
  readonly #cells: readonly PointAttributes[];
  readonly #referenceCounts: ArrayLike<number>;
  readonly #made = new Map<string, PointAttributes>();

  /** @param model attributes that every series of the model carries, the reference's name and id included */
  constructor(index: number, reference: ColumnReference, isFeature: boolean, model: PointAttributes) {
    this.#index = index;
    this.#reference = reference;
    this.#isFeature = isFeature;
    const name = isFeature ? ATTR_ML_FEATURE_NAME : ATTR_ML_OUTPUT_NAME;
    this.#own = pointAttributes({ ...model, [name]: reference.name });
    this.#cells = cellLabels(reference).map((bin) => pointAttributes({ ...this.#own, [ATTR_ML_BIN]: bin }));
    this.#referenceCounts = referenceCellCounts(reference);
  }

  /** Counters and the reference's own counts: there from the moment the reference is loaded. */
  addState(to: PointList, { layout, totals }: MonitoredModel): void {
    const counts = columnCounts(layout, totals, this.#index);
    const cells = cellCounts(layout, totals, this.#index);
    const observations = this.#isFeature ? METRIC_ML_FEATURE_OBSERVATIONS : METRIC_ML_PREDICTION_OBSERVATIONS;
    for (let cell = 0; cell < cells.length; cell++) {
      to.add(observations, this.#cells[cell], cells[cell]);
      to.add(METRIC_ML_REFERENCE_OBSERVATIONS, this.#cells[cell], this.#referenceCounts[cell]);
    }
    const squared = this.#isFeature ? METRIC_ML_FEATURE_SQUARED_WEIGHTS : METRIC_ML_PREDICTION_SQUARED_WEIGHTS;
    to.add(squared, this.#own, counts.okSquaredWeight);
    if (!this.#isFeature) return;
    const outside = this.#reference.type === 'numeric' ? 'out_of_bounds' : 'unseen';
    const status = (value: string) => this.#with(`status ${value}`, { [ATTR_ML_FEATURE_STATUS]: value });
    to.add(METRIC_ML_FEATURE_VALUES, status('ok'), Math.max(0, counts.okWeight - counts.outsideWeight));
    to.add(METRIC_ML_FEATURE_VALUES, status('missing'), counts.missingWeight);
    to.add(METRIC_ML_FEATURE_VALUES, status('type_error'), counts.typeErrorWeight);
    to.add(METRIC_ML_FEATURE_VALUES, status(outside), counts.outsideWeight);
    const { owner, source } = this.#reference;
    to.add(
      METRIC_ML_FEATURE_INFO,
      this.#with('info', { [ATTR_ML_FEATURE_OWNER]: owner, [ATTR_ML_FEATURE_SOURCE]: source }),
      1,
    );
  }

  /** What the latest window says. */
  addEvaluation(to: PointList, column: ColumnEvaluation): void {
    const signal = this.#isFeature ? 'data_drift' : 'prediction_drift';
    to.add(METRIC_ML_DRIFT_STATUS, this.#with('signal', { [ATTR_ML_SIGNAL]: signal }), column.status);
    const rows = (window: string) =>
      this.#with(`rows ${window}`, { [ATTR_ML_SIGNAL]: signal, [ATTR_ML_WINDOW]: window });
    to.add(METRIC_ML_DRIFT_ROWS, rows('current'), column.currentSize);
    to.add(METRIC_ML_DRIFT_ROWS, rows('reference'), column.referenceSize);
    for (const score of column.scores) this.#addScore(to, signal, score);
    for (const rule of column.quality) this.#addRule(to, rule);
    if (this.#isFeature && column.quantiles !== undefined) {
      this.#addQuantiles(to, 'reference', column.quantiles.reference);
      this.#addQuantiles(to, 'current', column.quantiles.current);
    }
  }

  #addScore(to: PointList, signal: string, { metric, badSide, score, noise, warning, critical }: DriftScore): void {
    const of = { [ATTR_ML_SIGNAL]: signal, [ATTR_ML_DRIFT_METRIC]: metric, [ATTR_ML_BAD_SIDE]: badSide };
    const own = this.#with(metric, of);
    to.add(METRIC_ML_DRIFT_SCORE, own, score);
    to.add(METRIC_ML_DRIFT_NOISE, own, noise);
    const thresholds = { warning, critical };
    for (const level of LEVELS) {
      to.add(
        METRIC_ML_DRIFT_THRESHOLD,
        this.#with(`${metric} ${level}`, { ...of, [ATTR_ML_LEVEL]: level }),
        thresholds[level],
      );
    }
  }

  #addRule(to: PointList, { rule, ratio, warning, critical }: QualityEvaluation): void {
    const of = { [ATTR_ML_RULE_NAME]: rule };
    to.add(METRIC_ML_DATA_QUALITY_VIOLATION_RATIO, this.#with(`rule ${rule}`, of), ratio);
    const thresholds = { warning, critical };
    for (const level of LEVELS) {
      const own = this.#with(`rule ${rule} ${level}`, { ...of, [ATTR_ML_LEVEL]: level });
      to.add(METRIC_ML_DATA_QUALITY_THRESHOLD_RATIO, own, thresholds[level]);
    }
  }

  #addQuantiles(to: PointList, window: string, quantiles: readonly number[]): void {
    for (let i = 0; i < QUANTILES.length; i++) {
      const of = { [ATTR_ML_WINDOW]: window, [ATTR_ML_QUANTILE]: QUANTILES[i] };
      to.add(METRIC_ML_FEATURE_QUANTILE, this.#with(`quantile ${window} ${i}`, of), quantiles[i]);
    }
  }

  #with(key: string, more: Readonly<Record<string, string | undefined>>): PointAttributes {
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const attributes = pointAttributes({ ...this.#own, ...more });
    this.#made.set(key, attributes);
    return attributes;
  }
}
