/** The manual API: any function that predicts becomes spans and metrics, and, where the policy allows it, values. */
import { diag } from '@opentelemetry/api';
import { untilRoom } from './back-pressure.ts';
import { type CaptureOptions, capturePolicy } from './capture-policy.ts';
import { type DeclaredFeatures, type FeaturesOf, featureNames } from './declared-features.ts';
import { recordExplanation } from './explanation.ts';
import { FeaturePlan } from './feature-plan.ts';
import { type Feedback, type GroundTruth, recordFeedback, recordGroundTruth } from './ground-truth.ts';
import { harmless } from './harmless.ts';
import type { InferenceInput, ModelInfo, ValueColumn } from './inference.ts';
import { InferenceRecorder } from './inference-recorder.ts';
import { errorTypeOf } from './metric-binding.ts';
import { batchColumns, defaultPrediction, type Prediction, predictionColumns } from './prediction.ts';
import { warnOfSettings } from './settings-warning.ts';
import { afterRoom, watch } from './watch.ts';

export interface MonitorOptions<Result = unknown, Declared extends DeclaredFeatures = DeclaredFeatures> {
  readonly model: ModelInfo;
  /**
   * The model's features in its order: names, or types by name. A wrong name or type is then a compile error, and only
   * these names are read of a row.
   */
  readonly features?: Declared;
  readonly capture?: CaptureOptions;
  /** Reads the prediction out of a result. Default: a number is a value, a string a label, an object is taken as it is. */
  readonly output?: (result: Result) => Prediction | undefined;
}

export interface PredictOptions {
  /** An id of one's own that joins ground truth: a request's or an order's. Default: the span id. */
  readonly inferenceId?: string;
}

export interface WrapOptions<A extends unknown[], R, Row> {
  /** The features in the arguments. Called only when values are captured. */
  readonly input: (...args: A) => Row;
  /** Reads the prediction out of a result, in place of the monitor's own reader. */
  readonly output?: (result: Awaited<R>) => Prediction | undefined;
}

type MaybePromise<T> = T | Promise<T>;

export interface ModelMonitor<Result = unknown, Declared extends DeclaredFeatures = DeclaredFeatures> {
  /**
   * Runs `work` for one row in a span. What it returns or throws passes through untouched; a promise ends the span when
   * it settles.
   *
   * @example const risk = fraud.predict({ amount, country }, () => score(amount, country));
   */
  predict<R extends MaybePromise<Result>>(
    features: FeaturesOf<Declared>,
    work: (inferenceId: string) => R,
    options?: PredictOptions,
  ): R;
  /**
   * The same for many rows: the result has a prediction a row, in order.
   *
   * Where `work` returns a promise and an export queue is filling up, the promise that comes back settles only when
   * there is room again: a job that awaits its batches goes no faster than its telemetry leaves, and loses none of it.
   * A result that is no promise is never held back; what finds no room is sampled then, and counted.
   *
   * @example const risks = fraud.batch([{ amount: 12.5 }, { amount: 99 }], () => [{ score: 0.1 }, { score: 0.8 }]);
   */
  batch<R extends MaybePromise<ArrayLike<Result>>>(
    rows: readonly FeaturesOf<Declared>[],
    work: (inferenceId: string) => R,
    options?: PredictOptions,
  ): R;
  /**
   * A function that does what `fn` does, with its `this`, and is monitored.
   *
   * @example
   * const monitored = fraud.wrap(score, { input: (amount, country) => ({ amount, country }) });
   * const risk = monitored(12.5, 'NL');
   */
  wrap<A extends unknown[], R, This = unknown>(
    fn: (this: This, ...args: A) => R,
    options: WrapOptions<A, R, FeaturesOf<Declared>>,
  ): (this: This, ...args: A) => R;
  /**
   * Records what was true of a prediction; days later, if need be.
   *
   * @example fraud.groundTruth(inferenceId, { label: 'fraud', source: 'chargebacks' });
   */
  groundTruth(inferenceId: string, truth: Omit<GroundTruth, 'model' | 'inferenceId'>): void;
  /**
   * Records a rating or a business outcome of a prediction.
   *
   * @example fraud.feedback(inferenceId, { name: 'thumbs', value: 1 });
   */
  feedback(inferenceId: string, feedback: Omit<Feedback, 'model' | 'inferenceId'>): void;
  /**
   * Explains the prediction that is under way: called within `predict`'s work, it goes with the prediction. Only
   * features that are captured raw are explained. An explainer that is part of the model returns `attributions` with its result.
   *
   * @example
   * fraud.predict({ amount: 12.5 }, () => {
   *   fraud.attributions({ amount: 0.4 });
   *   return { score: 0.93 };
   * });
   */
  attributions(values: Attributions<Declared>): void;
  /**
   * Explains a prediction that is over, by its id: an event of its own.
   *
   * @example fraud.attributions(inferenceId, { amount: 0.4 });
   */
  attributions(inferenceId: string, values: Attributions<Declared>): void;
}

/** Explanation value by feature. */
export type Attributions<Declared extends DeclaredFeatures = DeclaredFeatures> = {
  readonly [Name in keyof FeaturesOf<Declared>]?: number;
};

