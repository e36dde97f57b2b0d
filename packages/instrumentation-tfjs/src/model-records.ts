/**
 * The models of one copy of TensorFlow.js, each with its recorder. Models are held weakly, tensors only while a call is
 * under way. Nothing here throws into the host.
 */
import {
  type CapturePolicy,
  capturePolicy,
  descriptionOf,
  type ModelInfo,
  modelLoaded,
  warnOfSettings,
} from '@leeway/instrumentation';
import {
  guard,
  type ReferenceNames,
  referenceNames,
  signatureOf,
  type TensorInference,
  type TensorModel,
  TensorRecorder,
  valueSignature,
} from '@leeway/instrumentation/tensors';
import { tensorViews } from './tensor-views.ts';

/** What the models have in common: LayersModel has `inputNames` and `outputNames`, GraphModel has nodes. */
export interface ModelLike {
  readonly name?: unknown;
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly inputNodes?: readonly string[];
  readonly outputNodes?: readonly string[];
  readonly inputs?: readonly ValueLike[];
  readonly outputs?: readonly ValueLike[];
}
interface ValueLike {
  readonly name: string;
  readonly shape?: readonly (number | null)[];
  readonly dtype?: string;
}

/** Names that TensorFlow.js gives by itself, with a number that differs from process to process. */
const GENERIC_NAME = /^(sequential|model)(_?\d+)?$/i;

export class ModelRecords {
  readonly #runtimeVersion: string | undefined;
  readonly #policy: CapturePolicy;
  readonly #recorders = new WeakMap<object, TensorRecorder>();
  #reference: { readonly names: ReferenceNames | undefined } | undefined;
  /** `Sequential.predict` calls `LayersModel.predict`, `GraphModel.predict` calls `execute`: the outermost counts. */
  #isInside = false;

  constructor(runtimeVersion: string | undefined) {
    this.#runtimeVersion = runtimeVersion;
    this.#policy = capturePolicy({}, process.env, warnOfSettings);
  }

  get isDisabled(): boolean {
    return this.#policy.isDisabled;
  }

  /** What `work` returns or throws passes through untouched. @param asked names of outputs, where the caller gave some */
  run<R>(model: ModelLike, inputs: unknown, asked: unknown, work: () => R): R {
    if (this.#isInside) return work();
    const active = this.#start(model, inputs);
    if (active === undefined) return work();
    let result: R;
    try {
      result = this.#outermost(active, work);
    } catch (error) {
      active.fail(error);
      throw error;
    }
    end(active, model, asked, result);
    return result;
  }

  /** The same for methods that return a promise of their own. */
  async runAsync<R>(model: ModelLike, inputs: unknown, asked: unknown, work: () => Promise<R>): Promise<R> {
    if (this.#isInside) return work();
    const active = this.#start(model, inputs);
    if (active === undefined) return work();
    let result: R;
    try {
      result = await this.#outermost(active, work);
    } catch (error) {
      active.fail(error);
      throw error;
    }
    end(active, model, asked, result);
    return result;
  }

  #outermost<R>(active: TensorInference, work: () => R): R {
    this.#isInside = true;
    try {
      return active.run(work);
    } finally {
      this.#isInside = false;
    }
  }

  #start(model: ModelLike, inputs: unknown): TensorInference | undefined {
    return guard(() => this.#recorderOf(model).start(inputs, model.inputNames ?? model.inputNodes ?? []));
  }

  #recorderOf(model: ModelLike): TensorRecorder {
    const known = this.#recorders.get(model);
    if (known !== undefined) return known;
    // At the first call, not when the model was made: `describeModel` is called in between.
    const tensorModel = this.#modelOf(model);
    const sources = { random: Math.random, elapsedMs: () => performance.now() };
    const made = new TensorRecorder(tensorModel, this.#policy, sources, tensorViews);
    this.#recorders.set(model, made);
    const signature = signatureOf(signaturesOf(model.inputs), signaturesOf(model.outputs));
    modelLoaded(model, { ...tensorModel.info, ...(signature && { signature }) });
    return made;
  }

  #modelOf(model: ModelLike): TensorModel {
    this.#reference ??= { names: referenceNames(process.env.LEEWAY_REFERENCE) };
    const reference = this.#reference.names;
    const { features, classes: described, ...description } = descriptionOf(model) ?? {};
    const version = description.version ?? process.env.LEEWAY_MODEL_VERSION;
    const classes = described ?? (reference?.classes.length ? reference.classes : undefined);
    const info: ModelInfo = {
      ...description,
      name: description.name ?? process.env.LEEWAY_MODEL_NAME ?? ownNameOf(model) ?? 'tfjs',
      runtimeName: 'tfjs',
      ...(this.#runtimeVersion === undefined ? {} : { runtimeVersion: this.#runtimeVersion }),
      ...(version === undefined ? {} : { version }),
      ...(classes === undefined ? {} : { classes }),
    };
    const names = features ?? reference?.features;
    return { info, ...(names === undefined ? {} : { features: { names, isDescribed: features !== undefined } }) };
  }
}

function ownNameOf({ name }: ModelLike): string | undefined {
  return typeof name === 'string' && name !== '' && !GENERIC_NAME.test(name) ? name : undefined;
}

/** Nodes inside of the graph are no prediction. */
function end(active: TensorInference, model: ModelLike, asked: unknown, result: unknown): void {
  const names = guard(() => model.outputNames ?? model.outputNodes) ?? [];
  const given = typeof asked === 'string' ? [asked] : Array.isArray(asked) ? asked.map(String) : undefined;
  const isInside = given?.some((name) => !names.includes(name)) === true;
  active.end(isInside ? undefined : result, given ?? names);
}

function signaturesOf(values: readonly ValueLike[] | undefined): readonly string[] | undefined {
  return values?.map(({ name, dtype = 'unknown', shape = [] }) => valueSignature(name, dtype, shape));
}
