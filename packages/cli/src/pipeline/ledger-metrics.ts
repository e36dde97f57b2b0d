/** A step's sums as metrics, with when the next run is due and what it may cost. */
import { type MetricFamily, type MetricSource, pointAttributes } from '@leeway/exporter';
import { PIPELINE_SECONDS } from '@leeway/instrumentation';
import {
  ATTR_ERROR_TYPE,
  ATTR_ML_PIPELINE_NAME,
  ATTR_ML_PIPELINE_STEP,
  METRIC_ML_PIPELINE_BUDGET,
  METRIC_ML_PIPELINE_COST,
  METRIC_ML_PIPELINE_NEXT_RUN_TIME,
  METRIC_ML_PIPELINE_RUN_DURATION,
  METRIC_ML_PIPELINE_RUNS,
  METRIC_ML_PIPELINE_SCHEDULE_DELAY,
} from '@leeway/semconv';
import type { Ledger } from './run-ledger.ts';

export interface PipelinePlan {
  readonly nextRunAt?: Date;
  readonly budget?: number;
}

const MS_PER_SECOND = 1000;

export class LedgerMetrics implements MetricSource {
  readonly startMs: number;
  readonly #ledger: Ledger;
  readonly #plan: PipelinePlan;

  constructor(ledger: Ledger, plan: PipelinePlan) {
    this.startMs = ledger.startMs;
    this.#ledger = ledger;
    this.#plan = plan;
  }

  collect(): MetricFamily[] {
    const { pipeline, step, ends, delay, cost } = this.#ledger;
    const { nextRunAt, budget } = this.#plan;
    const of = { [ATTR_ML_PIPELINE_NAME]: pipeline, [ATTR_ML_PIPELINE_STEP]: step };
    const own = pointAttributes(of);
    const whole = pointAttributes({ [ATTR_ML_PIPELINE_NAME]: pipeline });
    const byEnd = Object.entries(ends).map(([errorType, end]) => ({
      attributes: pointAttributes({ ...of, [ATTR_ERROR_TYPE]: errorType }),
      ...end,
    }));
    const bounds = PIPELINE_SECONDS;
    return [
      {
        name: METRIC_ML_PIPELINE_RUNS,
        points: byEnd.map(({ attributes, runs }) => ({ attributes, value: runs })),
      },
      {
        name: METRIC_ML_PIPELINE_RUN_DURATION,
        histograms: byEnd.map(({ attributes, duration }) => ({ attributes, bounds, ...duration })),
      },
      { name: METRIC_ML_PIPELINE_SCHEDULE_DELAY, histograms: [{ attributes: own, bounds, ...delay }] },
      { name: METRIC_ML_PIPELINE_COST, points: [{ attributes: own, value: cost }] },
      ...(nextRunAt === undefined
        ? []
        : [
            {
              name: METRIC_ML_PIPELINE_NEXT_RUN_TIME,
              points: [{ attributes: whole, value: nextRunAt.getTime() / MS_PER_SECOND }],
            },
          ]),
      ...(budget === undefined
        ? []
        : [{ name: METRIC_ML_PIPELINE_BUDGET, points: [{ attributes: whole, value: budget }] }]),
    ];
  }
}
