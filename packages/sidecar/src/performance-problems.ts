/** Settings of performance that fit no reference, or not the one of their model: they would do nothing, silently. */
import { compilePerformancePolicy, policyFor, type ReferenceEntry, windowSettings } from '@leeway/engine';
import type { ConfigProblem, Locate } from './config/load.ts';
import { nearest } from './config/nearest.ts';
import type { Config } from './config/schema.ts';

export function performanceProblems(
  config: Config,
  references: readonly ReferenceEntry[],
  locate: Locate,
): ConfigProblem[] {
  if (references.length === 0) return [];
  const window = windowSettings(config);
  const names = [...new Set(references.map(({ profile }) => profile.model.name))];
  const problems = Object.keys(config.performance.models).flatMap((name) => {
    const at = ['performance', 'models', name];
    const own = references.filter(({ profile }) => profile.model.name === name);
    if (own.length === 0) {
      const meant = nearest(name, names);
      return [
        locate(
          at,
          `no reference is of this model; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`,
        ),
      ];
    }
    if (own.some(({ profile }) => profile.performance !== undefined)) return [];
    return [locate(at, `${own[0].file} does not say how right the model was: make it with leeway profile --label`)];
  });
  const misfits = references.flatMap(({ profile }) => {
    try {
      compilePerformancePolicy(profile, policyFor(config, profile).performance ?? {}, window);
      return [];
    } catch (error) {
      const { name } = profile.model;
      const at = Object.hasOwn(config.performance.models, name) ? ['performance', 'models', name] : ['performance'];
      return [locate(at, (error instanceof Error ? error.message : String(error)).replace(/^performance\./, ''))];
    }
  });
  return [...problems, ...misfits];
}
