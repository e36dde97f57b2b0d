/**
 * Turns calls of one model into spans, metrics and, where the policy allows it, values.
 *
 * Invariants
 * 1. Nothing here throws into the host or waits: what goes wrong is told to `diag` once.
 * 2. Sampling is decided before any value is read; values pass `gateValue` and no other way.
 * 3. Attributes are set in this order: model, inference, prediction, capture, features. The SDK keeps the first 128 and
 *    drops the rest silently.
 * 4. No input or output is kept after `end`.
 * 5. Nothing is built for each call that could be built once a recorder.
 */
import {
  ATTR_ERROR_TYPE,
  ATTR_ML_CAPTURE_SKIPPED_REASON,
  ATTR_ML_INFERENCE_BATCH_SIZE,
  ATTR_ML_INFERENCE_ID,
  EVENT_ML_PREDICTION,
} from '@leeway/semconv';
import { diag, INVALID_SPAN_CONTEXT, INVALID_TRACEID, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { CapturePolicy } from './capture-policy.ts';
import { type CaptureDecision, CaptureSampler, type SamplerSources } from './capture-sampler.ts';
import { type CapturedFeatures, captureFeatures, countFeatures } from './captured-features.ts';
import { type CapturedItem, emitEvents, packedItem, VALUES_MAX, writeToSpan } from './carriers.ts';
import { isEventEnabled } from './events.ts';
import { FeaturePlan } from './feature-plan.ts';
import type { InferenceInput, ModelInfo, PredictionColumns } from './inference.ts';
import { type InferenceReport, inferenceObserver } from './inference-observer.ts';
import { instruments } from './instruments.ts';
import { errorTypeOf, type MetricBinding } from './metric-binding.ts';
import { ModelBinding } from './model-binding.ts';
import { OutputPlan } from './output-plan.ts';
import { PackedSchemas } from './packed-schema.ts';
import { StartedInference } from './started-inference.ts';
import { tracer } from './tracing.ts';

/** Numbers of one packed item: a megabyte. */
const PACKED_VALUES_MAX = 100_000;
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

export interface ActiveInference {
  readonly span: Span;
  /** Joins ground truth; empty when nothing is recorded of this inference. */
  readonly inferenceId: string;
  /** Whether `end` has a use for predictions; where they are dear to work out, ask first. */
  readonly wantsPredictions: boolean;
  /** Runs with the span as the current one. */
  run<T>(work: () => T): T;
  end(predictions?: PredictionColumns): void;
  /** @param errorType a word from a fixed set that says better than the error's class what went wrong: a status, a code */
  fail(error: unknown, errorType?: string): void;
}

export interface RecorderOptions {
  /** Names of the features in their order, where they are known beforehand: rows are then read by these names only. */
  readonly features?: readonly string[];
}

/**
 * @example
 * const recorder = new InferenceRecorder({ name: 'fraud' }, capturePolicy({}, process.env, console.warn), {
 *   random: Math.random,
 *   elapsedMs: () => performance.now(),
 * });
 * const active = recorder.start({ rowCount: 1, features: [{ name: 'amount', at: () => 12.5 }] });
 * const label = active.run(() => 'ok');
 * active.end({ label: { name: 'label', at: () => label } });
 */
export class InferenceRecorder {
  readonly #policy: CapturePolicy;
  readonly #sampler: CaptureSampler;
  readonly #elapsedMs: () => number;
  readonly #model: ModelBinding;
  readonly #plan: FeaturePlan;
  readonly #outputs: OutputPlan;
  readonly #schemas = new PackedSchemas();
  readonly #capturesSpans: boolean;
  readonly #capturesEvents: boolean;
  #saidFailure = false;

  constructor(model: ModelInfo, policy: CapturePolicy, sources: SamplerSources, options: RecorderOptions = {}) {
    this.#policy = policy;
    this.#elapsedMs = sources.elapsedMs;
    this.#sampler = new CaptureSampler(policy, sources);
    this.#model = new ModelBinding(model, policy.predictions);
    this.#plan = new FeaturePlan(policy, options.features);
    this.#outputs = new OutputPlan(this.#plan);
    const captures = policy.capturesFeatures || policy.predictions;
    this.#capturesEvents = captures && policy.carrier === 'event';
    this.#capturesSpans = captures && policy.carrier !== 'event';
  }

  /** Never throws. */
  start(input: InferenceInput): ActiveInference {
    return this.begin(input);
  }

  /** `start` for this package. */
  begin(input: InferenceInput): StartedInference {
    try {
      if (!this.#policy.isDisabled) return this.#start(input);
    } catch (error) {
      this.#tell(error);
    }
    return new StartedInference(NO_SPAN, input, undefined, 0, false, ignore);
  }

  #start(input: InferenceInput): StartedInference {
    const { remote } = input;
    const span = tracer()?.startSpan(this.#model.spanName, this.#model.spanOptions(remote)) ?? NO_SPAN;
    const isRecording = span.isRecording();
    const metrics = instruments();
    const hasSpan = isRecording || span.spanContext().traceId !== INVALID_TRACEID;
    const emits = this.#capturesEvents && isEventEnabled(EVENT_ML_PREDICTION);
    if (!hasSpan && metrics.isNoop && !emits) return this.#unrecorded(input);
    const binding = this.#model.metricsOf(metrics, remote);
    const started = new StartedInference(span, input, binding, this.#elapsedMs(), hasSpan || emits, this.finish);
    binding.active.value++;
    if (isRecording) this.#model.describe(span);
    started.captures = emits || (isRecording && this.#capturesSpans);
    started.wantsPredictions = started.captures || binding.labels.isOn;
    if (started.captures && input.readAt === 'start') this.#capture(started);
    return started;
  }

  /** Nobody listens. */
  #unrecorded(input: InferenceInput): StartedInference {
    const started = new StartedInference(NO_SPAN, input, undefined, 0, false, ignore);
    inferenceObserver()?.(this.#report(started, undefined));
    return started;
  }

  /** Once an inference; its identity says whose an inference is. */
  readonly finish = (
    inference: StartedInference,
    predictions: PredictionColumns | undefined,
    type: string | undefined,
  ): void => {
    const { span, binding, input } = inference;
    if (binding === undefined) return;
    binding.active.value--;
    try {
      binding.record(input.rowCount, (this.#elapsedMs() - inference.startedMs) / 1000, type);
      if (predictions !== undefined) binding.labels.count(predictions.label, input.rowCount);
      if (span.isRecording()) this.#identify(span, inference, type);
      if (inference.captures) this.#write(inference, predictions ?? {}, type !== undefined, binding);
      else if (this.#capturesEvents) binding.skip('no_logs', input.rowCount);
      const observer = inferenceObserver();
      if (observer !== undefined) observer(this.#report(inference, type));
    } catch (failure) {
      this.#tell(failure);
    }
    span.end();
  };

  #report({ input, span, decision, captures }: StartedInference, errorType: string | undefined): InferenceReport {
    const { records = [], features, rowCount, skippedReason } = input;
    return {
      ...this.#model.identity,
      rowCount,
      featureNames: records.length > 0 ? Object.keys(records[0] ?? {}) : features.map(({ name }) => name),
      isRecording: span.isRecording(),
      hasSpan: span.spanContext().traceId !== INVALID_TRACEID,
      capture: skippedReason ?? (captures ? (decision?.reason ?? 'off') : 'off'),
      errorType,
    };
  }

  #identify(span: Span, { inferenceId, input }: StartedInference, errorType: string | undefined): void {
    if (inferenceId !== '') span.setAttribute(ATTR_ML_INFERENCE_ID, inferenceId);
    if (input.rowCount !== 1) span.setAttribute(ATTR_ML_INFERENCE_BATCH_SIZE, input.rowCount);
    if (errorType === undefined) return;
    span.setAttribute(ATTR_ERROR_TYPE, errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }

  /** Decides, and reads what was decided for. */
  #capture(inference: StartedInference): CaptureDecision {
    const { input } = inference;
    const id = this.#policy.sampleBy === 'inference_id' ? inference.inferenceId : '';
    const decision = this.#sampler.decide(input.rowCount, this.#rowsMax(input), id);
    inference.decision = decision;
    if (decision.rowCount > 0) inference.features = this.#read(inference, decision);
    return decision;
  }

  #read({ input, binding }: StartedInference, decision: CaptureDecision): CapturedFeatures | undefined {
    if (!this.#policy.capturesFeatures || input.skippedReason !== undefined) return undefined;
    try {
      return captureFeatures(input, this.#plan, decision);
    } catch (error) {
      // A reader of the host's, or a getter of its row.
      this.#tell(error);
      binding?.skip('reader', decision.rowCount);
      return undefined;
    }
  }

  #rowsMax(input: InferenceInput): number {
    return input.rowCount === 1 ? 1 : PACKED_VALUES_MAX / Math.max(1, countFeatures(input, this.#plan));
  }

  #write(inference: StartedInference, predictions: PredictionColumns, isError: boolean, binding: MetricBinding): void {
    const { input, span } = inference;
    let decision = inference.decision ?? this.#capture(inference);
    if (isError) {
      const wasCaptured = decision.rowCount > 0;
      decision = this.#sampler.ofError(decision, input.rowCount, this.#rowsMax(input));
      if (!wasCaptured && decision.rowCount > 0) inference.features = this.#read(inference, decision);
    }
    decision = this.#sampler.atEnd(decision);
    const reason =
      input.skippedReason ??
      (decision.reason === 'captured' || decision.reason === 'off' ? undefined : decision.reason);
    if (reason !== undefined) {
      if (span.isRecording()) span.setAttribute(ATTR_ML_CAPTURE_SKIPPED_REASON, reason);
      binding.skip(reason, input.rowCount);
    }
    if (decision.rowCount === 0) return;
    const { features } = inference;
    const room = VALUES_MAX - 1;
    const outputs = this.#outputs.capture(predictions, inference.explained, decision, this.#policy.predictions, room);
    if (outputs.lost > 0) binding.skip('scores', decision.rowCount);
    const isAsked = this.#policy.carrier === 'packed';
    const packed = packedItem(features, outputs.keys.length, isAsked, this.#schemas, this.#elapsedMs);
    const item: CapturedItem = {
      inferenceId: inference.inferenceId,
      rowCount: input.rowCount,
      decision,
      outputs,
      features,
      packed,
    };
    const lost = this.#capturesEvents ? emitEvents(span, this.#model.eventAttributes, item) : writeToSpan(span, item);
    if (lost > 0) binding.skip('features', decision.rowCount);
  }

  #tell(error: unknown): void {
    if (!this.#saidFailure)
      diag.warn(`@leeway/instrumentation: an inference was not recorded in full: ${errorTypeOf(error, undefined)}`);
    this.#saidFailure = true;
  }
}

function ignore(): void {
  // Nobody listens.
}
