/** What applications say of their models, by the model object: names of features that a tensor does not carry. */
import {
  ATTR_ML_DEPLOYMENT_ROLE,
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_SIGNATURE,
  ATTR_ML_MODEL_TASK,
  ATTR_ML_MODEL_TIER,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_RUNTIME_NAME,
  ATTR_ML_RUNTIME_VERSION,
  EVENT_ML_MODEL_LOADED,
  PREFIX_ML_MODEL_HYPERPARAMETERS,
} from '@leeway/semconv';
import { isHardOff } from './capture-environment.ts';
import { emitEvent, isEventEnabled } from './events.ts';
import { harmless } from './harmless.ts';
import type { ModelInfo } from './inference.ts';
import { gateValue } from './value-gate.ts';

export interface ModelDescriptionInput extends Partial<ModelInfo> {
  /** Names of the columns of a tensor of shape [n, k], in order. They are not part of the event. */
  readonly features?: readonly string[];
  /** Classes in the order of the probabilities. */
  readonly classes?: readonly string[];
  /** How much depends on the model; caps how loud an alert may be. */
  readonly tier?: string;
  /** Inputs and outputs, as a model registry writes them. */
  readonly signature?: string;
  readonly hyperparameters?: Readonly<Record<string, string | number | boolean>>;
}

const HYPERPARAMETERS_MAX = 50;

const described = new WeakMap<object, ModelDescriptionInput>();
const announced = new WeakSet<object>();
/** What instrumentations found out of a model object; the description stands above it. */
const found = new WeakMap<object, ModelDescriptionInput>();
/** Loaded in this turn of the event loop: announced in the next. */
const loading = new WeakSet<object>();

/**
 * Says what a session or model is: its name and version, the names of its features, its classes, whose it is. Emits one
 * event `ml.model.loaded` a model object, at once or, where no log SDK is there yet, at the model's first use.
 *
 * @example describeModel(session, { name: 'churn', version: '3', features: ['age', 'plan', 'tenure'] });
 */
export function describeModel(model: object, description: ModelDescriptionInput): void {
  harmless('describeModel', () => {
    described.set(model, { ...described.get(model), ...description });
    announce(model);
  });
}

/**
 * For instrumentations: a model object was loaded, or seen first. Its one event `ml.model.loaded` is emitted a turn later,
 * so that a `describeModel` right after the load has its say; the object is held weakly until then.
 *
 * @param facts those of the model itself; what `describeModel` says stands above them
 * @example modelLoaded(session, { name: 'churn', runtimeName: 'onnxruntime', signature: '(x: float32[?, 3]) -> ()' });
 */
export function modelLoaded(model: object, facts: ModelDescriptionInput): void {
  found.set(model, facts);
  loading.add(model);
  const held = new WeakRef(model);
  setImmediate(() => {
    const loaded = held.deref();
    if (loaded === undefined) return;
    loading.delete(loaded);
    announce(loaded);
  });
}

/**
 * What was said of a model object, undefined for nothing.
 *
 * @example const features = descriptionOf(session)?.features;
 */
export function descriptionOf(model: object): ModelDescriptionInput | undefined {
  const description = described.get(model);
  if (description !== undefined) announce(model);
  return description;
}

/** Once, and not before the model has a name and somebody listens. */
function announce(model: object): void {
  if (announced.has(model) || loading.has(model) || isHardOff(process.env)) return;
  const description = { ...found.get(model), ...described.get(model) };
  if (description.name === undefined) return;
  if (!isEventEnabled(EVENT_ML_MODEL_LOADED)) return;
  announced.add(model);
  const { name, version, id, task, owner, tier, role, runtimeName, runtimeVersion, signature } = description;
  emitEvent(EVENT_ML_MODEL_LOADED, {
    [ATTR_ML_MODEL_NAME]: name,
    [ATTR_ML_MODEL_VERSION]: version,
    [ATTR_ML_MODEL_ID]: id,
    [ATTR_ML_MODEL_TASK]: task,
    [ATTR_ML_MODEL_OWNER]: owner,
    [ATTR_ML_MODEL_TIER]: tier,
    [ATTR_ML_DEPLOYMENT_ROLE]: role,
    [ATTR_ML_RUNTIME_NAME]: runtimeName,
    [ATTR_ML_RUNTIME_VERSION]: runtimeVersion,
    [ATTR_ML_MODEL_SIGNATURE]: signature,
    ...hyperparametersOf(description),
  });
}

function hyperparametersOf({ hyperparameters = {} }: ModelDescriptionInput): Record<string, string | number | boolean> {
  const usable: Record<string, string | number | boolean> = {};
  for (const [name, given] of Object.entries(hyperparameters).slice(0, HYPERPARAMETERS_MAX)) {
    const value = gateValue(given, 'raw');
    if (value !== null) usable[`${PREFIX_ML_MODEL_HYPERPARAMETERS}${name}`] = value;
  }
  return usable;
}
