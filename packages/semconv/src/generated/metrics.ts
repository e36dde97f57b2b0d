// Generated from packages/semconv/model by `npm run generate`. Do not edit.

/** Duration of one inference. (histogram, s, by service) */
export const METRIC_ML_INFERENCE_DURATION = 'ml.inference.duration' as const;

/** Rows scored. (counter, {row}, by service) */
export const METRIC_ML_INFERENCE_ROWS = 'ml.inference.rows' as const;

/** Rows per request, of requests of other than one row. (histogram, {row}, by service) */
export const METRIC_ML_INFERENCE_BATCH_SIZE = 'ml.inference.batch.size' as const;

/** Inferences under way. (updowncounter, {request}, by service) */
export const METRIC_ML_INFERENCE_ACTIVE = 'ml.inference.active' as const;

/** Time waited before the model ran. (histogram, s, by service) */
export const METRIC_ML_INFERENCE_QUEUE_DURATION = 'ml.inference.queue.duration' as const;

/** CPU time of inferences. (counter, s, by service) */
export const METRIC_ML_INFERENCE_CPU_TIME = 'ml.inference.cpu.time' as const;

/** Predictions answered from a cache. (counter, {hit}, by service) */
export const METRIC_ML_INFERENCE_CACHE_HITS = 'ml.inference.cache.hits' as const;

/** Cost of inferences. (counter, {currency}, by service) */
export const METRIC_ML_INFERENCE_COST = 'ml.inference.cost' as const;

/** Time to load a model. (histogram, s, by service) */
export const METRIC_ML_MODEL_LOAD_DURATION = 'ml.model.load.duration' as const;

/** Predictions by label. (counter, {prediction}, by service) */
export const METRIC_ML_PREDICTIONS = 'ml.predictions' as const;

/** Rows whose values were not captured, by reason. (counter, {row}, by service) */
export const METRIC_ML_CAPTURE_SKIPPED = 'ml.capture.skipped' as const;

/** Values seen, by status. (counter, {value}, by engine) */
export const METRIC_ML_FEATURE_VALUES = 'ml.feature.values' as const;

/** Weighted values by reference bin, not cumulative over bins: the mergeable state. (counter, {value}, by engine) */
export const METRIC_ML_FEATURE_OBSERVATIONS = 'ml.feature.observations' as const;

/** Weighted outputs by reference bin: the mergeable state. (counter, {value}, by engine) */
export const METRIC_ML_PREDICTION_OBSERVATIONS = 'ml.prediction.observations' as const;

/** The reference's own count in the bin. (gauge, {value}, by engine) */
export const METRIC_ML_REFERENCE_OBSERVATIONS = 'ml.reference.observations' as const;

/** Sum of squared weights, for the effective n of merged counters. (counter, {value}, by engine) */
export const METRIC_ML_FEATURE_SQUARED_WEIGHTS = 'ml.feature.squared_weights' as const;

/** Sum of squared weights, for the effective n of merged counters. (counter, {value}, by engine) */
export const METRIC_ML_PREDICTION_SQUARED_WEIGHTS = 'ml.prediction.squared_weights' as const;

/** Always 1; owner and source of a feature. (gauge, no unit, by engine) */
export const METRIC_ML_FEATURE_INFO = 'ml.feature.info' as const;

/** When the reference was made, Unix time. (gauge, s, by engine) */
export const METRIC_ML_REFERENCE_CREATED_TIME = 'ml.reference.created.time' as const;

/** Always 1; which reference applies. (gauge, no unit, by engine) */
export const METRIC_ML_REFERENCE_INFO = 'ml.reference.info' as const;

/** Quantile of a numeric feature. (gauge, no unit, by engine) */
export const METRIC_ML_FEATURE_QUANTILE = 'ml.feature.quantile' as const;

/** Distance of the window from the reference. (gauge, {score}, by engine) */
export const METRIC_ML_DRIFT_SCORE = 'ml.drift.score' as const;

