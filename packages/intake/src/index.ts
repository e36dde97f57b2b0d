export { type AttributeView, ITEM, type KeyDictionary, VALUE } from './attribute-view.ts';
export type { BuilderColumn } from './batch-builder.ts';
export { BODY_PREFIX } from './bento-records.ts';
export {
  Books,
  type BooksSnapshot,
  CAPS,
  type Cap,
  IGNORED_REASONS,
  type IgnoredReason,
  OUTCOME_REASONS,
  OUTCOMES,
  type Outcome,
  type OutcomeReason,
} from './books.ts';
export { Dedup, IDS_MAX, REACH_MS } from './dedup.ts';
export { Intake, type IntakeOptions } from './intake.ts';
export { BODY_EVENT, ItemRevision, type RevisableView } from './item-revision.ts';
export {
  DEFAULT_PRESETS,
  type KeyMapping,
  keyMapping,
  MAPPING_PRESETS,
  type MappingPreset,
  type MappingRules,
  NO_RULES,
} from './mapping.ts';
export { type Closing, ModelPanes, type ModelPanesSettings, type PanesReport } from './model-panes.ts';
export { MODEL_LIMITS, type ModelLimits, type Resolve, type Target } from './models.ts';
export { schemaHash } from './packed-schemas.ts';
export { isObservationKey, type KeyRole, mappingTargets, ownRoleOf, ROLE, type Role, roleOf } from './roles.ts';
export type { Identity, UnknownModel } from './unknown-models.ts';
