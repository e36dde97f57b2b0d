/** References from files and from code, each checked whole before anything starts. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { profileFromText, profileFromValue, type ReferenceEntry, type ReferenceProfile } from '@leeway/engine';
import type { ReferenceSource } from './options.ts';

export interface ReadReferences {
  readonly references: readonly ReferenceEntry[];
  readonly problems: readonly string[];
}

const FILE_BYTES_MAX = 256 * 2 ** 20;
const REFERENCES_MAX = 10_000;
const ENTRY_KEYS = ['file', 'profile', 'version', 'environment'];

export function readReferences(given: ReferenceSource | readonly ReferenceSource[] | undefined): ReadReferences {
  const sources: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (sources.length > REFERENCES_MAX)
    return { references: [], problems: [`reference: has ${sources.length} items: expected at most ${REFERENCES_MAX}`] };
  const references: ReferenceEntry[] = [];
  const problems: string[] = [];
  sources.forEach((source, index) => {
    const place = Array.isArray(given) ? `reference.${index}` : 'reference';
    const read = readSource(source, place);
    if (typeof read === 'string') problems.push(read);
    else references.push(read);
  });
  return { references, problems };
}

/** The entry, or what is wrong with it and how to fix it. */
function readSource(source: unknown, place: string): ReferenceEntry | string {
  if (typeof source === 'string') return entryOf(readFile(source, place), {}, source);
  if (typeof source !== 'object' || source === null)
    return `${place}: expected a file, a profile, or an object with one of them, found ${source === null ? 'null' : typeof source}`;
  if (!('file' in source) && !('profile' in source)) return entryOf(profileFromValue(source, place, sha256), {}, '');
  const { file, profile, version, environment, ...rest } = source as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `${place}.${unknown}: unknown setting; known are ${ENTRY_KEYS.join(', ')}`;
  if ((file === undefined) === (profile === undefined)) return `${place}: give either file or profile`;
  if (version !== undefined && (typeof version !== 'string' || version === ''))
    return `${place}.version: expected an exact version, a pattern with *, or inherit`;
  if (environment !== undefined && typeof environment !== 'string')
    return `${place}.environment: expected the name of a deployment environment`;
  if (file !== undefined && typeof file !== 'string') return `${place}.file: expected a path, found ${typeof file}`;
  const read =
    file === undefined ? profileFromValue(profile, `${place}.profile`, sha256) : readFile(file, `${place}.file`);
  return entryOf(read, { version, environment }, file ?? '');
}

function entryOf(
  profile: ReferenceProfile | string,
  { version = 'inherit', environment }: { version?: string | undefined; environment?: string | undefined },
  file: string,
): ReferenceEntry | string {
  if (typeof profile === 'string') return profile;
  return { model: profile.model.name, version, file, profile, ...(environment === undefined ? {} : { environment }) };
}

function readFile(file: string, place: string): ReferenceProfile | string {
  const path = resolve(file);
  try {
    if (statSync(path).size > FILE_BYTES_MAX)
      return `${place}: ${path} is larger than ${FILE_BYTES_MAX} bytes: it is no reference profile`;
    return profileFromText(readFileSync(path, 'utf8'), `${place}: ${path}`, sha256);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    return `${place}: ${path} ${why}: make a reference with leeway profile`;
  }
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
