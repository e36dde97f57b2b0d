/** Reads the reference profiles that a configuration names, and says what is wrong with those that cannot be used. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { profileFromText, type ReferenceEntry, type ReferenceProfile } from '@leeway/engine';
import type { Config } from './config/schema.ts';

export type LoadedReferences =
  | { readonly ok: true; readonly references: readonly ReferenceEntry[] }
  | { readonly ok: false; readonly problems: readonly ReferenceProblem[] };

export interface ReferenceProblem {
  /** Which of the configuration's references, from 0. */
  readonly index: number;
  readonly message: string;
}

const FILE_BYTES_MAX = 256 * 2 ** 20;

/** @param configFile what the files' paths are relative to */
export function loadReferences(config: Config, configFile: string): LoadedReferences {
  const references: ReferenceEntry[] = [];
  const problems: ReferenceProblem[] = [];
  for (const [index, { model, version, environment, file }] of config.references.entries()) {
    const path = resolve(dirname(configFile), file);
    const read = loadProfile(path);
    if (typeof read === 'string') problems.push({ index, message: read });
    else if (read.model.name !== model) {
      const message = `${path}: is a reference of the model ${JSON.stringify(read.model.name)}, not of ${JSON.stringify(model)}: name that model, or make one with leeway profile --model`;
      problems.push({ index, message });
    } else
      references.push({
        model,
        version,
        file: path,
        profile: read,
        ...(environment === undefined ? {} : { environment }),
      });
  }
  return problems.length === 0 ? { ok: true, references } : { ok: false, problems };
}

/** The profile, or what is wrong with the file and how to fix it. */
export function loadProfile(path: string): ReferenceProfile | string {
  let text: string;
  try {
    if (statSync(path).size > FILE_BYTES_MAX)
      return `${path}: is larger than ${FILE_BYTES_MAX} bytes: it is no reference profile`;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    return `${path}: ${why}: make a reference with leeway profile`;
  }
  if (/\.(csv|tsv|jsonl|ndjson|parquet)$/i.test(path))
    return `${path}: is a table, not a reference: make a reference with leeway profile ${basename(path)} --model NAME -o reference.json`;
  return profileFromText(text, path, (content) => createHash('sha256').update(content).digest('hex'));
}
