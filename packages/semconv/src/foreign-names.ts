/**
 * Names under which others already send what Leeway reads, by preset: attribute key → Leeway name. A `*` stands at the
 * end of both or of none. `ml.prediction` as a target is the label, or the value where a reference has no label.
 *
 * Sources: what people write by hand (`ml.*`, `model.*`); OpenInference, spec/semantic_conventions.md of
 * Arize-ai/openinference; OpenTelemetry's generative AI conventions. Of the last two only what has a distribution worth
 * watching is taken: numbers of a call. Prompts and answers are no features, and lists of messages are no batch.
 */
import {
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
} from './generated/attributes.ts';
import { EVENT_ML_PREDICTION } from './generated/events.ts';

const FEATURES = `${PREFIX_ML_FEATURES}*`;
const SCORES = `${PREFIX_ML_PREDICTION_SCORES}*`;

export const FOREIGN_NAMES = {
  /** Home-made names under `ml.`. */
  ml: {
    'ml.input.*': FEATURES,
    'ml.inputs.*': FEATURES,
    'ml.model': ATTR_ML_MODEL_NAME,
    'ml.version': ATTR_ML_MODEL_VERSION,
    'ml.prediction': EVENT_ML_PREDICTION,
    'ml.prediction.class': ATTR_ML_PREDICTION_LABEL,
    'ml.prediction.probability': ATTR_ML_PREDICTION_SCORE,
    'ml.prediction.confidence': ATTR_ML_PREDICTION_SCORE,
    'ml.prediction.probabilities.*': SCORES,
    'ml.output.label': ATTR_ML_PREDICTION_LABEL,
    'ml.output.value': ATTR_ML_PREDICTION_VALUE,
    'ml.output.score': ATTR_ML_PREDICTION_SCORE,
    'ml.request.id': ATTR_ML_INFERENCE_ID,
  },
  /** Home-made names under `model.` and `prediction.`. */
  model: {
    'model.name': ATTR_ML_MODEL_NAME,
    'model.version': ATTR_ML_MODEL_VERSION,
    'model.input.*': FEATURES,
    'model.inputs.*': FEATURES,
    'model.feature.*': FEATURES,
    'model.features.*': FEATURES,
    'model.prediction': EVENT_ML_PREDICTION,
    'model.prediction.label': ATTR_ML_PREDICTION_LABEL,
    'model.prediction.value': ATTR_ML_PREDICTION_VALUE,
    'model.prediction.score': ATTR_ML_PREDICTION_SCORE,
    'model.score': ATTR_ML_PREDICTION_SCORE,
    'model.confidence': ATTR_ML_PREDICTION_SCORE,
    'prediction.label': ATTR_ML_PREDICTION_LABEL,
    'prediction.class': ATTR_ML_PREDICTION_LABEL,
    'prediction.value': ATTR_ML_PREDICTION_VALUE,
    'prediction.score': ATTR_ML_PREDICTION_SCORE,
    'prediction.probability': ATTR_ML_PREDICTION_SCORE,
    'prediction.confidence': ATTR_ML_PREDICTION_SCORE,
    'prediction.id': ATTR_ML_INFERENCE_ID,
  },
  openinference: {
    'llm.model_name': ATTR_ML_MODEL_NAME,
    'embedding.model_name': ATTR_ML_MODEL_NAME,
    'reranker.model_name': ATTR_ML_MODEL_NAME,
    'reranker.top_k': `${PREFIX_ML_FEATURES}reranker.top_k`,
    'llm.token_count.prompt': `${PREFIX_ML_FEATURES}llm.token_count.prompt`,
    'llm.token_count.completion': `${PREFIX_ML_FEATURES}llm.token_count.completion`,
    'llm.token_count.total': `${PREFIX_ML_FEATURES}llm.token_count.total`,
  },
  gen_ai: {
    'gen_ai.request.model': ATTR_ML_MODEL_NAME,
    'gen_ai.request.temperature': `${PREFIX_ML_FEATURES}gen_ai.request.temperature`,
    'gen_ai.request.max_tokens': `${PREFIX_ML_FEATURES}gen_ai.request.max_tokens`,
    'gen_ai.usage.input_tokens': `${PREFIX_ML_FEATURES}gen_ai.usage.input_tokens`,
    'gen_ai.usage.output_tokens': `${PREFIX_ML_FEATURES}gen_ai.usage.output_tokens`,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
