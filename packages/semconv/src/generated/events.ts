// Generated from packages/semconv/model by `npm run generate`. Do not edit.

/** One prediction with its sampled values, in the span's context. */
export const EVENT_ML_PREDICTION = 'ml.prediction' as const;

/** What was true, joined by ml.inference.id. */
export const EVENT_ML_GROUND_TRUTH = 'ml.ground_truth' as const;

/** A rating or business outcome, joined by ml.inference.id. */
export const EVENT_ML_FEEDBACK = 'ml.feedback' as const;

/** Attributions of a prediction that is over, joined by ml.inference.id. */
export const EVENT_ML_EXPLANATION = 'ml.explanation' as const;

/** A model was loaded: signature, digest, hyperparameters. */
export const EVENT_ML_MODEL_LOADED = 'ml.model.loaded' as const;

/** A version went into service. */
export const EVENT_ML_MODEL_DEPLOYED = 'ml.model.deployed' as const;

/** A version became the champion. */
export const EVENT_ML_MODEL_PROMOTED = 'ml.model.promoted' as const;

/** A version was taken out of service. */
export const EVENT_ML_MODEL_RETIRED = 'ml.model.retired' as const;

/** Somebody approved a version. */
export const EVENT_ML_MODEL_APPROVED = 'ml.model.approved' as const;

/** A window was evaluated. */
export const EVENT_ML_MONITOR_EVALUATION = 'ml.monitor.evaluation' as const;

/** A signal changed its state. */
export const EVENT_ML_MONITOR_ALARM = 'ml.monitor.alarm' as const;

/** Another reference applies. */
export const EVENT_ML_REFERENCE_UPDATED = 'ml.reference.updated' as const;

/** A pipeline step ended. */
export const EVENT_ML_PIPELINE_RUN = 'ml.pipeline.run' as const;

/** Retraining was asked for. */
export const EVENT_ML_RETRAINING_REQUESTED = 'ml.retraining.requested' as const;

/** Retraining ended. */
export const EVENT_ML_RETRAINING_COMPLETED = 'ml.retraining.completed' as const;

/** What an alert was worth. */
export const EVENT_ML_ALERT_OUTCOME = 'ml.alert.outcome' as const;
