export { type OnnxRuntime, OnnxRuntimeInstrumentation } from './onnxruntime-instrumentation.ts';
