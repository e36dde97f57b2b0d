export { type CaptureOptions, type CapturePolicy, capturePolicy, type FeatureRule } from './capture-policy.ts';
export type { SamplerSources } from './capture-sampler.ts';
export { describeModel, descriptionOf, type ModelDescriptionInput } from './described-models.ts';
export { type Feedback, type GroundTruth, recordFeedback, recordGroundTruth } from './ground-truth.ts';
export type { InferenceInput, ModelInfo, PredictionColumns, RemoteServer, ValueColumn } from './inference.ts';
export { type ActiveInference, InferenceRecorder, setTracerProvider } from './inference-recorder.ts';
export { instruments, setMeterProvider } from './instruments.ts';
export { type Features, type ModelMonitor, type MonitorOptions, monitor, type Prediction } from './monitor.ts';
export type { FeatureValue } from './value-gate.ts';
