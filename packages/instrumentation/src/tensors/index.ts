/** For instrumentations of runtimes whose inputs and outputs are tensors. */

export { type ReferenceNames, referenceNames } from './reference-names.ts';
export { replaceMethod } from './replaced-method.ts';
export { signatureOf, valueSignature } from './signature.ts';
export type { FeatureNames } from './tensor-features.ts';
export { guard, type TensorInference, type TensorModel, TensorRecorder } from './tensor-recorder.ts';
export {
  TENSOR_FAULTS,
  TENSOR_KINDS,
  type TensorFault,
  type TensorKind,
  type TensorView,
  type TensorViews,
  unreadableTensor,
} from './tensor-view.ts';
