// Generated from packages/semconv/model by `npm run generate`. Do not edit.

/** What the model was asked to do: predict, embed, rank or explain. Example: `"predict"`. */
export const ATTR_ML_OPERATION_NAME = 'ml.operation.name' as const;

/** Name of the model. Required on everything. Example: `"late-flights"`. */
export const ATTR_ML_MODEL_NAME = 'ml.model.name' as const;

/** Version of the model. Example: `"1"`. */
export const ATTR_ML_MODEL_VERSION = 'ml.model.version' as const;

/** Digest of the model file, or its id in a registry. Example: `"sha256:9f86d081"`. */
export const ATTR_ML_MODEL_ID = 'ml.model.id' as const;

/** Version that this one takes over from. Example: `"6"`. */
export const ATTR_ML_MODEL_PREVIOUS_VERSION = 'ml.model.previous_version' as const;

/** classification, regression, ranking or embedding. Example: `"classification"`. */
export const ATTR_ML_MODEL_TASK = 'ml.model.task' as const;

/** Team that answers for the model. Example: `"pricing"`. */
export const ATTR_ML_MODEL_OWNER = 'ml.model.owner' as const;

/** How much depends on the model; caps how loud an alert may be. Example: `"high"`. */
export const ATTR_ML_MODEL_TIER = 'ml.model.tier' as const;

/** Inputs and outputs of the model, as its registry or its file writes them. Example: `"(amount: double, country: string) -> (label: string)"`. */
export const ATTR_ML_MODEL_SIGNATURE = 'ml.model.signature' as const;

/** Hyperparameter named by the key: number, string or boolean. Example: `6`. */
export const PREFIX_ML_MODEL_HYPERPARAMETERS = 'ml.model.hyperparameters.' as const;

/** Library that executes the model. Example: `"onnxruntime"`. */
export const ATTR_ML_RUNTIME_NAME = 'ml.runtime.name' as const;

/** Version of that library. Example: `"1.30.0"`. */
export const ATTR_ML_RUNTIME_VERSION = 'ml.runtime.version' as const;

/** Remote serving system: kserve, triton, tf_serving, mlflow, sagemaker, vertex_ai, azure_ml. Example: `"kserve"`. */
export const ATTR_ML_SYSTEM_NAME = 'ml.system.name' as const;

/** Who deployed, promoted, retired or approved: a person, a team or a pipeline. Example: `"release-pipeline"`. */
export const ATTR_ML_LIFECYCLE_ACTOR = 'ml.lifecycle.actor' as const;

/** Why: a ticket, or a sentence. Example: `"drift after the price change"`. */
export const ATTR_ML_LIFECYCLE_REASON = 'ml.lifecycle.reason' as const;

/** champion, challenger or shadow. Example: `"champion"`. */
export const ATTR_ML_DEPLOYMENT_ROLE = 'ml.deployment.role' as const;

/** Key that joins a prediction with its ground truth; defaults to the span id. Example: `"b7ad6b7169203331"`. */
export const ATTR_ML_INFERENCE_ID = 'ml.inference.id' as const;

/** Rows in the request; set only when not 1. Example: `64`. */
export const ATTR_ML_INFERENCE_BATCH_SIZE = 'ml.inference.batch.size' as const;

/** Which row of the batch the values belong to; an array on a capped batch span. Example: `0`. */
export const ATTR_ML_INFERENCE_ROW = 'ml.inference.row' as const;

/** Unix nanoseconds of the prediction, where they differ from the span's end; an array on a batch. Example: `980000000000000000`. */
export const ATTR_ML_EVENT_TIME = 'ml.event.time' as const;

/** Sampled value of the feature named by the key: number, string or boolean; an array on a batch span, null where missing. Example: `740`. */
export const PREFIX_ML_FEATURES = 'ml.features.' as const;

/** Status of the signal named by the key, 0 to 6 as in ml.monitor.status, on the span of an evaluation. Example: `4`. */
export const PREFIX_ML_SIGNALS = 'ml.signals.' as const;

/** Spelling that people use too; the sidecar accepts it like ml.features. Example: `740`. */
export const PREFIX_ML_FEATURE = 'ml.feature.' as const;

