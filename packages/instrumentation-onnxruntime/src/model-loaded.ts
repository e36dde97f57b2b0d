/** Tells of a session that was loaded: its model and signature, and which output onnxruntime-node cannot return. */
import type { ModelInfo } from '@leeway/instrumentation';
import { announceModel, signatureOf } from '@leeway/instrumentation/tensors';
import { diag } from '@opentelemetry/api';

/** The part of a session that tells its signature; metadata came with onnxruntime-node 1.22. */
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

export function announce(session: object, info: ModelInfo): void {
  const { inputNames, outputNames, inputMetadata, outputMetadata } = session as Signed;
  announceModel(info, {
    inputs: inputMetadata?.map(valueSignature) ?? inputNames,
    outputs: outputMetadata?.map(valueSignature) ?? outputNames,
  });
  const unreturnable = outputMetadata?.find(({ isTensor }) => isTensor === false);
  if (unreturnable === undefined) return;
  diag.warn(
    `@leeway/instrumentation-onnxruntime: output ${JSON.stringify(unreturnable.name)} of ${JSON.stringify(info.name)} is no tensor: onnxruntime-node refuses to return it. Export without ZipMap (skl2onnx: options={'zipmap': False}), or ask run() for the other outputs by name.`,
  );
}

function valueSignature({ name, isTensor, type = 'unknown', shape = [] }: ValueMetadata): string {
  return isTensor ? signatureOf(name, type, shape) : `${name}: no tensor`;
}
