/** The signature of a session, and which of its outputs onnxruntime-node cannot return. */
import { signatureOf, valueSignature } from '@leeway/instrumentation/tensors';

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

export function sessionSignature(session: object): string | undefined {
  const { inputNames, outputNames, inputMetadata, outputMetadata } = session as Signed;
  return signatureOf(inputMetadata?.map(signed) ?? inputNames, outputMetadata?.map(signed) ?? outputNames);
}

/** What to tell the user of an output that makes `run` fail; undefined when there is none. */
export function unreturnableOutput(session: object, modelName: string): string | undefined {
  const output = (session as Signed).outputMetadata?.find(({ isTensor }) => isTensor === false);
  if (output === undefined) return undefined;
  return `output ${JSON.stringify(output.name)} of ${JSON.stringify(modelName)} is no tensor: onnxruntime-node refuses to return it. Export without ZipMap (skl2onnx: options={'zipmap': False}), or ask run() for the other outputs by name.`;
}

function signed({ name, isTensor, type = 'unknown', shape = [] }: ValueMetadata): string {
  return isTensor ? valueSignature(name, type, shape) : `${name}: no tensor`;
}