/** Predicted class. Example: `"late"`. */
export const ATTR_ML_PREDICTION_LABEL = 'ml.prediction.label' as const;

/** Predicted value of a regression. Example: `12.5`. */
export const ATTR_ML_PREDICTION_VALUE = 'ml.prediction.value' as const;

/** Score of the predicted label. Example: `0.83`. */
export const ATTR_ML_PREDICTION_SCORE = 'ml.prediction.score' as const;

/** Score of the class named by the key. Example: `0.83`. */
export const PREFIX_ML_PREDICTION_SCORES = 'ml.prediction.scores.' as const;

/** Explanation value of the feature named by the key. Example: `-0.12`. */
export const PREFIX_ML_ATTRIBUTIONS = 'ml.attributions.' as const;

/** Allow-listed slice of the population. Example: `"eu"`. */
export const PREFIX_ML_SEGMENTS = 'ml.segments.' as const;

/** What was true. Example: `"late"`. */
export const ATTR_ML_GROUND_TRUTH_LABEL = 'ml.ground_truth.label' as const;

/** What was true, as a number. Example: `14`. */
export const ATTR_ML_GROUND_TRUTH_VALUE = 'ml.ground_truth.value' as const;

/** Where the truth came from. Example: `"warehouse"`. */
export const ATTR_ML_GROUND_TRUTH_SOURCE = 'ml.ground_truth.source' as const;

/** Name of a rating or business outcome. Example: `"thumbs"`. */
export const ATTR_ML_FEEDBACK_NAME = 'ml.feedback.name' as const;

/** Value of that outcome. Example: `1`. */
export const ATTR_ML_FEEDBACK_VALUE = 'ml.feedback.value' as const;

/** Names of features whose value was null, NaN or infinite. Example: `["distance"]`. */
export const ATTR_ML_CAPTURE_MISSING = 'ml.capture.missing' as const;

/** Probability with which the values were captured, independent of trace sampling. Example: `0.1`. */
export const ATTR_ML_CAPTURE_PROBABILITY = 'ml.capture.probability' as const;

/** Names the column order of packed values. Example: `"5f3a"`. */
export const ATTR_ML_CAPTURE_SCHEMA_HASH = 'ml.capture.schema.hash' as const;

/** Names of the packed columns in order; with the first item of a schema, and then once a minute. Example: `["distance","hour"]`. */
export const ATTR_ML_CAPTURE_SCHEMA_NAMES = 'ml.capture.schema.names' as const;

/** Packed values, row after row in the order of the schema; null where missing. Example: `[1,2]`. */
export const ATTR_ML_CAPTURE_VALUES = 'ml.capture.values' as const;

/** Why a recorded inference carries no values: rate, budget, pressure (of a full export queue), shape, dtype, names, location, disposed, unreadable and so on; output_ before those of outputs. Example: `"shape"`. */
export const ATTR_ML_CAPTURE_SKIPPED_REASON = 'ml.capture.skipped.reason' as const;

/** Feature. Example: `"distance"`. */
export const ATTR_ML_FEATURE_NAME = 'ml.feature.name' as const;

/** ok, missing, type_error, out_of_bounds or unseen. Example: `"ok"`. */
export const ATTR_ML_FEATURE_STATUS = 'ml.feature.status' as const;

/** Team that answers for the feature. Example: `"data-platform"`. */
export const ATTR_ML_FEATURE_OWNER = 'ml.feature.owner' as const;

/** Where the feature comes from. Example: `"warehouse.flights"`. */
export const ATTR_ML_FEATURE_SOURCE = 'ml.feature.source' as const;

/** Sortable label of a bin, or the category. Example: `"03 [200, 310)"`. */
export const ATTR_ML_BIN = 'ml.bin' as const;

/** label, value, score, or the class. Example: `"score"`. */
export const ATTR_ML_OUTPUT_NAME = 'ml.output.name' as const;

/** reference or current. Example: `"current"`. */
export const ATTR_ML_WINDOW = 'ml.window' as const;

/** key=value of a segment; absent for the whole. Example: `"region=eu"`. */
export const ATTR_ML_SEGMENT = 'ml.segment' as const;

