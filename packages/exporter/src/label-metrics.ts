/** What became of labels: by model where they met their prediction, as a whole where they met none. */
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_LEEWAY_REASON,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_OUTCOME,
  METRIC_LEEWAY_LABELS_LOST,
  METRIC_LEEWAY_LABELS_PENDING,
  METRIC_LEEWAY_LABELS_WAITING,
  METRIC_ML_GROUND_TRUTH_COVERAGE_RATIO,
  METRIC_ML_GROUND_TRUTH_DELAY,
  METRIC_ML_GROUND_TRUTHS,
} from '@leeway/semconv';
import { KnownAttributes } from './known-attributes.ts';
import { type HistogramPoint, type MetricFamily, type MetricSource, pointAttributes } from './metric-family.ts';
import { PointList } from './point-list.ts';

export interface LabelsView {
  readonly models: readonly {
    readonly environment: string;
    readonly model: string;
    /** By outcome. */
    readonly counts: Readonly<Record<string, number>>;
    /** One more than bounds; seconds. */
    readonly delay: { readonly counts: readonly number[]; readonly sum: number };
    readonly coverage?: number;
  }[];
  readonly delayBounds: readonly number[];
  /** Labels whose prediction never came: nobody knows of which model. */
  readonly unmatchedCount: number;
  readonly pendingCount: number;
  readonly waitingCount: number;
  /** By reason. */
  readonly lost: Readonly<Record<string, number>>;
}

const NONE = pointAttributes({});

export class LabelMetrics implements MetricSource {
  readonly startMs: number;
  readonly #state: () => LabelsView | undefined;
  readonly #attributes = new KnownAttributes();

  /** @param state undefined while no labels are waited for */
  constructor(state: () => LabelsView | undefined, startMs: number) {
    this.#state = state;
    this.startMs = startMs;
  }

  collect(): MetricFamily[] {
    const view = this.#state();
    if (view === undefined) return [];
    const to = new PointList();
    const delays: HistogramPoint[] = [];
    for (const { environment, model, counts, delay, coverage } of view.models) {
      const of = { [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment, [ATTR_ML_MODEL_NAME]: model };
      for (const [outcome, count] of Object.entries(counts))
        to.add(METRIC_ML_GROUND_TRUTHS, this.#attributes.of({ ...of, [ATTR_ML_OUTCOME]: outcome }), count);
      if (coverage !== undefined) to.add(METRIC_ML_GROUND_TRUTH_COVERAGE_RATIO, this.#attributes.of(of), coverage);
      delays.push({ attributes: this.#attributes.of(of), bounds: view.delayBounds, ...delay });
    }
    to.add(METRIC_ML_GROUND_TRUTHS, this.#attributes.of({ [ATTR_ML_OUTCOME]: 'unmatched' }), view.unmatchedCount);
    to.add(METRIC_LEEWAY_LABELS_PENDING, NONE, view.pendingCount);
    to.add(METRIC_LEEWAY_LABELS_WAITING, NONE, view.waitingCount);
    for (const [reason, count] of Object.entries(view.lost))
      to.add(METRIC_LEEWAY_LABELS_LOST, this.#attributes.of({ [ATTR_LEEWAY_REASON]: reason }), count);
    return [...to.families(), { name: METRIC_ML_GROUND_TRUTH_DELAY, histograms: delays }];
  }
}
