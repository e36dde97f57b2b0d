/** Reads a profile from JSON that anybody may have written. */
import type { ReferenceProfile } from './profile.ts';
import { profileShape } from './profile-shape.ts';
import { profileId, type Sha256Hex } from './seal-profile.ts';
import { type JsonSchema, type Problem, Problems } from './shape.ts';

export type ParsedProfile =
  | { readonly ok: true; readonly profile: ReferenceProfile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks every part and every condition between parts, and copies what it checked. Never throws; reports at most 20
 * problems, each with a JSON Pointer. With `sha256`, also that the id is the content's.
 */
export function parseProfile(value: unknown, { sha256 }: { readonly sha256?: Sha256Hex } = {}): ParsedProfile {
  const problems = new Problems();
  const profile = profileShape.read(value, '', problems);
  if (profile === undefined || problems.list.length > 0) return { ok: false, problems: problems.list };
  if (sha256 !== undefined) {
    const id = profileId(profile, sha256);
    if (id !== profile.id) {
      const message = `is not the hash of the content, which is ${id}: the file was changed after it was made`;
      return { ok: false, problems: [{ path: '/id', message }] };
    }
  }
  return { ok: true, profile };
}

/** JSON Schema (draft 2020-12) of a profile, from the same declaration; conditions between parts are not in it. */
export function profileJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Leeway reference profile',
    ...profileShape.schema,
  };
}
