/** What senders send and no reference knows, as /healthz and the log show it: the first of each, by name. */
import type { ModelIgnoredFeatures, UnknownModel } from '@leeway/intake';

const MODELS_SHOWN = 20;
export const NAMES_SHOWN = 20;
export const NO_REFERENCE =
  'this model has no reference: it is counted, not compared; make one with leeway profile and list it under references';

export function schemaDetails(seen: {
  readonly unknownModels: readonly UnknownModel[];
  readonly ignoredFeatures: readonly ModelIgnoredFeatures[];
}): Record<string, unknown> {
  const { unknownModels, ignoredFeatures } = seen;
  const models = unknownModels
    .slice(0, MODELS_SHOWN)
    .map(({ environment, model, version, rowCount, featureNames }) => ({
      environment,
      model,
      version,
      rows: rowCount,
      features: featureNames.slice(0, NAMES_SHOWN),
    }));
  const count = unknownModels.length;
  return {
    ...(count === 0 ? {} : { models_without_reference: { count, fix: NO_REFERENCE, models } }),
    ...(ignoredFeatures.length === 0 ? {} : { features_not_in_reference: ignoredFeatures.slice(0, MODELS_SHOWN) }),
  };
}