/** What the score would be from sampling noise alone. (gauge, {score}, by engine) */
export const METRIC_ML_DRIFT_NOISE = 'ml.drift.noise' as const;

/** Score from which on the level is reached. (gauge, {score}, by engine) */
export const METRIC_ML_DRIFT_THRESHOLD = 'ml.drift.threshold' as const;

/** 95 % interval of the true distance; off by default. (gauge, {score}, by engine) */
export const METRIC_ML_DRIFT_BOUND = 'ml.drift.bound' as const;

/** Calibrated status with hysteresis, the values of ml.monitor.status. (gauge, {state}, by engine) */
export const METRIC_ML_DRIFT_STATUS = 'ml.drift.status' as const;

/** Effective n and N of the score. (gauge, {row}, by engine) */
export const METRIC_ML_DRIFT_ROWS = 'ml.drift.rows' as const;

/** Features or outputs at the level or above. (gauge, {feature}, by engine) */
export const METRIC_ML_DRIFT_FEATURES = 'ml.drift.features' as const;

/** Share of rows that violate the rule. (gauge, 1, by engine) */
export const METRIC_ML_DATA_QUALITY_VIOLATION_RATIO = 'ml.data_quality.violation.ratio' as const;

/** Share from which on the level is reached. (gauge, 1, by engine) */
export const METRIC_ML_DATA_QUALITY_THRESHOLD_RATIO = 'ml.data_quality.threshold.ratio' as const;

/** Mean absolute attribution. (gauge, {score}, by engine) */
export const METRIC_ML_FEATURE_ATTRIBUTION = 'ml.feature.attribution' as const;

/** Performance of the model. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_SCORE = 'ml.performance.score' as const;

/** The reference's own performance. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_REFERENCE = 'ml.performance.reference' as const;

/** Interval of the performance. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_BOUND = 'ml.performance.bound' as const;

/** Target from the configuration. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_TARGET = 'ml.performance.target' as const;

/** Performance from which it is certain that the level's limit is passed. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_THRESHOLD = 'ml.performance.threshold' as const;

/** Standard error of the performance. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_NOISE = 'ml.performance.noise' as const;

/** Status of one metric, the values of ml.monitor.status. (gauge, {state}, by engine) */
export const METRIC_ML_PERFORMANCE_STATUS = 'ml.performance.status' as const;

/** Effective rows with a label (measured), and predictions (estimated), of the window. (gauge, {row}, by engine) */
export const METRIC_ML_PERFORMANCE_ROWS = 'ml.performance.rows' as const;

/** Quantiles of prediction less truth, of a model that predicts a number. (gauge, {score}, by engine) */
export const METRIC_ML_PERFORMANCE_RESIDUAL = 'ml.performance.residual' as const;

/** Measured less estimated performance, of the same rows. (gauge, {score}, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_GAP = 'ml.concept_drift.gap' as const;

/** Standard error of the gap. (gauge, {score}, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_NOISE = 'ml.concept_drift.noise' as const;

/** Gap from which on the level is reached. (gauge, {score}, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_THRESHOLD = 'ml.concept_drift.threshold' as const;

/** Worst gap, the values of ml.monitor.status. (gauge, {state}, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_STATUS = 'ml.concept_drift.status' as const;

/** Changes that a detector has found in the errors. (counter, {change}, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_CHANGES = 'ml.concept_drift.changes' as const;

/** When the label arrived at which a detector found its last change. (gauge, s, by engine) */
export const METRIC_ML_CONCEPT_DRIFT_LAST_CHANGE_TIME = 'ml.concept_drift.last_change.time' as const;

/** Predictions by actual and predicted class. (counter, {prediction}, by engine) */
export const METRIC_ML_PERFORMANCE_OUTCOMES = 'ml.performance.outcomes' as const;

/** Labels by outcome. (counter, {label}, by engine) */
export const METRIC_ML_GROUND_TRUTHS = 'ml.ground_truths' as const;

/** Time from prediction to label. (histogram, s, by engine) */
export const METRIC_ML_GROUND_TRUTH_DELAY = 'ml.ground_truth.delay' as const;

