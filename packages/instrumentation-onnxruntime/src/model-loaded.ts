/**
 * The event `ml.model.loaded`: the model, its digest and its signature. Names, types and shapes of inputs and outputs are
 * the model's interface and leave as they are; of its other metadata only what names model, version, task and classes.
 */
import { emitEvent, type ModelInfo } from '@leeway/instrumentation';
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
import { diag } from '@opentelemetry/api';

/** The part of a session that tells its signature; `inputMetadata` came with onnxruntime-node 1.22. */
interface Signed {
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly inputMetadata?: readonly ValueMetadata[];
  readonly outputMetadata?: readonly ValueMetadata[];
}
interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

const VALUES_MAX = 100;

export function announce(session: object, info: ModelInfo): void {
  const { inputNames, outputNames, inputMetadata, outputMetadata } = session as Signed;
  emitEvent(EVENT_ML_MODEL_LOADED, {
    [ATTR_ML_MODEL_NAME]: info.name,
    [ATTR_ML_MODEL_VERSION]: info.version,
    [ATTR_ML_MODEL_ID]: info.id,
    [ATTR_ML_MODEL_TASK]: info.task,
    [ATTR_ML_MODEL_OWNER]: info.owner,
    [ATTR_ML_RUNTIME_NAME]: info.runtimeName,
    [ATTR_ML_RUNTIME_VERSION]: info.runtimeVersion,
    [ATTR_ML_MODEL_INPUTS]: signatureOf(inputNames, inputMetadata),
    [ATTR_ML_MODEL_OUTPUTS]: signatureOf(outputNames, outputMetadata),
  });
  const unreturnable = outputMetadata?.find(({ isTensor }) => isTensor === false);
  if (unreturnable !== undefined) {
    diag.warn(
      `@leeway/instrumentation-onnxruntime: output ${JSON.stringify(unreturnable.name)} of ${JSON.stringify(info.name)} is no tensor: onnxruntime-node refuses to return it. Export without ZipMap (skl2onnx: options={'zipmap': False}), or ask run() for the other outputs by name.`,
    );
  }
}

/** `float_input: float32[?, 4]`; the names alone where the runtime tells no more. */
function signatureOf(
  names: readonly string[] | undefined,
  metadata: readonly ValueMetadata[] | undefined,
): readonly string[] | undefined {
  if (metadata === undefined) return names?.slice(0, VALUES_MAX);
  return metadata.slice(0, VALUES_MAX).map(({ name, isTensor, type, shape = [] }) => {
    if (!isTensor) return `${name}: no tensor`;
    return `${name}: ${type}[${shape.map((dim) => (dim === '' ? '?' : dim)).join(', ')}]`;
  });
}
