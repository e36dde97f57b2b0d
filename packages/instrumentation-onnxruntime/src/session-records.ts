/**
 * The sessions of one copy of onnxruntime, each with the recorder of its model. Sessions are held weakly, feeds and
 * results only while a run is under way. Nothing here throws into the host.
 */
import {
  type CapturePolicy,
  capturePolicy,
  descriptionOf,
  errorTypeOf,
  instruments,
  modelLoaded,
  warnOfSettings,
} from '@leeway/instrumentation';
import {
  guard,
  type ReferenceNames,
  referenceNames,
  type TensorInference,
  type TensorModel,
  TensorRecorder,
} from '@leeway/instrumentation/tensors';
import { ATTR_ERROR_TYPE, ATTR_ML_MODEL_NAME, ATTR_ML_MODEL_VERSION, ATTR_ML_RUNTIME_NAME } from '@leeway/semconv';
import { diag } from '@opentelemetry/api';
import { type ModelSource, modelSource } from './model-source.ts';
import { sessionModel } from './session-model.ts';
import { sessionSignature, unreturnableOutput } from './session-signature.ts';
import { tensorViews } from './tensor-views.ts';

type Results = Record<string, unknown>;
export type Args = [feeds: unknown, ...rest: unknown[]];
export type Run = (this: SessionLike, ...args: Args) => Promise<Results>;

/** The part of a session that is read. */
export interface SessionLike {
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
}

interface Watched {
  readonly recorder: TensorRecorder;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

export class SessionRecords {
  readonly #runtimeVersion: string | undefined;
  readonly #policy: CapturePolicy;
  readonly #sources = new WeakMap<object, ModelSource>();
  readonly #watched = new WeakMap<object, Watched>();
  #reference: { readonly names: ReferenceNames | undefined } | undefined;

  constructor(runtimeVersion: string | undefined) {
    this.#runtimeVersion = runtimeVersion;
    this.#policy = capturePolicy({}, process.env, warnOfSettings);
  }

  get isDisabled(): boolean {
    return this.#policy.isDisabled;
  }

  /** @param args what `create` was given */
  loaded(session: object, args: readonly unknown[], durationMs: number): void {
    guard(() => {
      const source = modelSource(args);
      this.#sources.set(session, source);
      if (source.header?.isOperator) return;
      const model = this.#modelOf(session);
      this.#recordLoad(model, durationMs, undefined);
      this.#tell(session, model.info.name);
    });
  }

  failed(args: readonly unknown[], durationMs: number, error: unknown): void {
    guard(() => {
      const model = sessionModel(this.#facts(undefined, modelSource(args)), process.env);
      this.#recordLoad(model, durationMs, errorTypeOf(error, undefined));
    });
  }

  /**
   * What `original` returns or throws passes through untouched.
   *
   * @param isOwn whether `original` is the runtime's own `run`
   */
  run(session: SessionLike, args: Args, original: Run, isOwn: boolean): Promise<Results> {
    const watched = this.#watched.get(session) ?? this.#watchGuarded(session);
    const active = watched?.recorder.start(args[0], watched.inputNames);
    if (watched === undefined || active === undefined) return original.apply(session, args);
    return isOwn
      ? observe(active, watched.outputNames, original, session, args)
      : observeInContext(active, watched.outputNames, original, session, args);
  }

  /** A closure here, not in `run`, which would have to keep its arguments for it. */
  #watchGuarded(session: SessionLike): Watched | undefined {
    return guard(() => this.#watch(session));
  }

  /** Not a model, unless the application says that it is one. */
  #isOperator(session: object): boolean {
    return this.#sources.get(session)?.header?.isOperator === true && descriptionOf(session) === undefined;
  }

  #watch(session: SessionLike): Watched | undefined {
    if (this.#isOperator(session)) return undefined;
    // Here, not when it was loaded: `describeModel` is called in between.
    const sources = { random: Math.random, elapsedMs: () => performance.now() };
    const watched = {
      recorder: new TensorRecorder(this.#modelOf(session), this.#policy, sources, tensorViews),
      inputNames: [...(session.inputNames ?? [])],
      outputNames: [...(session.outputNames ?? [])],
    };
    this.#watched.set(session, watched);
    return watched;
  }

  #modelOf(session: object): TensorModel {
    return sessionModel(this.#facts(session, this.#sources.get(session) ?? {}), process.env);
  }

  #facts(session: object | undefined, source: ModelSource) {
    this.#reference ??= { names: referenceNames(process.env.LEEWAY_REFERENCE) };
    return {
      description: session && descriptionOf(session),
      source,
      reference: this.#reference.names,
      runtimeVersion: this.#runtimeVersion,
    };
  }

  #tell(session: object, name: string): void {
    const { info } = sessionModel(this.#facts(undefined, this.#sources.get(session) ?? {}), process.env);
    const signature = sessionSignature(session);
    modelLoaded(session, { ...info, ...(signature && { signature }) });
    const warning = unreturnableOutput(session, name);
    if (warning !== undefined) diag.warn(`@leeway/instrumentation-onnxruntime: ${warning}`);
  }

  #recordLoad({ info }: TensorModel, durationMs: number, errorType: string | undefined): void {
    instruments().loadDuration.record(durationMs / 1000, {
      [ATTR_ML_MODEL_NAME]: info.name,
      ...(info.version === undefined ? {} : { [ATTR_ML_MODEL_VERSION]: info.version }),
      [ATTR_ML_RUNTIME_NAME]: 'onnxruntime',
      ...(errorType === undefined ? {} : { [ATTR_ERROR_TYPE]: errorType }),
    });
  }
}

/**
 * The runtime's own `run` runs nothing of the application's: a context of the span for it, half a microsecond, would be
 * seen by nobody.
 */
async function observe(
  active: TensorInference,
  outputNames: readonly string[],
  original: Run,
  session: SessionLike,
  args: Args,
): Promise<Results> {
  let results: Results;
  try {
    results = await original.apply(session, args);
  } catch (error) {
    active.fail(error);
    throw error;
  }
  active.end(results, outputNames);
  return results;
}

function observeInContext(
  active: TensorInference,
  outputNames: readonly string[],
  original: Run,
  session: SessionLike,
  args: Args,
): Promise<Results> {
  return active.run(() => observe(active, outputNames, original, session, args));
}