/** Share of the predictions of a window that have a label, of those whose label is due. (gauge, 1, by engine) */
export const METRIC_ML_GROUND_TRUTH_COVERAGE_RATIO = 'ml.ground_truth.coverage.ratio' as const;

/** Always 1; owner, task, runtime and tier of a model. (gauge, no unit, by engine) */
export const METRIC_ML_MODEL_INFO = 'ml.model.info' as const;

/** 0 no data, 1 insufficient data, 2 stale, 3 schema mismatch, 4 ok, 5 warning, 6 critical. (gauge, {state}, by engine) */
export const METRIC_ML_MONITOR_STATUS = 'ml.monitor.status' as const;

/** When the signal was last evaluated, Unix time. (gauge, s, by engine) */
export const METRIC_ML_MONITOR_LAST_EVALUATION_TIME = 'ml.monitor.last_evaluation.time' as const;

/** Time between evaluations. (gauge, s, by engine) */
export const METRIC_ML_MONITOR_EVALUATION_INTERVAL = 'ml.monitor.evaluation.interval' as const;

/** Time an evaluation took. (histogram, s, by engine) */
export const METRIC_ML_MONITOR_EVALUATION_DURATION = 'ml.monitor.evaluation.duration' as const;

/** Rows in the window. (gauge, {row}, by engine) */
export const METRIC_ML_MONITOR_WINDOW_ROWS = 'ml.monitor.window.rows' as const;

/** Pipeline steps that ended. (counter, {run}, by helper) */
export const METRIC_ML_PIPELINE_RUNS = 'ml.pipeline.runs' as const;

/** Duration of a pipeline step. (histogram, s, by helper) */
export const METRIC_ML_PIPELINE_RUN_DURATION = 'ml.pipeline.run.duration' as const;

/** Time from schedule to start. (histogram, s, by helper) */
export const METRIC_ML_PIPELINE_SCHEDULE_DELAY = 'ml.pipeline.schedule.delay' as const;

/** Cost of pipelines. (counter, {currency}, by helper) */
export const METRIC_ML_PIPELINE_COST = 'ml.pipeline.cost' as const;

/** When the next run is due, Unix time. (gauge, s, by helper) */
export const METRIC_ML_PIPELINE_NEXT_RUN_TIME = 'ml.pipeline.next_run.time' as const;

/** Budget of a pipeline. (gauge, {currency}, by helper) */
export const METRIC_ML_PIPELINE_BUDGET = 'ml.pipeline.budget' as const;

/** What alerts were worth. (counter, {alert}, by engine) */
export const METRIC_ML_ALERT_OUTCOMES = 'ml.alert.outcomes' as const;

/** Observations seen by the scanner. (counter, {observation}, by leeway) */
export const METRIC_LEEWAY_OBSERVATIONS_RECEIVED = 'leeway.observations.received' as const;

/** Observations by outcome: counted, duplicate, late, rejected, quarantined, lost. (counter, {observation}, by leeway) */
export const METRIC_LEEWAY_OBSERVATIONS_PROCESSED = 'leeway.observations.processed' as const;

/** Accepted and not yet processed: they wait in a batch. (gauge, {observation}, by leeway) */
export const METRIC_LEEWAY_OBSERVATIONS_IN_FLIGHT = 'leeway.observations.in_flight' as const;

/** Observations whose weight lacks a sampling probability, because the sender stated none or an invalid one. (counter, {observation}, by leeway) */
export const METRIC_LEEWAY_OBSERVATIONS_UNWEIGHTED = 'leeway.observations.unweighted' as const;

/** Values that count nowhere, by reason: of features that the model's reference does not have. (counter, {value}, by leeway) */
export const METRIC_LEEWAY_VALUES_IGNORED = 'leeway.values.ignored' as const;

/** Acknowledged observations that died with a worker: not yet booked, or counted and in a pane still open. (counter, {observation}, by leeway) */
export const METRIC_LEEWAY_OBSERVATIONS_LOST = 'leeway.observations.lost' as const;

