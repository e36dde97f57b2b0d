export { type OnnxHeader, readOnnxHeader } from './onnx-header.ts';
export { type OnnxRuntime, OnnxRuntimeInstrumentation } from './onnxruntime-instrumentation.ts';
