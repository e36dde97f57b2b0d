/** Reads the reference profiles that a configuration names, and says what is wrong with those that cannot be used. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { profileFromText, type ReferenceEntry, type ReferenceProfile } from '@leeway/engine';
import type { Config } from './config/schema.ts';

export type LoadedReferences =
  | { readonly ok: true; readonly references: readonly ReferenceEntry[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const FILE_BYTES_MAX = 256 * 2 ** 20;

/** @param configFile what the files' paths are relative to */
export function loadReferences(config: Config, configFile: string): LoadedReferences {
  const references: ReferenceEntry[] = [];
  const problems: string[] = [];
  for (const { model, version, environment, file } of config.references) {
    const path = resolve(dirname(configFile), file);
    const read = loadProfile(path);
    if (typeof read === 'string') problems.push(read);
    else if (read.model.name !== model) {
      problems.push(
        `${path}: is a reference of the model ${JSON.stringify(read.model.name)}, not of ${JSON.stringify(model)}: name that model, or make one with leeway profile --model`,
      );
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
  return profileFromText(text, path, (content) => createHash('sha256').update(content).digest('hex'));
}
