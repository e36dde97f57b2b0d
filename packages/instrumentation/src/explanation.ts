/** Attributions: with the prediction while it is under way, as an event of their own once it is over. */
import { ATTR_ML_INFERENCE_ID, ATTR_ML_MODEL_NAME, ATTR_ML_MODEL_VERSION, EVENT_ML_EXPLANATION } from '@leeway/semconv';
import { diag } from '@opentelemetry/api';
import { emitEvent } from './events.ts';
import type { FeaturePlan } from './feature-plan.ts';
import type { ModelInfo } from './inference.ts';
import { allowedAttributions } from './output-plan.ts';
import { type CurrentInference, currentInference } from './tracing.ts';

let saidNone = false;

/**
 * @param finish of the model's recorder: only its own inferences are explained, whatever runs within them
 * @param inferenceId undefined for the inference of the current context
 */
export function recordExplanation(
  model: ModelInfo,
  finish: unknown,
  inferenceId: string | undefined,
  values: object,
  features: FeaturePlan,
): void {
  let current = currentInference();
  const isMeant = (one: CurrentInference) =>
    one.isOf(finish) && (inferenceId === undefined || inferenceId === one.inferenceId);
  while (current !== undefined && !isMeant(current)) current = current.outer;
  if (current?.explain(values as Record<string, number>) === true) return;
  const id = inferenceId ?? current?.inferenceId;
  if (id === undefined) {
    if (!saidNone) diag.warn('@leeway/instrumentation: attributions outside of an inference need its id');
    saidNone = true;
    return;
  }
  const allowed = allowedAttributions(values as Record<string, unknown>, features);
  if (allowed.length === 0) return;
  emitEvent(EVENT_ML_EXPLANATION, {
    [ATTR_ML_MODEL_NAME]: model.name,
    [ATTR_ML_MODEL_VERSION]: model.version,
    [ATTR_ML_INFERENCE_ID]: id,
    ...Object.fromEntries(allowed),
  });
}