/** Models that send observations and have no reference. (gauge, {model}, by leeway) */
export const METRIC_LEEWAY_MODELS_UNREFERENCED = 'leeway.models.unreferenced' as const;

/** Spans and log records that left the service's export queue: sent, or dropped and why. (counter, {item}, by service) */
export const METRIC_LEEWAY_EXPORT_ITEMS = 'leeway.export.items' as const;

/** The rows with values that those items carried. (counter, {observation}, by service) */
export const METRIC_LEEWAY_EXPORT_OBSERVATIONS = 'leeway.export.observations' as const;

/** Spans and log records that carry no observation, by reason. (counter, {item}, by leeway) */
export const METRIC_LEEWAY_ITEMS_IGNORED = 'leeway.items.ignored' as const;

/** Requests answered. (counter, {request}, by leeway) */
export const METRIC_LEEWAY_RECEIVER_REQUESTS = 'leeway.receiver.requests' as const;

/** Bytes of request bodies, before decompression. (counter, By, by leeway) */
export const METRIC_LEEWAY_RECEIVER_BYTES = 'leeway.receiver.bytes' as const;

/** Bytes of request bodies being processed. (gauge, By, by leeway) */
export const METRIC_LEEWAY_RECEIVER_IN_FLIGHT = 'leeway.receiver.in_flight' as const;

/** How long the oldest request that is being processed has waited. (gauge, s, by leeway) */
export const METRIC_LEEWAY_QUEUE_AGE = 'leeway.queue.age' as const;

/** What the requests that are being processed are estimated to inflate to. (gauge, By, by leeway) */
export const METRIC_LEEWAY_QUEUE_SIZE = 'leeway.queue.size' as const;

/** Things left out because a limit was reached. (counter, {item}, by leeway) */
export const METRIC_LEEWAY_CARDINALITY_OVERFLOW = 'leeway.cardinality.overflow' as const;

/** How far back a duplicate would be recognised: what came before the start is not known, nor what came before a worker's crash. (gauge, s, by leeway) */
export const METRIC_LEEWAY_DEDUP_REACH = 'leeway.dedup.reach' as const;

/** Metric points by outcome: taken by the backend, not taken, left out because they were not finite. (counter, {point}, by leeway) */
export const METRIC_LEEWAY_EXPORT_POINTS = 'leeway.export.points' as const;

/** Exports that failed, by what was exported. (counter, {export}, by leeway) */
export const METRIC_LEEWAY_EXPORT_FAILURES = 'leeway.export.failures' as const;

/** Always 1; version of Leeway. (gauge, no unit, by leeway) */
export const METRIC_LEEWAY_BUILD_INFO = 'leeway.build.info' as const;

/** Worker threads that died and were started anew. (counter, {restart}, by leeway) */
export const METRIC_LEEWAY_WORKER_RESTARTS = 'leeway.worker.restarts' as const;

/** Predictions that wait for their label. (gauge, {prediction}, by leeway) */
export const METRIC_LEEWAY_LABELS_PENDING = 'leeway.labels.pending' as const;

/** Labels that wait for their prediction. (gauge, {label}, by leeway) */
export const METRIC_LEEWAY_LABELS_WAITING = 'leeway.labels.waiting' as const;

/** Predictions and labels that were let go or not taken in: expired, evicted, evicted_label, dropped. (counter, {item}, by leeway) */
export const METRIC_LEEWAY_LABELS_LOST = 'leeway.labels.lost' as const;

/** Alarms that were raised, escalated, deescalated and cleared, by signal. (counter, {transition}, by leeway) */
export const METRIC_LEEWAY_ALARMS = 'leeway.alarms' as const;

/** Messages to webhooks: delivered, refused, expired, overflow. (counter, {delivery}, by leeway) */
export const METRIC_LEEWAY_WEBHOOK_DELIVERIES = 'leeway.webhook.deliveries' as const;

