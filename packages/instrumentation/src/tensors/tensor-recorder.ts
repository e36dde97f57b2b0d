/**
 * Inferences of one model whose inputs and outputs are tensors. What is not understood leaves a span without values and
 * is counted with its reason; nothing here throws, and nothing of a call is kept after it.
 */
import {
  ATTR_LEEWAY_REASON,
  ATTR_ML_CAPTURE_SKIPPED_REASON,
  ATTR_ML_DEPLOYMENT_ROLE,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
} from '@leeway/semconv';
import { type Attributes, diag } from '@opentelemetry/api';
import type { CapturePolicy } from '../capture-policy.ts';
import type { SamplerSources } from '../capture-sampler.ts';
import type { FeatureTable, InferenceInput, ModelInfo, PredictionColumns, ValueColumn } from '../inference.ts';
import { InferenceRecorder } from '../inference-recorder.ts';
import { instruments } from '../instruments.ts';
import type { StartedInference } from '../started-inference.ts';
import { FeatureLayouts, type FeatureNames, type TensorFeatures } from './tensor-features.ts';
import { OutputLayouts } from './tensor-predictions.ts';
import type { TensorFault, TensorView, TensorViews } from './tensor-view.ts';

export interface TensorModel {
  readonly info: ModelInfo;
  readonly features?: FeatureNames;
  /** Labels that the file puts out, where `info.classes` gives them other names. */
  readonly fileClasses?: readonly string[];
}

const NO_FEATURES: readonly ValueColumn[] = [];

export class TensorRecorder {
  readonly #views: TensorViews;
  readonly #features: FeatureLayouts;
  readonly #outputs: OutputLayouts;
  readonly #policy: CapturePolicy;
  readonly #recorder: InferenceRecorder;
  readonly #metricAttributes: Attributes;

  /** @param views reads the runtime's tensors; what it throws is guarded here */
  constructor(model: TensorModel, policy: CapturePolicy, sources: SamplerSources, views: TensorViews) {
    this.#views = views;
    this.#policy = policy;
    this.#recorder = new InferenceRecorder(model.info, policy, sources);
    const { name, version, role, classes, task } = model.info;
    this.#features = new FeatureLayouts(model.features);
    this.#outputs = new OutputLayouts({
      isLabelEnough: !policy.predictions,
      ...(classes === undefined ? {} : { classes: [...classes] }),
      ...(task === undefined ? {} : { task }),
      ...(model.fileClasses === undefined ? {} : { fileClasses: model.fileClasses }),
    });
    this.#metricAttributes = {
      [ATTR_ML_OPERATION_NAME]: 'predict',
      [ATTR_ML_MODEL_NAME]: name,
      ...(version === undefined ? {} : { [ATTR_ML_MODEL_VERSION]: version }),
      ...(role === undefined ? {} : { [ATTR_ML_DEPLOYMENT_ROLE]: role }),
    };
  }

  /**
   * Undefined when nothing is recorded of it: nobody listens, or it could not be started. The host goes on without.
   *
   * @param inputs as the host gave them: tensors by name, or what the runtime's views know
   * @param order names in the model's order
   */
  start(inputs: unknown, order: readonly string[]): TensorInference | undefined {
    try {
      return this.#start(inputs, order);
    } catch (error) {
      tell(error);
      return undefined;
    }
  }

  #start(inputs: unknown, order: readonly string[]): TensorInference | undefined {
    const inference = new TensorInference(this);
    const started = this.#recorder.begin(inference);
    if (started.binding === undefined) return undefined;
    inference.started = started;
    try {
      const views = this.#viewsOf(inputs, order);
      // Where no value leaves, nothing is wanted of the inputs but their number, and no reason is due.
      if (this.#policy.capturesFeatures && started.captures) inference.take(this.#features.of(views));
      else inference.rowCount = this.#features.rowCountOf(views);
    } catch (error) {
      tell(error);
    }
    return inference;
  }

  /** For `TensorInference`. */
  predictions(started: StartedInference, outputs: unknown, order: readonly string[]): PredictionColumns {
    const { rowCount } = started.input;
    const { columns, fault } = this.#outputs.interpret(this.#viewsOf(outputs, order), rowCount);
    if (fault !== undefined && this.#policy.predictions) this.#skip(started, rowCount, `output_${fault}`);
    return columns;
  }

  #viewsOf(tensors: unknown, order: readonly string[]): readonly TensorView[] {
    try {
      return this.#views(tensors, order);
    } catch (error) {
      tell(error);
      return [];
    }
  }

  #skip({ span }: StartedInference, rowCount: number, reason: string): void {
    span.setAttribute(ATTR_ML_CAPTURE_SKIPPED_REASON, reason);
    instruments().skipped.cell({ ...this.#metricAttributes, [ATTR_LEEWAY_REASON]: reason }).value += rowCount;
  }
}

/**
 * One call under way, and what was given to it: filled in once it is known whether anything is wanted of it. Nothing here
 * throws, but what `work` throws.
 */
export class TensorInference implements InferenceInput {
  rowCount = 1;
  readonly features = NO_FEATURES;
  skippedReason: TensorFault | undefined = undefined;
  table: FeatureTable | undefined = undefined;
  started: StartedInference | undefined = undefined;
  readonly #recorder: TensorRecorder;

  constructor(recorder: TensorRecorder) {
    this.#recorder = recorder;
  }

  take({ rowCount, skippedReason, table }: TensorFeatures): void {
    this.rowCount = rowCount;
    this.skippedReason = skippedReason;
    this.table = table;
  }

  /** With the span as the current one. */
  run<T>(work: () => T): T {
    return this.started === undefined ? work() : this.started.run(work);
  }

  /** @param outputs read at once, and only as far as the policy allows */
  end(outputs: unknown, order: readonly string[]): void {
    const { started } = this;
    try {
      started?.end(started.wantsPredictions ? this.#predictions(started, outputs, order) : undefined);
    } catch (error) {
      this.#close(error);
    }
    this.table = undefined;
  }

  fail(error: unknown): void {
    try {
      this.started?.fail(error);
    } catch (failure) {
      this.#close(failure);
    }
    this.table = undefined;
  }

  #predictions(started: StartedInference, outputs: unknown, order: readonly string[]): PredictionColumns | undefined {
    try {
      return this.#recorder.predictions(started, outputs, order);
    } catch (error) {
      tell(error);
      return undefined;
    }
  }

  /** A span that was started ends, whatever happens. */
  #close(error: unknown): void {
    tell(error);
    guard(() => this.started?.span.end());
  }
}

let saidFailure = false;

/** What the work returns; undefined, said once, when it throws. */
export function guard<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    tell(error);
    return undefined;
  }
}

function tell(error: unknown): void {
  if (!saidFailure)
    diag.warn(`@leeway/instrumentation: an inference was not recorded as it should be: ${typeOf(error)}`);
  saidFailure = true;
}

/** Never the message: it may hold values. */
function typeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