/** data_drift, prediction_drift, data_quality, attribution_drift or performance. Example: `"data_drift"`. */
export const ATTR_ML_SIGNAL = 'ml.signal' as const;

/** psi, jensen_shannon, wasserstein, kolmogorov_smirnov, chi_square, cramers_v, chebyshev, hellinger and so on. Example: `"psi"`. */
export const ATTR_ML_DRIFT_METRIC = 'ml.drift.metric' as const;

/** above or below: on which side of the threshold trouble lies. Example: `"above"`. */
export const ATTR_ML_BAD_SIDE = 'ml.bad_side' as const;

/** lower or upper end of an interval. Example: `"lower"`. */
export const ATTR_ML_BOUND_SIDE = 'ml.bound.side' as const;

/** warning or critical. Example: `"warning"`. */
export const ATTR_ML_LEVEL = 'ml.level' as const;

/** The same for all that is told of one alarm, from when it was raised until it was cleared. Example: `"8f14e45fceea167a"`. */
export const ATTR_ML_ALARM_ID = 'ml.alarm.id' as const;

/** raised, escalated, deescalated, cleared or ended. Example: `"raised"`. */
export const ATTR_ML_ALARM_TRANSITION = 'ml.alarm.transition' as const;

/** One sentence for a person. Example: `"late-flights 1: data drift critical: distance PSI 0.31 (critical from 0.25)"`. */
export const ATTR_ML_ALARM_SUMMARY = 'ml.alarm.summary' as const;

/** End of the window in which it was raised, ISO 8601. Example: `"2026-03-01T02:05:00.000Z"`. */
export const ATTR_ML_ALARM_START_TIME = 'ml.alarm.start_time' as const;

/** Features, outputs or metrics that are beyond their threshold, worst first; at most ten. Example: `["distance"]`. */
export const ATTR_ML_ALARM_SUBJECTS = 'ml.alarm.subjects' as const;

/** How many there are. Example: `1`. */
export const ATTR_ML_ALARM_SUBJECT_COUNT = 'ml.alarm.subject_count' as const;

/** Score of the first subject. Example: `0.31`. */
export const ATTR_ML_ALARM_SCORE = 'ml.alarm.score' as const;

/** What its score would be from sampling alone. Example: `0.003`. */
export const ATTR_ML_ALARM_NOISE = 'ml.alarm.noise' as const;

/** Threshold of the alarm's level for it. Example: `0.25`. */
export const ATTR_ML_ALARM_THRESHOLD = 'ml.alarm.threshold' as const;

/** Effective rows of the window that the score is of. Example: `3300`. */
export const ATTR_ML_ALARM_ROWS = 'ml.alarm.rows' as const;

/** What to look at, and what to do. Example: `"https://example.org/runbooks/data_drift"`. */
export const ATTR_ML_ALARM_RUNBOOK_URL = 'ml.alarm.runbook_url' as const;

/** Data-quality or contract rule. Example: `"missing"`. */
export const ATTR_ML_RULE_NAME = 'ml.rule.name' as const;

/** Name of the reference: training, recent and so on. Example: `"training"`. */
export const ATTR_ML_REFERENCE_NAME = 'ml.reference.name' as const;

/** Content hash of the reference. Example: `"sha256:ab12"`. */
export const ATTR_ML_REFERENCE_ID = 'ml.reference.id' as const;

/** auroc, accuracy, mae and so on. Example: `"auroc"`. */
export const ATTR_ML_PERFORMANCE_METRIC = 'ml.performance.metric' as const;

/** measured or estimated. Example: `"measured"`. */
export const ATTR_ML_PERFORMANCE_SOURCE = 'ml.performance.source' as const;

/** Detector of change: adwin, page_hinkley, cusum or ddm. Example: `"adwin"`. */
export const ATTR_ML_DETECTOR_NAME = 'ml.detector.name' as const;

/** Class that was true. Example: `"late"`. */
export const ATTR_ML_ACTUAL = 'ml.actual' as const;

/** Class that was predicted. Example: `"late"`. */
export const ATTR_ML_PREDICTED = 'ml.predicted' as const;

