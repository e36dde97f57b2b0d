/**
 * Runs of training and batch pipelines, step by step: metrics of how many, how long, how late and how dear, and an event
 * with the facts of each. From a shell: `leeway pipeline run -- command`.
 */
import {
  ATTR_ERROR_TYPE,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PIPELINE_DATA_VERSION,
  ATTR_ML_PIPELINE_NAME,
  ATTR_ML_PIPELINE_RUN_COST,
  ATTR_ML_PIPELINE_RUN_END_TIME,
  ATTR_ML_PIPELINE_RUN_ROWS,
  ATTR_ML_PIPELINE_RUN_SCHEDULED_TIME,
  ATTR_ML_PIPELINE_RUN_START_TIME,
  ATTR_ML_PIPELINE_RUN_STATUS,
  ATTR_ML_PIPELINE_STEP,
  EVENT_ML_PIPELINE_RUN,
  PREFIX_ML_PIPELINE_METRICS,
} from '@leeway/semconv';
import { isHardOff } from './capture-environment.ts';
import { type EventAttributes, emitEvent } from './events.ts';
import { pipelineInstruments } from './pipeline-instruments.ts';
import { gateValue } from './value-gate.ts';

export interface PipelineStep {
  readonly pipeline: string;
  readonly step?: string;
  /** The model that the run trains or scores with. */
  readonly model?: { readonly name: string; readonly version?: string };
  /** When it was to start. */
  readonly scheduledAt?: Date;
  /** When the next one is to start: until then no news is good news. */
  readonly nextRunAt?: Date;
  /** What the pipeline may cost, in the unit of `cost`. */
  readonly budget?: number;
}

/** What is known when it has ended. */
export interface PipelineResult {
  readonly rows?: number;
  readonly dataVersion?: string;
  readonly cost?: number;
  /** Final metrics of a training, by name; at most 50. */
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface PipelineRun extends PipelineStep, PipelineResult {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Class of what went wrong; absent when all went well. */
  readonly errorType?: string;
}

const METRICS_MAX = 50;
const MS_PER_SECOND = 1000;

/**
 * Records a run that has ended. A no-op without an OpenTelemetry SDK; never throws.
 *
 * @example
 * const startedAt = new Date(Date.now() - 60_000);
 * recordPipelineRun({ pipeline: 'retrain', step: 'fit', startedAt, endedAt: new Date(), rows: 120_000 });
 */
export function recordPipelineRun(run: PipelineRun): void {
  if (isHardOff(process.env)) return;
  const of = { [ATTR_ML_PIPELINE_NAME]: run.pipeline, [ATTR_ML_PIPELINE_STEP]: run.step };
  const { runs, duration, delay, cost, nextRun, budget } = pipelineInstruments();
  const own = present(of);
  const outcome = present({ ...of, [ATTR_ERROR_TYPE]: run.errorType });
  runs.add(1, outcome);
  duration.record(secondsBetween(run.startedAt, run.endedAt), outcome);
  if (run.scheduledAt !== undefined) delay.record(secondsBetween(run.scheduledAt, run.startedAt), own);
  if (isAmount(run.cost)) cost.add(run.cost, own);
  const pipeline = { [ATTR_ML_PIPELINE_NAME]: run.pipeline };
  if (run.nextRunAt !== undefined) nextRun.record(run.nextRunAt.getTime() / MS_PER_SECOND, pipeline);
  if (isAmount(run.budget)) budget.record(run.budget, pipeline);
  emitEvent(EVENT_ML_PIPELINE_RUN, pipelineEventAttributes(run));
}

function pipelineEventAttributes(run: PipelineRun): EventAttributes {
  const metrics = Object.entries(run.metrics ?? {}).slice(0, METRICS_MAX);
  return {
    [ATTR_ML_PIPELINE_NAME]: run.pipeline,
    [ATTR_ML_PIPELINE_STEP]: run.step,
    [ATTR_ML_PIPELINE_RUN_STATUS]: run.errorType === undefined ? 'ok' : 'error',
    [ATTR_ERROR_TYPE]: run.errorType,
    [ATTR_ML_PIPELINE_RUN_SCHEDULED_TIME]: run.scheduledAt?.toISOString(),
    [ATTR_ML_PIPELINE_RUN_START_TIME]: run.startedAt.toISOString(),
    [ATTR_ML_PIPELINE_RUN_END_TIME]: run.endedAt.toISOString(),
    [ATTR_ML_PIPELINE_RUN_ROWS]: run.rows,
    [ATTR_ML_PIPELINE_RUN_COST]: run.cost,
    [ATTR_ML_PIPELINE_DATA_VERSION]: gateValue(run.dataVersion, 'raw'),
    [ATTR_ML_MODEL_NAME]: run.model?.name,
    [ATTR_ML_MODEL_VERSION]: run.model?.version,
    ...Object.fromEntries(metrics.map(([name, value]) => [`${PREFIX_ML_PIPELINE_METRICS}${name}`, value])),
  };
}

/**
 * Runs a step and records how it went: its result and its exceptions pass through untouched.
 *
 * @param work is given a function that takes what is known of the run; what it is told last holds
 * @example
 * const model = await pipelineRun({ pipeline: 'retrain', step: 'fit' }, async (report) => {
 *   const fitted = { weights: [0.2, 0.8], auroc: 0.71 };
 *   report({ rows: 120_000, metrics: { auroc: fitted.auroc } });
 *   return fitted;
 * });
 */
export async function pipelineRun<T>(
  step: PipelineStep,
  work: (report: (result: PipelineResult) => void) => T | Promise<T>,
): Promise<T> {
  const startedAt = new Date();
  let result: PipelineResult = {};
  const report = (more: PipelineResult) => {
    result = { ...result, ...more };
  };
  const record = (errorType?: string) =>
    recordPipelineRun({ ...step, ...result, startedAt, endedAt: new Date(), ...(errorType && { errorType }) });
  let value: T;
  try {
    value = await work(report);
  } catch (error) {
    record(error instanceof Error ? error.name : '_OTHER');
    throw error;
  }
  record();
  return value;
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / MS_PER_SECOND;

const isAmount = (value: number | undefined): value is number => value !== undefined && value >= 0 && value < Infinity;

function present(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
