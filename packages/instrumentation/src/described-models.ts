/** What applications say of their models, by the model object: names of features that a tensor does not carry. */
import type { ModelInfo } from './inference.ts';

export interface ModelDescriptionInput extends Partial<ModelInfo> {
  /** Names of the columns of a tensor of shape [n, k], in order. */
  readonly features?: readonly string[];
  /** Classes in the order of the probabilities. */
  readonly classes?: readonly string[];
}

const described = new WeakMap<object, ModelDescriptionInput>();

/**
 * Says what a session or model is: its name and version, the names of its features, its classes.
 *
 * @example describeModel(session, { name: 'churn', version: '3', features: ['age', 'plan', 'tenure'] });
 */
export function describeModel(model: object, description: ModelDescriptionInput): void {
  described.set(model, { ...described.get(model), ...description });
}

export function descriptionOf(model: object): ModelDescriptionInput | undefined {
  return described.get(model);
}
