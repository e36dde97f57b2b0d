/** The manual API: any function that predicts becomes spans and metrics, and, where the policy allows it, values. */
import { diag } from '@opentelemetry/api';
import { type CaptureOptions, capturePolicy } from './capture-policy.ts';
import { type GroundTruth, recordFeedback, recordGroundTruth } from './ground-truth.ts';
import type { ModelInfo, PredictionColumns, ValueColumn } from './inference.ts';
import { type ActiveInference, InferenceRecorder } from './inference-recorder.ts';
import type { FeatureValue } from './value-gate.ts';

export type Features = Readonly<Record<string, FeatureValue>>;

/** What a model said of one row. */
export interface Prediction {
  readonly label?: string;
  readonly value?: number;
  /** Score of the label. */
  readonly score?: number;
  /** Score by class. */
  readonly scores?: Readonly<Record<string, number>>;
}

export interface MonitorOptions<Result = unknown> {
  readonly model: ModelInfo;
  readonly capture?: CaptureOptions;
  /** Reads the prediction out of a result. Default: a number is a value, a string a label, an object is taken as it is. */
  readonly output?: (result: Result) => Prediction | undefined;
}

export interface ModelMonitor<Result = unknown> {
  /**
   * Runs `work` for one row in a span. What it returns or throws passes through untouched.
   * @example const risk = fraud.predict({ amount, country }, () => score(amount, country));
   */
  predict<R extends Result>(features: Features, work: (inferenceId: string) => R): R;
  /** The same for many rows; the result is a list with a prediction a row. */
  batch<R extends readonly Result[] | Promise<readonly Result[]>>(
    rows: readonly Features[],
    work: (inferenceId: string) => R,
  ): R;
  /** A function that does what `fn` does and is monitored. */
  wrap<A extends readonly unknown[], R extends Result>(
    fn: (...args: A) => R,
    input: (...args: A) => Features,
  ): (...args: A) => R;
  groundTruth(inferenceId: string, truth: Omit<GroundTruth, 'model' | 'inferenceId'>): void;
  feedback(inferenceId: string, feedback: { readonly name: string; readonly value: number | string }): void;
}

/**
 * Monitors a model that is called by code of one's own.
 *
 * @example
 * const fraud = monitor({ model: { name: 'fraud', version: '7' }, capture: { features: ['amount', 'country'] } });
 * const risk = fraud.predict({ amount: 12.5, country: 'NL' }, () => ({ label: 'ok', score: 0.93 }));
 */
export function monitor<Result = unknown>(options: MonitorOptions<Result>): ModelMonitor<Result> {
  const policy = capturePolicy(options.capture ?? {}, process.env, (message) =>
    diag.warn(`@leeway/instrumentation: ${message}`),
  );
  const recorder = new InferenceRecorder(options.model, policy, {
    random: Math.random,
    elapsedMs: () => performance.now(),
  });
  const { model } = options;
  const read = options.output ?? defaultPrediction;
  const predictionsOf = (results: readonly Result[]) =>
    guarded(() => predictionColumns(results.map((result) => read(result) ?? {})));
  const predict = <R extends Result>(features: Features, work: (inferenceId: string) => R): R => {
    if (policy.isDisabled) return work('');
    const active = recorder.start({ rowCount: 1, features: rowColumns([features]) });
    return observe(
      active,
      () => work(active.inferenceId),
      (result) => predictionsOf([result as Result]),
    );
  };
  return {
    predict,
    batch: (rows, work) => {
      if (policy.isDisabled) return work('');
      const active = recorder.start({ rowCount: rows.length, features: rowColumns(rows) });
      return observe(
        active,
        () => work(active.inferenceId),
        (results) => predictionsOf(results as readonly Result[]),
      );
    },
    wrap:
      (fn, input) =>
      (...args) =>
        predict(guarded(() => input(...args)) ?? {}, () => fn(...args)),
    groundTruth: (inferenceId, truth) => recordGroundTruth({ ...truth, model, inferenceId }),
    feedback: (inferenceId, feedback) => recordFeedback({ ...feedback, model, inferenceId }),
  };
}

/** Runs the work, sync or async, and ends the inference by what came of it. */
function observe<R>(
  active: ActiveInference,
  work: () => R,
  predictions: (result: Awaited<R>) => PredictionColumns | undefined,
): R {
  let result: R;
  try {
    result = active.run(work);
  } catch (error) {
    active.fail(error);
    throw error;
  }
  if (!isPromise(result)) {
    active.end(predictions(result as Awaited<R>));
    return result;
  }
  // The caller gets the very promise that the work returned; this one only watches it.
  result.then(
    (value) => active.end(predictions(value as Awaited<R>)),
    (error) => active.fail(error),
  );
  return result;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value !== null && typeof value === 'object' && typeof (value as Promise<unknown>).then === 'function';
}

function rowColumns(rows: readonly Features[]): ValueColumn[] {
  const names = rows.length === 1 ? Object.keys(rows[0]) : [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => ({ name, at: (row) => rows[row]?.[name] }));
}

function predictionColumns(predictions: readonly Prediction[]): PredictionColumns {
  const has = (key: keyof Prediction) => predictions.some((prediction) => prediction[key] !== undefined);
  const column = (key: 'label' | 'value' | 'score'): ValueColumn => ({
    name: key,
    at: (row) => predictions[row]?.[key],
  });
  const classes = new Set(predictions.flatMap(({ scores }) => Object.keys(scores ?? {})));
  return {
    ...(has('label') ? { label: column('label') } : {}),
    ...(has('value') ? { value: column('value') } : {}),
    ...(has('score') ? { score: column('score') } : {}),
    scores: [...classes].map((name) => ({ name, at: (row) => predictions[row]?.scores?.[name] })),
  };
}

function defaultPrediction(result: unknown): Prediction | undefined {
  if (typeof result === 'number') return { value: result };
  if (typeof result === 'string') return { label: result };
  return result !== null && typeof result === 'object' ? (result as Prediction) : undefined;
}

/** A reader of the user's must not break the host. */
function guarded<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    diag.warn('@leeway/instrumentation: a reader of inputs or outputs threw', error);
    return undefined;
  }
}
