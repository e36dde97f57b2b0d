/** Telemetry that exists under other names: what a configuration says of it. */
import { DEFAULT_PRESETS, MAPPING_PRESETS, type MappingRules, mappingTargets } from '@leeway/intake';
import { z } from 'zod';
import { nearest } from './nearest.ts';

const RULES_MAX = 10_000;

const name = z.string().min(1).max(256);

export const mapping = z.strictObject({
  presets: z
    .array(z.enum(MAPPING_PRESETS))
    .describe(
      `Names that others use, built in: ${MAPPING_PRESETS.join(', ')}. A list of its own replaces the default one.`,
    )
    .default([...DEFAULT_PRESETS]),
  attributes: z
    .record(z.string(), z.string())
    .describe('Attribute key, or prefix.* → Leeway name, such as ml.features.*, ml.prediction.score, ml.model.name.')
    .superRefine((rules, context) => {
      const entries = Object.entries(rules);
      if (entries.length > RULES_MAX) context.addIssue({ code: 'custom', message: `at most ${RULES_MAX} rules` });
      for (const [from, to] of entries) {
        const message = ruleProblem(from, to);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [from], message });
      }
    })
    .default({}),
  events: z.array(name).max(100).describe('Names of log events that are predictions.').default([]),
  scopes: z
    .array(name)
    .max(100)
    .describe('Instrumentation scopes whose log records are predictions, their values body.<field> of the body.')
    .default([]),
  defaults: z
    .strictObject({
      model: name.describe('Model name where none is sent.').optional(),
      version: name.describe('Model version where none is sent.').optional(),
      environment: name.describe('Environment where none is sent.').optional(),
    })
    .prefault({}),
});

/** What a valid mapping says, as intake takes it. */
export function mappingRules({
  presets,
  attributes,
  events,
  scopes,
  defaults,
}: z.output<typeof mapping>): MappingRules {
  const { model, version, environment } = defaults;
  return {
    presets,
    attributes,
    events,
    scopes,
    defaults: {
      ...(model === undefined ? {} : { model }),
      ...(version === undefined ? {} : { version }),
      ...(environment === undefined ? {} : { environment }),
    },
  };
}

/** What is wrong with a rule, and the fix. */
function ruleProblem(from: string, to: string): string | undefined {
  const stars = (text: string) => text.split('*').length - 1;
  if (from === '' || from === '*') return 'name an attribute, or a prefix such as model.input.*';
  if (stars(from) > 1 || (stars(from) === 1 && !from.endsWith('*'))) return `${from}: a * stands at the end only`;
  const targets = mappingTargets();
  const prefixes = targets.filter((target) => target.endsWith('*')).map((target) => target.slice(0, -1));
  const isNamespace = prefixes.some((prefix) => to.startsWith(prefix) && to.length > prefix.length);
  if (!targets.includes(to) && !isNamespace) {
    const meant = nearest(to, targets);
    const hint = meant === undefined ? `known are ${targets.join(', ')}` : `did you mean ${meant}?`;
    return `${JSON.stringify(to)} is no name that Leeway reads; ${hint}`;
  }
  if (from.endsWith('*') !== to.endsWith('*'))
    return from.endsWith('*')
      ? `a prefix leads to a namespace: write ${to.replace(/[^.]*$/, '*')}, or name one attribute without *`
      : `one attribute leads to one name: write ${to.slice(0, -1)}${from}, or ${from}.* for all below it`;
  if (stars(to) > 1) return 'a * stands at the end only';
  return undefined;
}
