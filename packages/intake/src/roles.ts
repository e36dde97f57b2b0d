/**
 * Which part an attribute plays, by its key. A feature may be called anything, `name`, `status` or `__proto__`: the
 * namespaces that hold user-chosen keys hold nothing else.
 */
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_EVENT_NAME,
  ATTR_ML_CAPTURE_MISSING,
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_CAPTURE_SCHEMA_HASH,
  ATTR_ML_CAPTURE_SCHEMA_NAMES,
  ATTR_ML_CAPTURE_VALUES,
  ATTR_ML_EVENT_TIME,
  ATTR_ML_GROUND_TRUTH_LABEL,
  ATTR_ML_GROUND_TRUTH_VALUE,
  ATTR_ML_INFERENCE_BATCH_SIZE,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_INFERENCE_ROW,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  EVENT_ML_PREDICTION,
  PREFIX_ML_FEATURE,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
  PREFIX_ML_SEGMENTS,
} from '@leeway/semconv';
import { type KeyMapping, mappedName } from './mapping.ts';

export const ROLE = {
  none: 0,
  environment: 1,
  model: 2,
  version: 3,
  inferenceId: 4,
  row: 5,
  eventTime: 6,
  probability: 7,
  missing: 8,
  eventName: 9,
  groundTruth: 10,
  feature: 11,
  output: 12,
  packedValues: 13,
  schemaHash: 14,
  schemaNames: 15,
  /** Under another name: the own name goes before it. */
  mappedEnvironment: 16,
  mappedModel: 17,
  mappedVersion: 18,
  /** Rows that a batch has: counts packed values only. */
  batchSize: 19,
  groundTruthValue: 20,
  segment: 21,
} as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

export interface KeyRole {
  readonly role: Role;
  /** Name of the feature or output, without its prefix. */
  readonly name: string;
}

/** Name of an output that is the label, or the value where a reference has no label. */
export const LABEL_OR_VALUE = '';

const NO_ROLE: KeyRole = { role: ROLE.none, name: '' };

const EXACT: ReadonlyMap<string, KeyRole> = new Map<string, KeyRole>([
  [ATTR_DEPLOYMENT_ENVIRONMENT_NAME, { role: ROLE.environment, name: '' }],
  [ATTR_ML_MODEL_NAME, { role: ROLE.model, name: '' }],
  [ATTR_ML_MODEL_VERSION, { role: ROLE.version, name: '' }],
  [ATTR_ML_INFERENCE_ID, { role: ROLE.inferenceId, name: '' }],
  [ATTR_ML_INFERENCE_BATCH_SIZE, { role: ROLE.batchSize, name: '' }],
  [ATTR_ML_INFERENCE_ROW, { role: ROLE.row, name: '' }],
  [ATTR_ML_EVENT_TIME, { role: ROLE.eventTime, name: '' }],
  [ATTR_ML_CAPTURE_PROBABILITY, { role: ROLE.probability, name: '' }],
  [ATTR_ML_CAPTURE_MISSING, { role: ROLE.missing, name: '' }],
  [ATTR_ML_CAPTURE_VALUES, { role: ROLE.packedValues, name: '' }],
  [ATTR_ML_CAPTURE_SCHEMA_HASH, { role: ROLE.schemaHash, name: '' }],
  [ATTR_ML_CAPTURE_SCHEMA_NAMES, { role: ROLE.schemaNames, name: '' }],
  [ATTR_EVENT_NAME, { role: ROLE.eventName, name: '' }],
  [ATTR_ML_GROUND_TRUTH_LABEL, { role: ROLE.groundTruth, name: '' }],
  [ATTR_ML_GROUND_TRUTH_VALUE, { role: ROLE.groundTruthValue, name: '' }],
  [ATTR_ML_PREDICTION_LABEL, { role: ROLE.output, name: 'label' }],
  [ATTR_ML_PREDICTION_VALUE, { role: ROLE.output, name: 'value' }],
  [ATTR_ML_PREDICTION_SCORE, { role: ROLE.output, name: 'score' }],
]);

/** Tried in this order: the longer prefix of two that both fit comes first. */
const PREFIXES: readonly (readonly [string, Role])[] = [
  [PREFIX_ML_FEATURES, ROLE.feature],
  [PREFIX_ML_FEATURE, ROLE.feature],
  [PREFIX_ML_PREDICTION_SCORES, ROLE.output],
  [PREFIX_ML_SEGMENTS, ROLE.segment],
];

/** A mapped name gives way to the own one that stands beside it, where an item has only one of them. */
const MAPPED: Readonly<Partial<Record<Role, Role>>> = {
  [ROLE.environment]: ROLE.mappedEnvironment,
  [ROLE.model]: ROLE.mappedModel,
  [ROLE.version]: ROLE.mappedVersion,
};

export function roleOf(key: string, mapping?: KeyMapping): KeyRole {
  const mapped = mapping === undefined ? undefined : mappedName(key, mapping);
  if (mapped === undefined) return ownRoleOf(key);
  if (mapped === EVENT_ML_PREDICTION) return { role: ROLE.output, name: LABEL_OR_VALUE };
  const { role, name } = ownRoleOf(mapped);
  return { role: MAPPED[role] ?? role, name };
}

/** Names that a mapping may lead to; those with user-chosen keys end in `*`. */
export function mappingTargets(): string[] {
  return [...EXACT.keys(), EVENT_ML_PREDICTION, ...PREFIXES.map(([prefix]) => `${prefix}*`)];
}

export function ownRoleOf(name: string): KeyRole {
  const exact = EXACT.get(name);
  if (exact !== undefined) return exact;
  for (const [prefix, role] of PREFIXES) {
    if (name.startsWith(prefix) && name.length > prefix.length) return { role, name: name.slice(prefix.length) };
  }
  return NO_ROLE;
}

/**
 * Whether an attribute of this key makes its item an observation. The scanner counts by it: an item has as many
 * observations as the longest array among such attributes has elements, 1 when none is an array. Packed values are not
 * counted so: see ItemRevision.
 */
export function isObservationKey(key: string, mapping?: KeyMapping): boolean {
  const { role } = roleOf(key, mapping);
  return role === ROLE.feature || role === ROLE.output;
}
