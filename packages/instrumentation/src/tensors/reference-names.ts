/** The names in a reference profile, and nothing else of it. */
import { readFileSync } from 'node:fs';

export interface ReferenceNames {
  readonly features: readonly string[];
  readonly classes: readonly string[];
}

/** Outputs of these names are no classes. */
const OUTPUTS = ['label', 'value', 'score'];

/** Undefined when there is no such file, or it is no profile. @param path LEEWAY_REFERENCE */
export function referenceNames(path: string | undefined): ReferenceNames | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    const profile: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const { features, outputs } = profile as { features: { name: unknown }[]; outputs?: { name: unknown }[] };
    return {
      features: features.map(({ name }) => String(name)),
      classes: (outputs ?? []).map(({ name }) => String(name)).filter((name) => !OUTPUTS.includes(name)),
    };
  } catch {
    return undefined;
  }
}
