/** Everything that other packages may use of the engine; nothing else is public. */
export { columnJudgements, type Judgement, performanceJudgements } from './alarm/judgement.ts';
export {
  ALARM_TRANSITIONS,
  type AlarmChange,
  type AlarmsSnapshot,
  type AlarmTransition,
  ModelAlarms,
} from './alarm/model-alarms.ts';
export { chebyshev, chebyshevCdf } from './compare/chebyshev.ts';
export { chiSquareTwoSample } from './compare/chi-square.ts';
export { cramersV } from './compare/cramers-v.ts';
export { hellinger } from './compare/hellinger.ts';
export { jensenShannonDistance } from './compare/jensen-shannon.ts';
export { kolmogorovSmirnov } from './compare/kolmogorov-smirnov.ts';
export { kullbackLeibler } from './compare/kullback-leibler.ts';
export { type PooledCells, poolCells } from './compare/pool-cells.ts';
export { psi } from './compare/psi.ts';
export { totalVariation } from './compare/total-variation.ts';
export { wassersteinBinned } from './compare/wasserstein.ts';
export { CELL, type Column, type ColumnBatch, type TextDictionary } from './observe/column-batch.ts';
export { numberOfText, spellsMissing } from './observe/text-number.ts';
export { exactAuroc } from './performance/auroc.ts';
export { exactAveragePrecision } from './performance/average-precision.ts';
export { calibrationOf } from './performance/calibration.ts';
export { type ClassificationLayout, classificationLayout } from './performance/classification-layout.ts';
export { addClassified, emptyOutcomes, mergeOutcomes } from './performance/classification-outcomes.ts';
export { classificationScores } from './performance/classification-scores.ts';
export { type ErrorStream, NO_ERRORS } from './performance/error-stream.ts';
export { addExpected } from './performance/expected-outcomes.ts';
export type { CalibrationMap } from './performance/isotonic.ts';
export { jackknifeError } from './performance/jackknife.ts';
export type { LabelledOutcome, PredictionColumns, Truth } from './performance/labelled-outcome.ts';
export { expectedLoss, fitLossModel, type LossModel } from './performance/loss-model.ts';
export {
  type OutcomeCounts,
  OutcomePanes,
  type OutcomePanesOptions,
  SEGMENTS_MAX,
} from './performance/outcome-panes.ts';
export { ESTIMABLE_METRICS, isPerformanceMetric, TASK_METRICS } from './performance/performance-figures.ts';
export { type PerformanceLayout, performanceLayout } from './performance/performance-layout.ts';
export {
  PERFORMANCE_METRICS,
  type PerformanceMetric,
  type PerformanceScore,
} from './performance/performance-metric.ts';
export { mergePerformancePanes, type OutcomeSums, type PerformancePane } from './performance/performance-pane.ts';
export { addRegressed, regressionLayout, regressionScores } from './performance/regression-outcomes.ts';
export { RESIDUAL_SHARES } from './performance/residual-quantiles.ts';
export {
  type ClassifiedChunk,
  classificationReference,
  type RegressedChunk,
  type Rows,
  regressionReference,
} from './reference/build-performance.ts';
export { type BuildProgress, buildProfile, type ProfileDraft, type ProfileInput } from './reference/build-profile.ts';
export { calendarFeature, calendarReason, spanText } from './reference/calendar.ts';
export { canonicalJson } from './reference/canonical-json.ts';
export type { ColumnInput, ColumnSource, ColumnVisitor } from './reference/column-source.ts';
export { PROFILE_LIMITS } from './reference/limits.ts';
export { type MergedProfile, mergeProfiles } from './reference/merge-profiles.ts';
export { type ParsedProfile, parseProfile, profileJsonSchema } from './reference/parse-profile.ts';
export {
  type BandSlots,
  type BlockBand,
  type CalendarFeature,
  type CategoricalReference,
  COLUMN_ROLES,
  COLUMN_TYPES,
  type ColumnReference,
  type ColumnRole,
  type ColumnType,
  type DatasetDescription,
  type ImportanceReference,
  type ModelDescription,
  type NoiseTable,
  type NumericReference,
  type PerformanceReference,
  PROFILE_SCHEMA_VERSIONS,
  type ReferenceProfile,
  type TimeDescription,
} from './reference/profile.ts';
export { profileFromText, profileFromValue } from './reference/profile-text.ts';
export {
  isExact,
  type ModelKey,
  matchReference,
  type ReferenceEntry,
  ReferenceIndex,
} from './reference/reference-match.ts';
export { profileId, type Sha256Hex, sealProfile } from './reference/seal-profile.ts';
export type { JsonSchema, Problem } from './reference/shape.ts';
export { windowAdvice } from './reference/window-advice.ts';
export { CUSUM_RUN_LENGTH } from './signal/change-watch.ts';
export { closedThrough } from './signal/closed-through.ts';
export { confidenceFactor } from './signal/confidence-sequence.ts';
export { parseDuration } from './signal/duration.ts';
export { evaluate, evaluateUnreferenced } from './signal/evaluate.ts';
export {
  COLUMN_SIGNALS,
  type ColumnEvaluation,
  type ColumnSignal,
  DRIFT_METRICS,
  type DriftMetric,
  type DriftScore,
  type Evaluation,
  QUALITY_RULES,
  QUANTILE_SHARES,
  type QualityEvaluation,
  type QualityRule,
  REASONS,
  type Reason,
  SIGNALS,
  type Signal,
  type SignalEvaluation,
  STATUS,
  type Status,
} from './signal/evaluation.ts';
export { Monitor, type MonitorSnapshot } from './signal/monitor.ts';
export {
  type ColumnSettings,
  defaultPolicy,
  MONITOR_DEFAULTS,
  type MonitorSettings,
  milliseconds,
  policyFor,
  type WindowSettings,
  windowProblem,
  windowSettings,
} from './signal/monitor-settings.ts';
export { noiseFloor } from './signal/noise-floor.ts';
export {
  type BadSide,
  type ConceptEvaluation,
  DETECTORS,
  type Detector,
  type DetectorEvaluation,
  type GapEvaluation,
  type MeasuredMetric,
  type MetricEvaluation,
  type PerformanceEvaluation,
  type SegmentEvaluation,
} from './signal/performance-evaluation.ts';
export { PerformanceMonitor, type PerformanceMonitorOptions } from './signal/performance-monitor.ts';
export {
  type CompiledMetric,
  type CompiledPerformancePolicy,
  compilePerformancePolicy,
  PERFORMANCE_MARGINS,
  type PerformancePolicy,
  type PerformancePolicyFault,
  type PerformanceTask,
  performancePolicyFault,
  performanceTask,
  targetRange,
} from './signal/performance-policy.ts';
export {
  type ModelPerformanceSettings,
  type PerformanceSettings,
  performancePolicyFor,
  performancePolicyFrom,
} from './signal/performance-settings.ts';
export {
  type ColumnPolicy,
  type CompiledColumnPolicy,
  type CompiledPolicy,
  compilePolicy,
  DEFAULT_MARGINS,
  DEFAULT_METRICS,
  type Margin,
  type Policy,
  REFERENCE_ROWS_MIN,
} from './signal/policy.ts';
export { policyNotes } from './signal/policy-notes.ts';
export { type BandPolicy, type BandReason, type ReferenceBand, referenceBand } from './signal/reference-band.ts';
export { HOST_DEFAULTS, type HostSettings, type ReadSettings, readHostSettings } from './signal/settings-shape.ts';
export { driftThreshold } from './signal/threshold.ts';
export {
  type CountedModel,
  ENDED_KEEP_MS,
  modelName,
  type SeriesReport,
  WatchedModel,
  WatchedModels,
  type WatchSettings,
} from './signal/watched-models.ts';
export { type PerformanceReport, performancePolicyOf, WatchedPerformance } from './signal/watched-performance.ts';
export { WindowRing, type WindowRingOptions, type WindowView } from './signal/window-ring.ts';
export { TOP_CATEGORY_COUNT_MAX } from './sketch/categories.ts';
export { cellCounts, cellLabels, OTHER_LABEL, referenceCellCounts, UNSEEN_LABEL } from './sketch/cells.ts';
export { type HashSeed, hashBytes, WordHash } from './sketch/keyed-hash.ts';
export { type ColumnLayout, compileLayout, type PaneLayout } from './sketch/layout.ts';
export { observe } from './sketch/observe.ts';
export {
  type ColumnCounts,
  clearPane,
  columnCounts,
  createPane,
  mergePane,
  type NumericCounts,
  type PaneCounts,
  paneCounts,
} from './sketch/pane.ts';
export { type DecodedPane, decodePane, encodePane, PANE_FAULTS, type PaneFault } from './sketch/pane-codec.ts';
export type { IndexedPane, PaneListFault } from './sketch/pane-list-codec.ts';
export {
  type AppendCounts,
  type ClosedPane,
  type ClosedPanes,
  LATENESS_MS,
  PANES_PER_WINDOW,
  PaneSet,
  type PaneSetOptions,
  SKEW_MS,
  WINDOW_MS,
} from './sketch/pane-set.ts';
export { decodeParts, encodeParts, type SnapshotKind, type SnapshotParts } from './sketch/snapshot-parts.ts';