/** What became of it. Example: `"matched"`. */
export const ATTR_ML_OUTCOME = 'ml.outcome' as const;

/** Quantile between 0 and 1. Example: `"0.5"`. */
export const ATTR_ML_QUANTILE = 'ml.quantile' as const;

/** Training or batch pipeline. Example: `"retrain"`. */
export const ATTR_ML_PIPELINE_NAME = 'ml.pipeline.name' as const;

/** Step of a pipeline. Example: `"fit"`. */
export const ATTR_ML_PIPELINE_STEP = 'ml.pipeline.step' as const;

/** ok or error. Example: `"ok"`. */
export const ATTR_ML_PIPELINE_RUN_STATUS = 'ml.pipeline.run.status' as const;

/** When the run was to start, ISO 8601. Example: `"2026-03-01T02:00:00.000Z"`. */
export const ATTR_ML_PIPELINE_RUN_SCHEDULED_TIME = 'ml.pipeline.run.scheduled_time' as const;

/** When it started, ISO 8601. Example: `"2026-03-01T02:00:03.000Z"`. */
export const ATTR_ML_PIPELINE_RUN_START_TIME = 'ml.pipeline.run.start_time' as const;

/** When it ended, ISO 8601. Example: `"2026-03-01T02:41:17.000Z"`. */
export const ATTR_ML_PIPELINE_RUN_END_TIME = 'ml.pipeline.run.end_time' as const;

/** Rows that the run read or wrote. Example: `120000`. */
export const ATTR_ML_PIPELINE_RUN_ROWS = 'ml.pipeline.run.rows' as const;

/** What the run cost, in the currency that the team uses. Example: `3.2`. */
export const ATTR_ML_PIPELINE_RUN_COST = 'ml.pipeline.run.cost' as const;

/** Version of the data that the run used. Example: `"2026-02-28"`. */
export const ATTR_ML_PIPELINE_DATA_VERSION = 'ml.pipeline.data.version' as const;

/** Final metric of a training run, named by the key. Example: `0.71`. */
export const PREFIX_ML_PIPELINE_METRICS = 'ml.pipeline.metrics.' as const;

/** What became of an observation: counted, duplicate, late, rejected, quarantined or lost; of exported points: exported, failed or not_finite; of what a service queued: sent or dropped. Example: `"counted"`. */
export const ATTR_LEEWAY_OUTCOME = 'leeway.outcome' as const;

/** What was exported: metrics, traces or logs. Example: `"metrics"`. */
export const ATTR_LEEWAY_SIGNAL = 'leeway.signal' as const;

/** Why. Example: `"no_reference"`. */
export const ATTR_LEEWAY_REASON = 'leeway.reason' as const;

/** The limit that overflowed. Example: `"models"`. */
export const ATTR_LEEWAY_CAP = 'leeway.cap' as const;

/** From the sender's resource; staging and production never merge. Example: `"production"`. */
export const ATTR_DEPLOYMENT_ENVIRONMENT_NAME = 'deployment.environment.name' as const;

/** Service. Example: `"scoring"`. */
export const ATTR_SERVICE_NAME = 'service.name' as const;

/** Version of the service. Example: `"0.1.0"`. */
export const ATTR_SERVICE_VERSION = 'service.version' as const;

/** One writer a series. Example: `"627cc493"`. */
export const ATTR_SERVICE_INSTANCE_ID = 'service.instance.id' as const;

/** Address of the remote server. Example: `"localhost"`. */
export const ATTR_SERVER_ADDRESS = 'server.address' as const;

/** Port of the remote server. Example: `8080`. */
export const ATTR_SERVER_PORT = 'server.port' as const;

/** Class of the error. Example: `"TypeError"`. */
export const ATTR_ERROR_TYPE = 'error.type' as const;

/** Event name where an exporter has no field for it. Example: `"ml.prediction"`. */
export const ATTR_EVENT_NAME = 'event.name' as const;

/** Path of a request. Example: `"/v1/traces"`. */
export const ATTR_URL_PATH = 'url.path' as const;

/** Status of a response. Example: `200`. */
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code' as const;
