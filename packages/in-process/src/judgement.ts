/** What one window, or the rows so far, say of one model under its reference. */
import type { Evaluation, ReferenceProfile, WatchedModel } from '@leeway/engine';

export interface Judgement {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly reference: ReferenceProfile;
  /** `evaluation.signals.data_drift.status`, and so on; the numbers are those of `ml.monitor.status`. */
  readonly evaluation: Evaluation;
}

export function judgementOf(
  { environment, model, version, reference }: WatchedModel,
  evaluation: Evaluation,
): Judgement {
  return { environment, model, version, reference, evaluation };
}
