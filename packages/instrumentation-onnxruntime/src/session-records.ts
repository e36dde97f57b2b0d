/**
 * The sessions of one copy of onnxruntime, each with the recorder of its model. Sessions are held weakly, feeds and
 * results only while a run is under way. Nothing here throws into the host.
 */
import {
  type ActiveInference,
  type CapturePolicy,
  capturePolicy,
  descriptionOf,
  InferenceRecorder,
  instruments,
} from '@leeway/instrumentation';
import { ATTR_ML_MODEL_NAME, ATTR_ML_MODEL_VERSION, ATTR_ML_RUNTIME_NAME } from '@leeway/semconv';
import { diag } from '@opentelemetry/api';
import type { OnnxHeader } from './onnx-header.ts';
import { headerOf, type SessionModel, sessionModel } from './session-model.ts';
import { featureColumns, predictionColumns } from './tensor-columns.ts';

export type Feeds = Record<string, unknown>;
type Results = Record<string, unknown>;

export interface WatchedSession {
  /** Runs the inference; what it returns or throws passes through untouched. */
  run(feeds: Feeds, work: () => Promise<Results>): Promise<Results>;
}

export class SessionRecords {
  readonly #runtimeVersion: string | undefined;
  readonly #policy: CapturePolicy;
  readonly #headers = new WeakMap<object, OnnxHeader>();
  readonly #watched = new WeakMap<object, WatchedSession>();

  constructor(runtimeVersion: string | undefined) {
    this.#runtimeVersion = runtimeVersion;
    this.#policy = capturePolicy({}, process.env, (message) =>
      diag.warn(`@leeway/instrumentation-onnxruntime: ${message}`),
    );
  }

  /** @param source what `create` was given: a path or the file's bytes */
  loaded(session: object, source: unknown, durationMs: number): void {
    if (this.#policy.isDisabled) return;
    guard(() => {
      const header = headerOf(source);
      if (header !== undefined) this.#headers.set(session, header);
      const { info } = this.#modelOf(session);
      instruments().loadDuration.record(durationMs / 1000, {
        [ATTR_ML_MODEL_NAME]: info.name,
        ...(info.version === undefined ? {} : { [ATTR_ML_MODEL_VERSION]: info.version }),
        [ATTR_ML_RUNTIME_NAME]: 'onnxruntime',
      });
    });
  }

  /** Undefined when nothing is to be recorded. */
  of(session: object): WatchedSession | undefined {
    if (this.#policy.isDisabled) return undefined;
    const known = this.#watched.get(session);
    if (known !== undefined) return known;
    // Here, not when it was loaded: `describeModel` is called in between.
    const made = guard(() => this.#watch(this.#modelOf(session)));
    if (made !== undefined) this.#watched.set(session, made);
    return made;
  }

  #modelOf(session: object): SessionModel {
    return sessionModel(descriptionOf(session), this.#headers.get(session), process.env, this.#runtimeVersion);
  }

  #watch(model: SessionModel): WatchedSession {
    const recorder = new InferenceRecorder(model.info, this.#policy, {
      random: Math.random,
      elapsedMs: () => performance.now(),
    });
    return {
      run: (feeds, work) => {
        const started = guard(() => {
          const input = featureColumns(feeds, model.features);
          return { active: recorder.start(input), rowCount: input.rowCount };
        });
        if (started === undefined) return work();
        return observe(started.active, work, (results) => predictionColumns(results, started.rowCount, model.classes));
      },
    };
  }
}

async function observe(
  active: ActiveInference,
  work: () => Promise<Results>,
  predictions: (results: Results) => ReturnType<typeof predictionColumns>,
): Promise<Results> {
  let results: Results;
  try {
    results = await active.run(work);
  } catch (error) {
    guard(() => active.fail(error));
    throw error;
  }
  guard(() => active.end(predictions(results)));
  return results;
}

let saidFailure = false;

/** What the work returns; undefined, said once, when it throws. */
function guard<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!saidFailure) diag.warn('@leeway/instrumentation-onnxruntime: an inference was not recorded', error);
    saidFailure = true;
    return undefined;
  }
}
