/**
 * The metrics of all watched models: counters of their closed panes and the gauges of their latest evaluation.
 *
 * Invariants
 * 1. Every counter of a monitored model is there, at 0, from the moment its reference is loaded.
 * 2. States below ok are exported as such; a model without a reference has a status too.
 */
import { COLUMN_SIGNALS, type Evaluation } from '@leeway/engine';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_LEVEL,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_TASK,
  ATTR_ML_MODEL_TIER,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_REFERENCE_ID,
  ATTR_ML_REFERENCE_NAME,
  ATTR_ML_SIGNAL,
  METRIC_ML_DRIFT_FEATURES,
  METRIC_ML_MODEL_INFO,
  METRIC_ML_MONITOR_EVALUATION_INTERVAL,
  METRIC_ML_MONITOR_LAST_EVALUATION_TIME,
  METRIC_ML_MONITOR_STATUS,
  METRIC_ML_MONITOR_WINDOW_ROWS,
  METRIC_ML_REFERENCE_CREATED_TIME,
  METRIC_ML_REFERENCE_INFO,
} from '@leeway/semconv';
import { ColumnSeries } from './column-series.ts';
import { type MetricFamily, type MetricSource, type PointAttributes, pointAttributes } from './metric-family.ts';
import type { ModelIdentity, ModelState, MonitoredModel } from './model-state.ts';
import { PerformanceSeries } from './performance-series.ts';
import { PointList } from './point-list.ts';

export class ModelMetrics implements MetricSource {
  readonly startMs: number;
  readonly #state: ModelState;
  /** Attributes by model and reference; those of models that are gone are dropped at the next collection. */
  #series = new Map<string, ModelSeries>();

  constructor(state: ModelState, startMs: number) {
    this.#state = state;
    this.startMs = startMs;
  }

  collect(): MetricFamily[] {
    const to = new PointList();
    const alive = new Map<string, ModelSeries>();
    for (const model of this.#state.monitored()) {
      const key = JSON.stringify([model.environment, model.model, model.version, model.reference.id]);
      const series = this.#series.get(key) ?? new ModelSeries(model);
      alive.set(key, series);
      series.add(to, model);
    }
    for (const model of this.#state.unreferenced()) {
      const key = JSON.stringify([model.environment, model.model, model.version]);
      const series = this.#series.get(key) ?? new ModelSeries(model);
      alive.set(key, series);
      series.addSignals(to, model.evaluation, model.intervalMs);
      series.addNoPerformance(to, model.intervalMs);
    }
    this.#series = alive;
    return to.families();
  }
}

/** Attribute sets of one model under one reference, or under none. */
class ModelSeries {
  readonly #identity: PointAttributes;
  readonly #own: PointAttributes;
  readonly #info: PointAttributes;
  readonly #columns: readonly ColumnSeries[];
  readonly #performance: PerformanceSeries;
  readonly #signals: readonly PointAttributes[];
  readonly #levels: readonly (readonly [PointAttributes, PointAttributes])[];

  constructor(model: ModelIdentity & Partial<MonitoredModel>) {
    const { reference } = model;
    this.#identity = pointAttributes({
      [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: model.environment,
      [ATTR_ML_MODEL_NAME]: model.model,
      [ATTR_ML_MODEL_VERSION]: model.version,
    });
    this.#own = pointAttributes({
      ...this.#identity,
      [ATTR_ML_REFERENCE_NAME]: reference?.name,
      [ATTR_ML_REFERENCE_ID]: reference?.id,
    });
    this.#info = pointAttributes({
      ...this.#identity,
      [ATTR_ML_MODEL_OWNER]: reference?.model.owner,
      [ATTR_ML_MODEL_TASK]: reference?.model.task,
      [ATTR_ML_MODEL_TIER]: reference?.model.tier,
    });
    const features = reference?.features ?? [];
    const outputs = reference?.outputs ?? [];
    this.#columns = [
      ...features.map((column, i) => new ColumnSeries(i, column, true, this.#own)),
      ...outputs.map((column, i) => new ColumnSeries(features.length + i, column, false, this.#own)),
    ];
    this.#performance = new PerformanceSeries(this.#own);
    this.#signals = COLUMN_SIGNALS.map((signal) => pointAttributes({ ...this.#own, [ATTR_ML_SIGNAL]: signal }));
    this.#levels = this.#signals.map((of) => [
      pointAttributes({ ...of, [ATTR_ML_LEVEL]: 'warning' }),
      pointAttributes({ ...of, [ATTR_ML_LEVEL]: 'critical' }),
    ]);
  }

  add(to: PointList, model: MonitoredModel): void {
    if (model.performance !== undefined) this.#performance.addState(to, model.performance);
    if (model.isEnded === true) {
      for (const column of this.#columns) column.addState(to, model);
      return;
    }
    to.add(METRIC_ML_MODEL_INFO, this.#info, 1);
    to.add(METRIC_ML_REFERENCE_INFO, this.#own, 1);
    to.add(METRIC_ML_REFERENCE_CREATED_TIME, this.#own, Date.parse(model.reference.createdAt) / 1000);
    for (const column of this.#columns) column.addState(to, model);
    if (model.evaluation !== undefined) this.#addColumns(to, model.evaluation, model.intervalMs);
    this.#performance.addEvaluation(to, model.performance?.evaluation, model.intervalMs);
  }

  #addColumns(to: PointList, evaluation: Evaluation, intervalMs: number): void {
    this.addSignals(to, evaluation, intervalMs);
    for (let i = 0; i < this.#columns.length; i++) this.#columns[i].addEvaluation(to, evaluation.columns[i]);
  }

  /** Of a model without a reference nothing is known of its performance. */
  addNoPerformance(to: PointList, intervalMs: number): void {
    this.#performance.addEvaluation(to, undefined, intervalMs);
  }

  addSignals(to: PointList, evaluation: Evaluation, intervalMs: number): void {
    for (let i = 0; i < COLUMN_SIGNALS.length; i++) {
      const of = this.#signals[i];
      const { status, warningCount, criticalCount } = evaluation.signals[COLUMN_SIGNALS[i]];
      to.add(METRIC_ML_MONITOR_STATUS, of, status);
      to.add(METRIC_ML_MONITOR_WINDOW_ROWS, of, evaluation.rowCount);
      to.add(METRIC_ML_MONITOR_LAST_EVALUATION_TIME, of, evaluation.endMs / 1000);
      to.add(METRIC_ML_MONITOR_EVALUATION_INTERVAL, of, intervalMs / 1000);
      to.add(METRIC_ML_DRIFT_FEATURES, this.#levels[i][0], warningCount);
      to.add(METRIC_ML_DRIFT_FEATURES, this.#levels[i][1], criticalCount);
    }
  }
}
