/**
 * Calls of remote models, whichever wire they take: each model and server with its recorder, each call from before its
 * bodies are seen until they have been read.
 *
 * Invariants
 * 1. Nothing here throws into the host; what goes wrong is told to `diag` once.
 * 2. The number that decides the sampling is drawn when the call starts: where it cannot come out positive, the request's
 *    values are not even kept. The recorder's decision at the end uses the very same number, so the probability is right.
 * 3. No body is kept after `end` or `fail`.
 */
import {
  type ActiveInference,
  type CapturePolicy,
  InferenceRecorder,
  instruments,
  type PredictionColumns,
  type RemoteServer,
  type ValueColumn,
} from '@leeway/instrumentation';
import { ATTR_LEEWAY_REASON, ATTR_ML_MODEL_NAME, ATTR_ML_MODEL_VERSION } from '@leeway/semconv';
import { diag } from '@opentelemetry/api';
import { remoteModelInfo } from './described-remote-models.ts';
import type { ModelNames, RemoteModel, RequestColumns, ResponseColumns } from './protocol.ts';

/** Models × servers that are told apart; those beyond are one model, `other`. */
const RECORDERS_MAX = 500;
const OTHER_MODEL = 'other';

export interface RemoteInference {
  readonly active: ActiveInference;
  readonly names: ModelNames;
  /** Whether the request's values may be captured: undefined columns are expected where they may not. */
  readonly wantsRequest: boolean;
  end(request: RequestColumns | undefined, response: ResponseColumns): void;
  /** @param errorType a status code, an error's code or name: never its message, which may hold values */
  fail(errorType: string, request: RequestColumns | undefined): void;
}

interface ModelRecorder {
  readonly recorder: InferenceRecorder;
  readonly remote: RemoteServer;
  readonly names: ModelNames;
  readonly skipAttributes: Readonly<Record<string, string>>;
  /** What the recorder's next look at its random source gives. */
  drawn: number | undefined;
}

/** Read by the recorder when the inference ends; filled in just before. */
interface LateInput {
  rowCount: number;
  features: readonly ValueColumn[];
  skippedReason: string | undefined;
  readonly inferenceId: string | undefined;
  readonly remote: RemoteServer;
}

export class RemoteInferences {
  readonly #policy: CapturePolicy;
  readonly #random: () => number;
  readonly #recorders = new Map<string, ModelRecorder>();

  constructor(policy: CapturePolicy, random: () => number = Math.random) {
    this.#policy = policy;
    this.#random = random;
  }

  start(model: RemoteModel, remote: RemoteServer, inferenceId?: string): RemoteInference {
    const entry = this.#recorderOf(model, remote);
    const drawn = this.#random();
    const input: LateInput = { rowCount: 1, features: [], skippedReason: undefined, inferenceId, remote: entry.remote };
    entry.drawn = drawn;
    const active = entry.recorder.start(input);
    const finish = (request: RequestColumns | undefined, rowCount: number, complete: () => void) =>
      guarded(() => {
        input.rowCount = request?.rowCount ?? rowCount;
        input.features = request?.features ?? [];
        input.skippedReason = request?.skippedReason;
        entry.drawn = drawn;
        try {
          complete();
        } catch (error) {
          // Whatever went wrong with the values, the span is not left open.
          active.span.end();
          throw error;
        } finally {
          input.features = [];
        }
      });
    return {
      active,
      names: entry.names,
      wantsRequest: this.#policy.capturesFeatures && (!isDrawn(this.#policy) || drawn < this.#policy.rate),
      end: (request, response) =>
        finish(request, response.rowCount ?? 1, () => {
          active.end(this.#countable(alignedPredictions(response, input.rowCount), entry.names));
          if (response.skippedReason !== undefined) this.#countSkipped(entry, response.skippedReason, input.rowCount);
        }),
      fail: (errorType, request) => finish(request, 1, () => active.fail(undefined, errorType)),
    };
  }

  /** Labels are counted in a metric, which is a value too: those that are declared, or that the policy lets out. */
  #countable(predictions: PredictionColumns, { classes }: ModelNames): PredictionColumns {
    return this.#policy.predictions || classes !== undefined ? predictions : {};
  }

  #countSkipped(entry: ModelRecorder, reason: string, rowCount: number): void {
    instruments().skipped.add(rowCount, { ...entry.skipAttributes, [ATTR_LEEWAY_REASON]: reason });
  }

  #recorderOf(model: RemoteModel, remote: RemoteServer): ModelRecorder {
    const key = JSON.stringify([model.name, model.version, remote.system, remote.address, remote.port]);
    const known = this.#recorders.get(key);
    if (known !== undefined) return known;
    if (this.#recorders.size < RECORDERS_MAX) return this.#make(key, model, remote);
    const other = JSON.stringify([OTHER_MODEL]);
    sayOnce('more than 500 remote models or servers: those beyond are recorded as the model "other"');
    return (
      this.#recorders.get(other) ??
      this.#make(other, { name: OTHER_MODEL }, { system: remote.system, address: OTHER_MODEL })
    );
  }

  #make(key: string, model: RemoteModel, remote: RemoteServer): ModelRecorder {
    const { info, names } = remoteModelInfo(model, remote.system, process.env);
    const random = () => {
      const drawn = entry.drawn ?? this.#random();
      entry.drawn = undefined;
      return drawn;
    };
    const entry: ModelRecorder = {
      recorder: new InferenceRecorder(info, this.#policy, { random, elapsedMs: () => performance.now() }),
      remote,
      names,
      skipAttributes: {
        [ATTR_ML_MODEL_NAME]: info.name,
        ...(info.version === undefined ? {} : { [ATTR_ML_MODEL_VERSION]: info.version }),
      },
      drawn: undefined,
    };
    this.#recorders.set(key, entry);
    return entry;
  }
}

/** Whether the draw alone decides: not where errors are always captured, or an id decides. */
function isDrawn(policy: CapturePolicy & { readonly errors?: string; readonly sampleBy?: string }): boolean {
  return policy.errors !== 'always' && policy.sampleBy !== 'inference_id';
}

/** Predictions of another number of rows than were asked for belong to no row. */
function alignedPredictions({ rowCount, predictions }: ResponseColumns, rows: number): PredictionColumns {
  return rowCount === undefined || rowCount === rows ? predictions : {};
}

/** Codes of Node, undici, zlib and the HTTP parser. */
const CODE = /^(?:UND_ERR|ERR|HPE|E[A-Z])[A-Z0-9_]{1,60}$/;

/**
 * A code of the runtime, or the class of an error: never its message, nor a name that an instance gave itself, which may
 * hold values.
 */
export function errorTypeOf(error: unknown): string {
  if (error === null || typeof error !== 'object') return typeof error;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && CODE.test(code)) return code;
  if (error instanceof DOMException && error.code !== 0) return String(name);
  const type: unknown = Object.getPrototypeOf(error)?.constructor?.name;
  return typeof type === 'string' && /^[\w$]{1,64}$/.test(type) ? type : OTHER_MODEL;
}

const said = new Set<string>();

/** Told to `diag` once a process. */
export function sayOnce(message: string, error?: unknown): void {
  if (said.has(message)) return;
  said.add(message);
  if (error === undefined) diag.warn(`@leeway/instrumentation-inference-http: ${message}`);
  else diag.warn(`@leeway/instrumentation-inference-http: ${message}`, error);
}

/** What the work returns; undefined, said once, when it throws. */
export function guarded<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    sayOnce('an inference was not recorded', error);
    return undefined;
  }
}
