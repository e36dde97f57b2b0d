/**
 * Which part an attribute plays, by its key. A feature may be called anything, `name`, `status` or `__proto__`: the
 * namespaces that hold user-chosen keys hold nothing else.
 */
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_EVENT_NAME,
  ATTR_ML_CAPTURE_MISSING,
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_EVENT_TIME,
  ATTR_ML_GROUND_TRUTH_LABEL,
  ATTR_ML_GROUND_TRUTH_VALUE,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_INFERENCE_ROW,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  PREFIX_ML_FEATURE,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
} from '@leeway/semconv';

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
} as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

export interface KeyRole {
  readonly role: Role;
  /** Name of the feature or output, without its prefix. */
  readonly name: string;
}

const NO_ROLE: KeyRole = { role: ROLE.none, name: '' };

const EXACT: ReadonlyMap<string, KeyRole> = new Map<string, KeyRole>([
  [ATTR_DEPLOYMENT_ENVIRONMENT_NAME, { role: ROLE.environment, name: '' }],
  [ATTR_ML_MODEL_NAME, { role: ROLE.model, name: '' }],
  [ATTR_ML_MODEL_VERSION, { role: ROLE.version, name: '' }],
  [ATTR_ML_INFERENCE_ID, { role: ROLE.inferenceId, name: '' }],
  [ATTR_ML_INFERENCE_ROW, { role: ROLE.row, name: '' }],
  [ATTR_ML_EVENT_TIME, { role: ROLE.eventTime, name: '' }],
  [ATTR_ML_CAPTURE_PROBABILITY, { role: ROLE.probability, name: '' }],
  [ATTR_ML_CAPTURE_MISSING, { role: ROLE.missing, name: '' }],
  [ATTR_EVENT_NAME, { role: ROLE.eventName, name: '' }],
  [ATTR_ML_GROUND_TRUTH_LABEL, { role: ROLE.groundTruth, name: '' }],
  [ATTR_ML_GROUND_TRUTH_VALUE, { role: ROLE.groundTruth, name: '' }],
  [ATTR_ML_PREDICTION_LABEL, { role: ROLE.output, name: 'label' }],
  [ATTR_ML_PREDICTION_VALUE, { role: ROLE.output, name: 'value' }],
  [ATTR_ML_PREDICTION_SCORE, { role: ROLE.output, name: 'score' }],
]);

/** Tried in this order: the longer prefix of two that both fit comes first. */
const PREFIXES: readonly (readonly [string, Role])[] = [
  [PREFIX_ML_FEATURES, ROLE.feature],
  [PREFIX_ML_FEATURE, ROLE.feature],
  [PREFIX_ML_PREDICTION_SCORES, ROLE.output],
];

/** Telemetry that exists under other names: attribute key → the name that Leeway knows it by. */
export type KeyMapping = ReadonlyMap<string, string>;

export function roleOf(key: string, mapping?: KeyMapping): KeyRole {
  const name = mapping?.get(key) ?? key;
  const exact = EXACT.get(name);
  if (exact !== undefined) return exact;
  for (const [prefix, role] of PREFIXES) {
    if (name.startsWith(prefix) && name.length > prefix.length) return { role, name: name.slice(prefix.length) };
  }
  return NO_ROLE;
}

/**
 * Whether an attribute of this key makes its item an observation. The scanner counts by it: an item has as many
 * observations as the longest array among such attributes has elements, 1 when none is an array.
 */
export function isObservationKey(key: string, mapping?: KeyMapping): boolean {
  const { role } = roleOf(key, mapping);
  return role === ROLE.feature || role === ROLE.output;
}
