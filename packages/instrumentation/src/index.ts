export { addBackPressure, type BackPressureSource, flushInferences, hasBackPressure } from './back-pressure.ts';
export type { Carrier, ErrorCapture, Sampling } from './capture-environment.ts';
export { type CaptureOptions, type CapturePolicy, capturePolicy, type FeatureRule } from './capture-policy.ts';
export type { SamplerSources } from './capture-sampler.ts';
export type { DeclaredFeatures, Features, FeaturesOf, FeatureType } from './declared-features.ts';
export { describeModel, descriptionOf, type ModelDescriptionInput, modelLoaded } from './described-models.ts';
export { type EventLoggerProvider, setLoggerProvider } from './events.ts';
export { apiMismatch, onFirstUse } from './first-use.ts';
export { type Feedback, type GroundTruth, recordFeedback, recordGroundTruth } from './ground-truth.ts';
export {
  type BulkCounts,
  type BulkGroundTruth,
  type BulkOptions,
  type GroundTruthFault,
  recordGroundTruths,
} from './ground-truths.ts';
export type { InferenceInput, ModelInfo, PredictionColumns, RemoteServer, ValueColumn } from './inference.ts';
export { type InferenceObserver, type InferenceReport, observeInferences } from './inference-observer.ts';
export { type ActiveInference, InferenceRecorder, type RecorderOptions } from './inference-recorder.ts';
export { instruments, setMeterProvider } from './instruments.ts';
export {
  type ModelTransition,
  type ModelTransitionDetails,
  recordModelTransition,
} from './lifecycle.ts';
export { errorTypeOf } from './metric-binding.ts';
export {
  type Attributions,
  type ModelMonitor,
  type MonitorOptions,
  monitor,
  type PredictOptions,
  type WrapOptions,
} from './monitor.ts';
export { PIPELINE_SECONDS } from './pipeline-instruments.ts';
export {
  type PipelineResult,
  type PipelineRun,
  type PipelineStep,
  pipelineRun,
  recordPipelineRun,
} from './pipeline-run.ts';
export type { Prediction } from './prediction.ts';
export { warnOfSettings } from './settings-warning.ts';
export { currentInferenceId, setTracerProvider } from './tracing.ts';
export type { FeatureValue } from './value-gate.ts';