/**
 * Monitors a model that is called by code of one's own. Metrics are on, values are captured as `capture` says, and all
 * of it is a no-op without an OpenTelemetry SDK. Never throws, whatever the options.
 *
 * @example
 * const fraud = monitor({
 *   model: { name: 'fraud', version: '7' },
 *   features: { amount: 'number', country: 'string' },
 *   capture: { features: { amount: 'raw', country: 'raw' }, rate: 0.1 },
 * });
 * const risk = fraud.predict({ amount: 12.5, country: 'NL' }, () => ({ label: 'ok', score: 0.93 }));
 */
export function monitor<Result = unknown, const Declared extends DeclaredFeatures = DeclaredFeatures>(
  options: MonitorOptions<Result, Declared>,
): ModelMonitor<Result, Declared> {
  try {
    return monitored(options);
  } catch (error) {
    warnOfSettings(
      `monitor() was given options that it cannot use (${errorTypeOf(error, undefined)}): nothing is recorded`,
    );
    return UNMONITORED as unknown as ModelMonitor<Result, Declared>;
  }
}

const nothing = () => undefined;

/** Runs the work and nothing else. */
const UNMONITORED: ModelMonitor = {
  predict: (_features, work) => work(''),
  batch: (_rows, work) => work(''),
  wrap: (fn) => fn,
  groundTruth: nothing,
  feedback: nothing,
  attributions: nothing,
};

function monitored<Result, const Declared extends DeclaredFeatures>(
  options: MonitorOptions<Result, Declared>,
): ModelMonitor<Result, Declared> {
  const policy = capturePolicy(options.capture ?? {}, process.env, warnOfSettings);
  const { model } = options;
  const names = featureNames(options.features);
  const recorder = new InferenceRecorder(
    model,
    policy,
    { random: Math.random, elapsedMs: () => performance.now() },
    names === undefined ? {} : { features: names },
  );
  const plan = new FeaturePlan(policy, undefined);
  const read = (options.output ?? defaultPrediction) as (result: unknown) => Prediction | undefined;
  const readOne = (result: unknown) => predictionColumns(guarded(read, result));
  const readAll = (results: unknown) => {
    const isList = Array.isArray(results) || ArrayBuffer.isView(results);
    const list = isList ? (guarded((all) => Array.from(all as ArrayLike<unknown>), results) ?? []) : [];
    return batchColumns(list.map((result) => guarded(read, result)));
  };
  const observe = <R>(input: InferenceInput, work: (inferenceId: string) => R, reader: typeof readOne): R => {
    if (policy.isDisabled) return work('');
    return watch(recorder.begin(input), work, reader);
  };
  return {
    predict: (features, work, given) => observe(new RowsInput([features as Row], given?.inferenceId), work, readOne),
    batch: (rows, work, given) => {
      const result = observe(new RowsInput(rows as readonly Row[], given?.inferenceId), work, readAll);
      return policy.isDisabled ? result : afterRoom(result, untilRoom);
    },
    wrap: (fn, { input, output }) => {
      if (policy.isDisabled) return fn;
      const reader =
        output === undefined ? readOne : (result: unknown) => predictionColumns(guarded(output as typeof read, result));
      return alike(fn, function (...args) {
        return observe(new LazyRowInput(() => input(...args) as Row), () => fn.apply(this, args), reader);
      });
    },
    groundTruth: (inferenceId, truth) => {
      if (!policy.isDisabled) recordGroundTruth({ ...truth, model, inferenceId });
    },
    feedback: (inferenceId, feedback) => {
      if (!policy.isDisabled) recordFeedback({ ...feedback, model, inferenceId });
    },
    attributions: (idOrValues: string | object, values?: object) => {
      if (policy.isDisabled) return;
      harmless('attributions', () => {
        if (typeof idOrValues === 'string') recordExplanation(model, recorder.finish, idOrValues, values ?? {}, plan);
        else recordExplanation(model, recorder.finish, undefined, idOrValues, plan);
      });
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

const NO_COLUMNS: readonly ValueColumn[] = [];

/** Rows that are read at once, if at all: the work may change them in place. */
class RowsInput implements InferenceInput {
  readonly rowCount: number;
  readonly features = NO_COLUMNS;
  readonly records: readonly Row[];
  readonly inferenceId: string | undefined;
  readonly readAt = 'start';

  constructor(rows: readonly Row[], inferenceId: string | undefined) {
    // What a caller without types may pass must not break it here.
    this.rowCount = Array.isArray(rows) ? rows.length : 0;
    this.records = rows;
    this.inferenceId = inferenceId;
  }
}

/** A row that is worked out only when it is captured. */
class LazyRowInput implements InferenceInput {
  readonly rowCount = 1;
  readonly features = NO_COLUMNS;
  readonly readAt = 'start';
  readonly #row: () => Row;

  constructor(row: () => Row) {
    this.#row = row;
  }

  get records(): readonly Row[] {
    return [this.#row()];
  }
}

/** The copy is called and counted like the original. */
function alike<F extends object>(original: F, copy: F): F {
  for (const key of ['name', 'length'] as const) {
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property !== undefined) Object.defineProperty(copy, key, property);
  }
  return copy;
}

let saidReader = false;

/** A reader of the user's must not break the host. */
function guarded<T>(read: (result: unknown) => T, result: unknown): T | undefined {
  try {
    return read(result);
  } catch (error) {
    // Never the message: it may hold what was read.
    if (!saidReader) diag.warn(`@leeway/instrumentation: a reader of outputs threw: ${errorTypeOf(error, undefined)}`);
    saidReader = true;
    return undefined;
  }
}
