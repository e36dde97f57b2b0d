export type { HashSeed } from '@leeway/engine';
export { type AttributeView, ITEM, type KeyDictionary, VALUE } from './attribute-view.ts';
export type { BuilderColumn } from './batch-builder.ts';
export { BODY_PREFIX } from './bento-records.ts';
export {
  addBooks,
  Books,
  type BooksEntry,
  type BooksSnapshot,
  CAPS,
  type Cap,
  IGNORED_REASONS,
  IGNORED_VALUE_REASONS,
  type IgnoredReason,
  type IgnoredValueReason,
  OUTCOME_REASONS,
  OUTCOMES,
  type Outcome,
  type OutcomeReason,
  UNWEIGHTED_REASONS,
  type UnweightedReason,
} from './books.ts';
export { Dedup, type DedupSlice, type DedupSnapshot, IDS_MAX, REACH_MS } from './dedup.ts';
export type { ModelIgnoredFeatures } from './ignored-features.ts';
export { Intake, type IntakeOptions, type IntakeSnapshot, type Taken } from './intake.ts';
export { BODY_EVENT, ItemRevision, type RevisableView } from './item-revision.ts';
export type { LabelWork, PredictionRows, TruthRows } from './label-rows.ts';
export {
  DEFAULT_PRESETS,
  type KeyMapping,
  keyMapping,
  MAPPING_PRESETS,
  type MappingPreset,
  type MappingRules,
  NO_RULES,
} from './mapping.ts';
export {
  type Closing,
  ModelPanes,
  type ModelPanesSettings,
  type PanesReport,
  type ReportOptions,
  type Restored,
} from './model-panes.ts';
export { MODEL_LIMITS, type ModelLimits, type References, type Standing, type Target } from './models.ts';
export { schemaHash } from './packed-schemas.ts';
export { isObservationKey, type KeyRole, mappingTargets, ownRoleOf, ROLE, type Role, roleOf } from './roles.ts';
export type { Identity, UnknownModel } from './unknown-models.ts';
