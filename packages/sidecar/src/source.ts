/** Configuration and references as they are on disk now. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compilePolicy, policyFor, policyNotes, type ReferenceEntry, windowSettings } from '@leeway/engine';
import { otlpProblems } from '@leeway/exporter/environment';
import { exportsOtlp } from './config/export-signals.ts';
import { type ConfigProblem, formatProblem, type Locate, loadConfig } from './config/load.ts';
import { nearest } from './config/nearest.ts';
import type { Config } from './config/schema.ts';
import { bindProblems, readSecrets, type Secrets } from './listeners.ts';
import { performanceProblems } from './performance-problems.ts';
import { loadProfile, loadReferences } from './reference-files.ts';
import { SidecarError } from './sidecar-error.ts';

export interface Source {
  readonly config: Config;
  readonly references: readonly ReferenceEntry[];
  readonly secrets: Secrets;
  /** Everything that was read: to be watched. */
  readonly files: readonly string[];
  /** What is probably a mistake, and does not keep the sidecar from working. */
  readonly warnings: readonly string[];
}

export interface SourceOptions {
  readonly configFile?: string;
  readonly referenceFiles?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The one place that judges what the user gave: `leeway validate` asks it, and so do start and reload.
 *
 * @throws SidecarError with every problem that was found
 */
export function readSource({ configFile, referenceFiles = [], env }: SourceOptions): Source {
  const file = configFile ?? 'defaults';
  const loaded = loadConfig(configFile === undefined ? '' : readConfig(configFile), file, env);
  if (!loaded.ok) throw new SidecarError(loaded.problems.map(formatProblem));
  const { config, locate } = loaded;
  const { secrets, problems: secretProblems } = readSecrets(config, configFile ?? '.', locate);
  const problems: ConfigProblem[] = [...bindProblems(config, locate), ...secretProblems];
  const fromConfig = loadReferences(config, configFile ?? '.');
  if (!fromConfig.ok) {
    for (const { index, message } of fromConfig.problems) problems.push(locate(['references', index, 'file'], message));
  }
  const references: ReferenceEntry[] = fromConfig.ok ? [...fromConfig.references] : [];
  const texts: string[] = [];
  for (const path of referenceFiles) {
    const profile = loadProfile(resolve(path));
    if (typeof profile === 'string') texts.push(profile);
    else references.push({ model: profile.model.name, version: 'inherit', file: resolve(path), profile });
  }
  if (fromConfig.ok && texts.length === 0) problems.push(...columnProblems(config, references, locate));
  if (fromConfig.ok && texts.length === 0) problems.push(...performanceProblems(config, references, locate));
  problems.push(...environmentProblems(config, env));
  const all = [...problems.map(formatProblem), ...texts];
  if (all.length > 0) throw new SidecarError([...new Set(all)]);
  const files = [...(configFile === undefined ? [] : [resolve(configFile)]), ...secrets.files];
  for (const { file: path } of references) files.push(path);
  const warnings = loaded.warnings.map(formatProblem);
  return { config, references, secrets, files: [...new Set(files)], warnings };
}

/** Overrides of columns that no reference has would do nothing, silently; others may not fit what they override. */
function columnProblems(config: Config, references: readonly ReferenceEntry[], locate: Locate): ConfigProblem[] {
  if (references.length === 0) return [];
  const names = references.flatMap(({ profile }) => [...profile.features, ...profile.outputs].map(({ name }) => name));
  const known = new Set(names);
  const unknown = Object.keys(config.alarms.columns)
    .filter((name) => !known.has(name))
    .map((name) => {
      const meant = nearest(name, [...known]);
      const hint = meant === undefined ? `there are ${[...known].slice(0, 20).join(', ')}` : `did you mean ${meant}?`;
      return locate(['alarms', 'columns', name], `no reference has this column; ${hint}`);
    });
  if (unknown.length > 0) return unknown;
  const window = windowSettings(config);
  return references.flatMap(({ profile }) => {
    try {
      compilePolicy(profile, policyFor(config, profile), window);
      return [];
    } catch (error) {
      return [locate(['alarms'], error instanceof Error ? error.message : String(error))];
    }
  });
}

function environmentProblems(config: Config, env: SourceOptions['env']): ConfigProblem[] {
  const signals = (['METRICS', 'TRACES', 'LOGS'] as const).filter((signal) => exportsOtlp(config, env, signal));
  return signals.flatMap((signal) => otlpProblems(env, signal)).map((message) => ({ file: 'environment', message }));
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new SidecarError([`${path}: ${why}: give an existing file, or start with leeway sidecar --reference FILE`]);
  }
}

/** What is right but may not be what was meant, one sentence each: references whose blocks do not fit the window. */
export function sourceNotes({ config, references }: Source): readonly string[] {
  const window = windowSettings(config);
  return references.flatMap(({ file, profile }) => {
    try {
      return policyNotes(profile, compilePolicy(profile, policyFor(config, profile), window)).map(
        (note) => `${file}: ${note}`,
      );
    } catch {
      // A policy that does not fit its reference is reported as an error elsewhere.
      return [];
    }
  });
}

/** Notes on a configuration that has no problems. */
export function configNotes(configFile: string, env: SourceOptions['env']): readonly string[] {
  return sourceNotes(readSource({ configFile, env }));
}

/** What is wrong with a configuration and with what it names, and what is probably wrong; nothing when it is right. */
export function checkConfig(
  configFile: string,
  env: SourceOptions['env'],
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  try {
    return { problems: [], warnings: readSource({ configFile, env }).warnings };
  } catch (error) {
    if (error instanceof SidecarError) return { problems: error.problems, warnings: [] };
    throw error;
  }
}
