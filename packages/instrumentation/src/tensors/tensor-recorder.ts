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
import type { InferenceInput, ModelInfo, PredictionColumns } from '../inference.ts';
import { type ActiveInference, InferenceRecorder } from '../inference-recorder.ts';
import { instruments } from '../instruments.ts';
import { type FeatureNames, TensorFeatures } from './tensor-features.ts';
import { type ClassNames, interpretOutputs } from './tensor-predictions.ts';
import { rowCountOf, type TensorView } from './tensor-view.ts';

export interface TensorModel {
  readonly info: ModelInfo;
  readonly features?: FeatureNames;
  /** Labels that the file puts out, where `info.classes` gives them other names. */
  readonly fileClasses?: readonly string[];
}

export interface TensorInference {
  run<T>(work: () => T): T;
  /** @param outputs read at once, and only as far as the policy allows */
  end(outputs: () => readonly TensorView[]): void;
  fail(error: unknown): void;
}

export class TensorRecorder {
  readonly #model: TensorModel;
  readonly #policy: CapturePolicy;
  readonly #recorder: InferenceRecorder;
  readonly #metricAttributes: Attributes;
  readonly #classNames: ClassNames;

  constructor(model: TensorModel, policy: CapturePolicy, sources: SamplerSources) {
    this.#model = model;
    this.#policy = policy;
    this.#recorder = new InferenceRecorder(model.info, policy, sources);
    const { name, version, role, classes, task } = model.info;
    this.#classNames = {
      isLabelEnough: !policy.predictions,
      ...(classes === undefined ? {} : { classes }),
      ...(task === undefined ? {} : { task }),
      ...(model.fileClasses === undefined ? {} : { fileClasses: model.fileClasses }),
    };
    this.#metricAttributes = {
      [ATTR_ML_OPERATION_NAME]: 'predict',
      [ATTR_ML_MODEL_NAME]: name,
      ...(version === undefined ? {} : { [ATTR_ML_MODEL_VERSION]: version }),
      ...(role === undefined ? {} : { [ATTR_ML_DEPLOYMENT_ROLE]: role }),
    };
  }

  /** Undefined when it could not be started: the host goes on without. */
  start(inputs: () => readonly TensorView[]): TensorInference | undefined {
    return guard(() => {
      const views = guard(inputs) ?? [];
      // Without capture nothing is wanted of the inputs but their number: no reason is due.
      const input: InferenceInput = this.#policy.capturesFeatures
        ? new TensorFeatures(views, this.#model.features)
        : { rowCount: rowCountOf(views), features: [] };
      return this.#inference(this.#recorder.start(input), input.rowCount);
    });
  }

  #inference(active: ActiveInference, rowCount: number): TensorInference {
    const close = (work: () => void) => {
      let isClosed = false;
      guard(() => {
        work();
        isClosed = true;
      });
      // A span that was started ends, whatever happens.
      if (!isClosed) guard(() => active.span.end());
    };
    return {
      run: (work) => active.run(work),
      end: (outputs) =>
        close(() =>
          active.end(active.wantsPredictions ? guard(() => this.#predictions(active, rowCount, outputs)) : undefined),
        ),
      fail: (error) => close(() => active.fail(error)),
    };
  }

  #predictions(active: ActiveInference, rowCount: number, outputs: () => readonly TensorView[]): PredictionColumns {
    const views = guard(outputs) ?? [];
    const { columns, fault } = interpretOutputs(views, rowCount, this.#classNames);
    if (fault !== undefined && this.#policy.predictions) this.#skip(active, rowCount, `output_${fault}`);
    return columns;
  }

  #skip(active: ActiveInference, rowCount: number, reason: string): void {
    active.span.setAttribute(ATTR_ML_CAPTURE_SKIPPED_REASON, reason);
    instruments().skipped.cell({ ...this.#metricAttributes, [ATTR_LEEWAY_REASON]: reason }).value += rowCount;
  }
}

let saidFailure = false;

/** What the work returns; undefined, said once, when it throws. */
export function guard<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!saidFailure)
      diag.warn(`@leeway/instrumentation: an inference was not recorded as it should be: ${typeOf(error)}`);
    saidFailure = true;
    return undefined;
  }
}

/** Never the message: it may hold values. */
function typeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
