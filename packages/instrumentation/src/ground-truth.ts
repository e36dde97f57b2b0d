/** What was true, joined by inference id: may come days later, from another service. */
import {
  ATTR_ML_FEEDBACK_NAME,
  ATTR_ML_FEEDBACK_VALUE,
  ATTR_ML_GROUND_TRUTH_LABEL,
  ATTR_ML_GROUND_TRUTH_SOURCE,
  ATTR_ML_GROUND_TRUTH_VALUE,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_INFERENCE_ROW,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  EVENT_ML_FEEDBACK,
  EVENT_ML_GROUND_TRUTH,
} from '@leeway/semconv';
import { isHardOff } from './capture-environment.ts';
import { emitEvent } from './events.ts';
import { harmless } from './harmless.ts';
import { gateValue } from './value-gate.ts';

export interface GroundTruth {
  readonly model: { readonly name: string; readonly version?: string };
  readonly inferenceId: string;
  /** Row of a batch; 0 when it is left out. */
  readonly row?: number;
  readonly label?: string;
  readonly value?: number;
  /** Where it came from. */
  readonly source?: string;
}

/**
 * Records what was true of one prediction.
 *
 * @example recordGroundTruth({ model: { name: 'fraud' }, inferenceId, label: 'fraud', source: 'chargebacks' });
 */
export function recordGroundTruth(truth: GroundTruth): void {
  if (!isHardOff(process.env)) harmless('recordGroundTruth', () => emitGroundTruth(truth));
}

function emitGroundTruth({ model, inferenceId, row, label, value, source }: GroundTruth): void {
  emitEvent(EVENT_ML_GROUND_TRUTH, {
    [ATTR_ML_MODEL_NAME]: model.name,
    [ATTR_ML_MODEL_VERSION]: model.version,
    [ATTR_ML_INFERENCE_ID]: inferenceId,
    [ATTR_ML_INFERENCE_ROW]: row,
    [ATTR_ML_GROUND_TRUTH_LABEL]: gateValue(label, 'raw'),
    [ATTR_ML_GROUND_TRUTH_VALUE]: gateValue(value, 'raw'),
    [ATTR_ML_GROUND_TRUTH_SOURCE]: source,
  });
}

export interface Feedback {
  readonly model: { readonly name: string; readonly version?: string };
  readonly inferenceId: string;
  readonly name: string;
  readonly value: number | string;
}

/**
 * Records a rating or a business outcome of one prediction.
 *
 * @example recordFeedback({ model: { name: 'fraud' }, inferenceId, name: 'thumbs', value: 1 });
 */
export function recordFeedback(feedback: Feedback): void {
  if (!isHardOff(process.env)) harmless('recordFeedback', () => emitFeedback(feedback));
}

function emitFeedback({ model, inferenceId, name, value }: Feedback): void {
  emitEvent(EVENT_ML_FEEDBACK, {
    [ATTR_ML_MODEL_NAME]: model.name,
    [ATTR_ML_MODEL_VERSION]: model.version,
    [ATTR_ML_INFERENCE_ID]: inferenceId,
    [ATTR_ML_FEEDBACK_NAME]: name,
    [ATTR_ML_FEEDBACK_VALUE]: gateValue(value, 'raw'),
  });
}
