/** What happens to a version of a model between training and its end, as events: markers on every graph of it. */
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_DEPLOYMENT_ROLE,
  ATTR_ML_LIFECYCLE_ACTOR,
  ATTR_ML_LIFECYCLE_REASON,
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_PREVIOUS_VERSION,
  ATTR_ML_MODEL_VERSION,
  EVENT_ML_MODEL_APPROVED,
  EVENT_ML_MODEL_DEPLOYED,
  EVENT_ML_MODEL_PROMOTED,
  EVENT_ML_MODEL_RETIRED,
} from '@leeway/semconv';
import { isHardOff } from './capture-environment.ts';
import { emitEvent } from './events.ts';
import { harmless } from './harmless.ts';
import { gateValue } from './value-gate.ts';

export const MODEL_TRANSITIONS = ['approved', 'deployed', 'promoted', 'retired'] as const;
/** approved: somebody answers for it; deployed: it is in service; promoted: it is the champion; retired: it is not used any more. */
export type ModelTransition = (typeof MODEL_TRANSITIONS)[number];

const EVENT_NAMES = {
  approved: EVENT_ML_MODEL_APPROVED,
  deployed: EVENT_ML_MODEL_DEPLOYED,
  promoted: EVENT_ML_MODEL_PROMOTED,
  retired: EVENT_ML_MODEL_RETIRED,
} as const;

export interface ModelTransitionDetails {
  readonly model: {
    readonly name: string;
    readonly version: string;
    /** Digest of the model file, or its id in a registry. */
    readonly id?: string;
  };
  /** Who did it: a person, a team, a pipeline. */
  readonly by?: string;
  readonly reason?: string;
  /** The version that this one takes over from. */
  readonly previousVersion?: string;
  /** Where; default: the environment of the application's own resource. */
  readonly environment?: string;
  /** champion, challenger or shadow. */
  readonly role?: string;
}

/**
 * Records what happened to a version of a model: one event `ml.model.deployed` and so on. A no-op without an
 * OpenTelemetry log SDK; never throws. From a pipeline without code: `leeway model deployed`.
 *
 * @example recordModelTransition('promoted', { model: { name: 'fraud', version: '7' }, by: 'risk team', previousVersion: '6' });
 */
export function recordModelTransition(transition: ModelTransition, details: ModelTransitionDetails): void {
  const eventName = EVENT_NAMES[transition];
  if (eventName === undefined || isHardOff(process.env)) return;
  harmless('recordModelTransition', () => emitTransition(eventName, details));
}

function emitTransition(eventName: string, details: ModelTransitionDetails): void {
  const { model, by, reason, previousVersion, environment, role } = details;
  emitEvent(eventName, {
    [ATTR_ML_MODEL_NAME]: model.name,
    [ATTR_ML_MODEL_VERSION]: model.version,
    [ATTR_ML_MODEL_ID]: model.id,
    [ATTR_ML_MODEL_PREVIOUS_VERSION]: previousVersion,
    [ATTR_ML_LIFECYCLE_ACTOR]: gateValue(by, 'raw'),
    [ATTR_ML_LIFECYCLE_REASON]: gateValue(reason, 'raw'),
    [ATTR_ML_DEPLOYMENT_ROLE]: role,
    [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment,
  });
}
