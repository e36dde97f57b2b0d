/** Configuration and references as they are on disk now. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compilePolicy, policyFor, policyNotes, type ReferenceEntry, windowSettings } from '@leeway/engine';
import { formatProblem, loadConfig } from './config/load.ts';
import { nearest } from './config/nearest.ts';
import type { Config } from './config/schema.ts';
import { loadProfile, loadReferences } from './reference-files.ts';
import { SidecarError } from './sidecar-error.ts';

export interface Source {
  readonly config: Config;
  readonly references: readonly ReferenceEntry[];
  /** Everything that was read: to be watched. */
  readonly files: readonly string[];
}

export interface SourceOptions {
  readonly configFile?: string;
  readonly referenceFiles?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @throws SidecarError with every problem that was found */
export function readSource({ configFile, referenceFiles = [], env }: SourceOptions): Source {
  const file = configFile ?? 'defaults';
  const loaded = loadConfig(configFile === undefined ? '' : readConfig(configFile), file, env);
  if (!loaded.ok) throw new SidecarError(loaded.problems.map(formatProblem));
  const fromConfig = loadReferences(loaded.config, configFile ?? '.');
  const problems = fromConfig.ok ? [] : [...fromConfig.problems];
  const references: ReferenceEntry[] = fromConfig.ok ? [...fromConfig.references] : [];
  for (const path of referenceFiles) {
    const profile = loadProfile(resolve(path));
    if (typeof profile === 'string') problems.push(profile);
    else references.push({ model: profile.model.name, version: 'inherit', file: resolve(path), profile });
  }
  problems.push(...unknownColumns(loaded.config, references, file));
  if (problems.length > 0) throw new SidecarError(problems);
  const files = [...(configFile === undefined ? [] : [resolve(configFile)]), ...references.map((entry) => entry.file)];
  return { config: loaded.config, references, files: [...new Set(files)] };
}

/** Overrides of columns that no reference has would do nothing, silently. */
function unknownColumns({ alarms }: Config, references: readonly ReferenceEntry[], file: string): string[] {
  if (references.length === 0) return [];
  const known = new Set(
    references.flatMap(({ profile }) => [...profile.features, ...profile.outputs].map(({ name }) => name)),
  );
  return Object.keys(alarms.columns)
    .filter((name) => !known.has(name))
    .map((name) => {
      const meant = nearest(name, [...known]);
      const hint = meant === undefined ? `there are ${[...known].slice(0, 20).join(', ')}` : `did you mean ${meant}?`;
      return `${file}: alarms.columns.${name}: no reference has this column; ${hint}`;
    });
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

/** Problems of a configuration and the references that it names; none when it is right. */
export function checkConfig(configFile: string, env: SourceOptions['env']): readonly string[] {
  try {
    readSource({ configFile, env });
    return [];
  } catch (error) {
    if (error instanceof SidecarError) return error.problems;
    throw error;
  }
}
