/**
 * The event `ml.model.loaded`: the model, its digest and its signature. Names, types and shapes of inputs and outputs are
 * the model's interface and leave as they are; of its other metadata only what names model, version, task and classes.
 */
import {
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_INPUTS,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OUTPUTS,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_TASK,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_RUNTIME_NAME,
  ATTR_ML_RUNTIME_VERSION,
  EVENT_ML_MODEL_LOADED,
} from '@leeway/semconv';
import { emitEvent } from '../events.ts';
import type { ModelInfo } from '../inference.ts';

export interface Signature {
  /** `float_input: float32[?, 4]`, or names alone. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

/** So many inputs or outputs are told at most. */
const VALUES_MAX = 100;

export function announceModel(info: ModelInfo, { inputs, outputs }: Signature): void {
  emitEvent(EVENT_ML_MODEL_LOADED, {
    [ATTR_ML_MODEL_NAME]: info.name,
    [ATTR_ML_MODEL_VERSION]: info.version,
    [ATTR_ML_MODEL_ID]: info.id,
    [ATTR_ML_MODEL_TASK]: info.task,
    [ATTR_ML_MODEL_OWNER]: info.owner,
    [ATTR_ML_RUNTIME_NAME]: info.runtimeName,
    [ATTR_ML_RUNTIME_VERSION]: info.runtimeVersion,
    [ATTR_ML_MODEL_INPUTS]: inputs?.slice(0, VALUES_MAX),
    [ATTR_ML_MODEL_OUTPUTS]: outputs?.slice(0, VALUES_MAX),
  });
}

/** @param shape a dimension that is not fixed is null, -1, empty, or has a name */
export function signatureOf(name: string, type: string, shape: readonly unknown[]): string {
  const isOpen = (dim: unknown) => dim === null || dim === undefined || dim === '' || dim === -1;
  return `${name}: ${type}[${shape.map((dim) => (isOpen(dim) ? '?' : String(dim))).join(', ')}]`;
}