/** Every metric: its instrument, UCUM unit, emitter, description and possible attributes. */
export const METRICS = {
  'ml.inference.duration': { instrument: 'histogram', unit: 's', emitter: 'service', description: "Duration of one inference.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name', 'error.type', 'ml.deployment.role', 'ml.system.name', 'server.address', 'server.port'] },
  'ml.inference.rows': { instrument: 'counter', unit: '{row}', emitter: 'service', description: "Rows scored.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name', 'ml.deployment.role', 'ml.system.name', 'server.address', 'server.port'] },
  'ml.inference.batch.size': { instrument: 'histogram', unit: '{row}', emitter: 'service', description: "Rows per request, of requests of other than one row.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name', 'ml.deployment.role', 'ml.system.name', 'server.address', 'server.port'] },
  'ml.inference.active': { instrument: 'updowncounter', unit: '{request}', emitter: 'service', description: "Inferences under way.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name'] },
  'ml.inference.queue.duration': { instrument: 'histogram', unit: 's', emitter: 'service', description: "Time waited before the model ran.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name'] },
  'ml.inference.cpu.time': { instrument: 'counter', unit: 's', emitter: 'service', description: "CPU time of inferences.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name'] },
  'ml.inference.cache.hits': { instrument: 'counter', unit: '{hit}', emitter: 'service', description: "Predictions answered from a cache.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name'] },
  'ml.inference.cost': { instrument: 'counter', unit: '{currency}', emitter: 'service', description: "Cost of inferences.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.operation.name'] },
  'ml.model.load.duration': { instrument: 'histogram', unit: 's', emitter: 'service', description: "Time to load a model.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.runtime.name', 'error.type'] },
  'ml.predictions': { instrument: 'counter', unit: '{prediction}', emitter: 'service', description: "Predictions by label.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.prediction.label', 'ml.deployment.role'] },
  'ml.capture.skipped': { instrument: 'counter', unit: '{row}', emitter: 'service', description: "Rows whose values were not captured, by reason.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'leeway.reason'] },
  'ml.feature.values': { instrument: 'counter', unit: '{value}', emitter: 'engine', description: "Values seen, by status.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.feature.status', 'ml.reference.name', 'ml.reference.id'] },
  'ml.feature.observations': { instrument: 'counter', unit: '{value}', emitter: 'engine', description: "Weighted values by reference bin, not cumulative over bins: the mergeable state.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.bin', 'ml.reference.name', 'ml.reference.id'] },
  'ml.prediction.observations': { instrument: 'counter', unit: '{value}', emitter: 'engine', description: "Weighted outputs by reference bin: the mergeable state.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.output.name', 'ml.bin', 'ml.reference.name', 'ml.reference.id'] },
  'ml.reference.observations': { instrument: 'gauge', unit: '{value}', emitter: 'engine', description: "The reference's own count in the bin.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.output.name', 'ml.bin', 'ml.reference.name', 'ml.reference.id'] },
  'ml.feature.squared_weights': { instrument: 'counter', unit: '{value}', emitter: 'engine', description: "Sum of squared weights, for the effective n of merged counters.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.prediction.squared_weights': { instrument: 'counter', unit: '{value}', emitter: 'engine', description: "Sum of squared weights, for the effective n of merged counters.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.feature.info': { instrument: 'gauge', unit: '', emitter: 'engine', description: "Always 1; owner and source of a feature.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.feature.owner', 'ml.feature.source', 'ml.reference.name', 'ml.reference.id'] },
  'ml.reference.created.time': { instrument: 'gauge', unit: 's', emitter: 'engine', description: "When the reference was made, Unix time.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.reference.info': { instrument: 'gauge', unit: '', emitter: 'engine', description: "Always 1; which reference applies.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.feature.quantile': { instrument: 'gauge', unit: '', emitter: 'engine', description: "Quantile of a numeric feature.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.window', 'ml.quantile', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.score': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Distance of the window from the reference.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.drift.metric', 'ml.bad_side', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.noise': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "What the score would be from sampling noise alone.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.drift.metric', 'ml.bad_side', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.threshold': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Score from which on the level is reached.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.drift.metric', 'ml.bad_side', 'ml.level', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.bound': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "95 % interval of the true distance; off by default.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.drift.metric', 'ml.bound.side', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.status': { instrument: 'gauge', unit: '{state}', emitter: 'engine', description: "Calibrated status with hysteresis, the values of ml.monitor.status.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.rows': { instrument: 'gauge', unit: '{row}', emitter: 'engine', description: "Effective n and N of the score.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.window', 'ml.feature.name', 'ml.output.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.drift.features': { instrument: 'gauge', unit: '{feature}', emitter: 'engine', description: "Features or outputs at the level or above.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.level', 'ml.reference.name', 'ml.reference.id'] },
  'ml.data_quality.violation.ratio': { instrument: 'gauge', unit: '1', emitter: 'engine', description: "Share of rows that violate the rule.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.output.name', 'ml.rule.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.data_quality.threshold.ratio': { instrument: 'gauge', unit: '1', emitter: 'engine', description: "Share from which on the level is reached.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.output.name', 'ml.rule.name', 'ml.level', 'ml.reference.name', 'ml.reference.id'] },
  'ml.feature.attribution': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Mean absolute attribution.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.feature.name', 'ml.window', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.score': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Performance of the model.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.performance.source', 'ml.bad_side', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.reference': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "The reference's own performance.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.bad_side', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.bound': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Interval of the performance.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.performance.source', 'ml.bound.side', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.target': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Target from the configuration.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.bad_side', 'ml.level', 'ml.segment'] },
  'ml.performance.threshold': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Performance from which it is certain that the level's limit is passed.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.bad_side', 'ml.level', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.noise': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Standard error of the performance.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.performance.source', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.status': { instrument: 'gauge', unit: '{state}', emitter: 'engine', description: "Status of one metric, the values of ml.monitor.status.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.rows': { instrument: 'gauge', unit: '{row}', emitter: 'engine', description: "Effective rows with a label (measured), and predictions (estimated), of the window.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.source', 'ml.segment', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.residual': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Quantiles of prediction less truth, of a model that predicts a number.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.window', 'ml.quantile', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.gap': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Measured less estimated performance, of the same rows.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.bad_side', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.noise': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Standard error of the gap.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.threshold': { instrument: 'gauge', unit: '{score}', emitter: 'engine', description: "Gap from which on the level is reached.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.performance.metric', 'ml.bad_side', 'ml.level', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.status': { instrument: 'gauge', unit: '{state}', emitter: 'engine', description: "Worst gap, the values of ml.monitor.status.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.changes': { instrument: 'counter', unit: '{change}', emitter: 'engine', description: "Changes that a detector has found in the errors.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.detector.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.concept_drift.last_change.time': { instrument: 'gauge', unit: 's', emitter: 'engine', description: "When the label arrived at which a detector found its last change.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.detector.name', 'ml.reference.name', 'ml.reference.id'] },
  'ml.performance.outcomes': { instrument: 'counter', unit: '{prediction}', emitter: 'engine', description: "Predictions by actual and predicted class.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.actual', 'ml.predicted'] },
  'ml.ground_truths': { instrument: 'counter', unit: '{label}', emitter: 'engine', description: "Labels by outcome.", attributes: ['ml.model.name', 'deployment.environment.name', 'ml.outcome'] },
  'ml.ground_truth.delay': { instrument: 'histogram', unit: 's', emitter: 'engine', description: "Time from prediction to label.", attributes: ['ml.model.name', 'deployment.environment.name'] },
  'ml.ground_truth.coverage.ratio': { instrument: 'gauge', unit: '1', emitter: 'engine', description: "Share of the predictions of a window that have a label, of those whose label is due.", attributes: ['ml.model.name', 'deployment.environment.name'] },
  'ml.model.info': { instrument: 'gauge', unit: '', emitter: 'engine', description: "Always 1; owner, task, runtime and tier of a model.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.model.owner', 'ml.model.task', 'ml.runtime.name', 'ml.model.tier'] },
  'ml.monitor.status': { instrument: 'gauge', unit: '{state}', emitter: 'engine', description: "0 no data, 1 insufficient data, 2 stale, 3 schema mismatch, 4 ok, 5 warning, 6 critical.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.reference.name', 'ml.reference.id'] },
  'ml.monitor.last_evaluation.time': { instrument: 'gauge', unit: 's', emitter: 'engine', description: "When the signal was last evaluated, Unix time.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.reference.name', 'ml.reference.id'] },
  'ml.monitor.evaluation.interval': { instrument: 'gauge', unit: 's', emitter: 'engine', description: "Time between evaluations.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.reference.name', 'ml.reference.id'] },
  'ml.monitor.evaluation.duration': { instrument: 'histogram', unit: 's', emitter: 'engine', description: "Time an evaluation took.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name'] },
  'ml.monitor.window.rows': { instrument: 'gauge', unit: '{row}', emitter: 'engine', description: "Rows in the window.", attributes: ['ml.model.name', 'ml.model.version', 'deployment.environment.name', 'ml.signal', 'ml.reference.name', 'ml.reference.id'] },
  'ml.pipeline.runs': { instrument: 'counter', unit: '{run}', emitter: 'helper', description: "Pipeline steps that ended.", attributes: ['ml.pipeline.name', 'ml.pipeline.step', 'error.type'] },
  'ml.pipeline.run.duration': { instrument: 'histogram', unit: 's', emitter: 'helper', description: "Duration of a pipeline step.", attributes: ['ml.pipeline.name', 'ml.pipeline.step', 'error.type'] },
  'ml.pipeline.schedule.delay': { instrument: 'histogram', unit: 's', emitter: 'helper', description: "Time from schedule to start.", attributes: ['ml.pipeline.name', 'ml.pipeline.step'] },
  'ml.pipeline.cost': { instrument: 'counter', unit: '{currency}', emitter: 'helper', description: "Cost of pipelines.", attributes: ['ml.pipeline.name', 'ml.pipeline.step'] },
  'ml.pipeline.next_run.time': { instrument: 'gauge', unit: 's', emitter: 'helper', description: "When the next run is due, Unix time.", attributes: ['ml.pipeline.name'] },
  'ml.pipeline.budget': { instrument: 'gauge', unit: '{currency}', emitter: 'helper', description: "Budget of a pipeline.", attributes: ['ml.pipeline.name'] },
  'ml.alert.outcomes': { instrument: 'counter', unit: '{alert}', emitter: 'engine', description: "What alerts were worth.", attributes: ['ml.model.name', 'deployment.environment.name', 'ml.outcome'] },
  'leeway.observations.received': { instrument: 'counter', unit: '{observation}', emitter: 'leeway', description: "Observations seen by the scanner.", attributes: [] },
  'leeway.observations.processed': { instrument: 'counter', unit: '{observation}', emitter: 'leeway', description: "Observations by outcome: counted, duplicate, late, rejected, quarantined, lost.", attributes: ['leeway.outcome', 'leeway.reason'] },
  'leeway.observations.in_flight': { instrument: 'gauge', unit: '{observation}', emitter: 'leeway', description: "Accepted and not yet processed: they wait in a batch.", attributes: [] },
  'leeway.observations.unweighted': { instrument: 'counter', unit: '{observation}', emitter: 'leeway', description: "Observations whose weight lacks a sampling probability, because the sender stated none or an invalid one.", attributes: ['leeway.reason'] },
  'leeway.values.ignored': { instrument: 'counter', unit: '{value}', emitter: 'leeway', description: "Values that count nowhere, by reason: of features that the model's reference does not have.", attributes: ['leeway.reason'] },
  'leeway.observations.lost': { instrument: 'counter', unit: '{observation}', emitter: 'leeway', description: "Acknowledged observations that died with a worker: not yet booked, or counted and in a pane still open.", attributes: ['leeway.reason'] },
  'leeway.models.unreferenced': { instrument: 'gauge', unit: '{model}', emitter: 'leeway', description: "Models that send observations and have no reference.", attributes: [] },
  'leeway.export.items': { instrument: 'counter', unit: '{item}', emitter: 'service', description: "Spans and log records that left the service's export queue: sent, or dropped and why.", attributes: ['leeway.outcome', 'leeway.reason'] },
  'leeway.export.observations': { instrument: 'counter', unit: '{observation}', emitter: 'service', description: "The rows with values that those items carried.", attributes: ['leeway.outcome', 'leeway.reason'] },
  'leeway.items.ignored': { instrument: 'counter', unit: '{item}', emitter: 'leeway', description: "Spans and log records that carry no observation, by reason.", attributes: ['leeway.reason'] },
  'leeway.receiver.requests': { instrument: 'counter', unit: '{request}', emitter: 'leeway', description: "Requests answered.", attributes: ['url.path', 'http.response.status_code'] },
  'leeway.receiver.bytes': { instrument: 'counter', unit: 'By', emitter: 'leeway', description: "Bytes of request bodies, before decompression.", attributes: ['url.path'] },
  'leeway.receiver.in_flight': { instrument: 'gauge', unit: 'By', emitter: 'leeway', description: "Bytes of request bodies being processed.", attributes: [] },
  'leeway.queue.age': { instrument: 'gauge', unit: 's', emitter: 'leeway', description: "How long the oldest request that is being processed has waited.", attributes: [] },
  'leeway.queue.size': { instrument: 'gauge', unit: 'By', emitter: 'leeway', description: "What the requests that are being processed are estimated to inflate to.", attributes: [] },
  'leeway.cardinality.overflow': { instrument: 'counter', unit: '{item}', emitter: 'leeway', description: "Things left out because a limit was reached.", attributes: ['leeway.cap'] },
  'leeway.dedup.reach': { instrument: 'gauge', unit: 's', emitter: 'leeway', description: "How far back a duplicate would be recognised: what came before the start is not known, nor what came before a worker's crash.", attributes: [] },
  'leeway.export.points': { instrument: 'counter', unit: '{point}', emitter: 'leeway', description: "Metric points by outcome: taken by the backend, not taken, left out because they were not finite.", attributes: ['leeway.outcome'] },
  'leeway.export.failures': { instrument: 'counter', unit: '{export}', emitter: 'leeway', description: "Exports that failed, by what was exported.", attributes: ['error.type', 'leeway.signal'] },
  'leeway.build.info': { instrument: 'gauge', unit: '', emitter: 'leeway', description: "Always 1; version of Leeway.", attributes: ['service.version'] },
  'leeway.worker.restarts': { instrument: 'counter', unit: '{restart}', emitter: 'leeway', description: "Worker threads that died and were started anew.", attributes: [] },
  'leeway.labels.pending': { instrument: 'gauge', unit: '{prediction}', emitter: 'leeway', description: "Predictions that wait for their label.", attributes: [] },
  'leeway.labels.waiting': { instrument: 'gauge', unit: '{label}', emitter: 'leeway', description: "Labels that wait for their prediction.", attributes: [] },
  'leeway.labels.lost': { instrument: 'counter', unit: '{item}', emitter: 'leeway', description: "Predictions and labels that were let go or not taken in: expired, evicted, evicted_label, dropped.", attributes: ['leeway.reason'] },
  'leeway.alarms': { instrument: 'counter', unit: '{transition}', emitter: 'leeway', description: "Alarms that were raised, escalated, deescalated and cleared, by signal.", attributes: ['ml.signal', 'ml.alarm.transition'] },
  'leeway.webhook.deliveries': { instrument: 'counter', unit: '{delivery}', emitter: 'leeway', description: "Messages to webhooks: delivered, refused, expired, overflow.", attributes: ['leeway.outcome'] },
} as const;

export type MetricName = keyof typeof METRICS;
