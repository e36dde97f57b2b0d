/**
 * Telemetry that exists under other names: which of its attributes are what, which log records are predictions, and what
 * stands for a model name that nobody sent.
 *
 * A rule with a `*` maps a whole namespace: `model.input.*` to `ml.features.*`. Rules for one key go before those for a
 * namespace, longer namespaces before shorter ones, own rules before those of presets.
 */
import { FOREIGN_NAMES } from '@leeway/semconv';
import { BENTO_SCOPE } from './bento-records.ts';

export const MAPPING_PRESETS = ['bentoml', 'ml', 'model', 'openinference', 'gen_ai'] as const;
export type MappingPreset = (typeof MAPPING_PRESETS)[number];

/** On unless a configuration says otherwise: what they read is called so by nobody else. */
export const DEFAULT_PRESETS: readonly MappingPreset[] = ['bentoml', 'ml'];

export interface MappingRules {
  readonly presets: readonly MappingPreset[];
  /** Attribute key, or a prefix and `*` → Leeway name, or its prefix and `*`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of log events that are predictions. */
  readonly events: readonly string[];
  /** Instrumentation scopes whose log records are predictions with their values in the body. */
  readonly scopes: readonly string[];
  readonly defaults: Partial<IdentityDefaults>;
}

/** Taken where neither the item nor its resource says; '' for none. */
export interface IdentityDefaults {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
}

/** Survives structured cloning: every worker has its own. */
export interface KeyMapping {
  readonly names: ReadonlyMap<string, string>;
  /** Both without their `*`; the longest first. */
  readonly prefixes: readonly (readonly [string, string])[];
  readonly events: ReadonlySet<string>;
  readonly scopes: readonly string[];
  readonly defaults: IdentityDefaults;
}

export const NO_RULES: MappingRules = { presets: [], attributes: {}, events: [], scopes: [], defaults: {} };

/** Rules that were checked, ready to be asked. */
export function keyMapping({ presets, attributes, events, scopes, defaults }: MappingRules): KeyMapping {
  const names = new Map<string, string>();
  const prefixes = new Map<string, string>();
  const add = (rules: Readonly<Record<string, string>>) => {
    for (const [from, to] of Object.entries(rules)) {
      if (from.endsWith('*')) prefixes.set(from.slice(0, -1), to.slice(0, -1));
      else names.set(from, to);
    }
  };
  for (const preset of presets) if (preset !== 'bentoml') add(FOREIGN_NAMES[preset]);
  add(attributes);
  return {
    names,
    prefixes: [...prefixes].sort(([a], [b]) => b.length - a.length),
    events: new Set(events),
    scopes: [...(presets.includes('bentoml') ? [BENTO_SCOPE] : []), ...scopes],
    defaults: { environment: '', model: '', version: '', ...defaults },
  };
}

/** The Leeway name of a key, undefined when no rule fits. */
export function mappedName(key: string, { names, prefixes }: KeyMapping): string | undefined {
  const exact = names.get(key);
  if (exact !== undefined) return exact;
  for (const [from, to] of prefixes) {
    if (key.startsWith(from) && key.length > from.length) return to + key.slice(from.length);
  }
  return undefined;
}
