/** A profile's id is the hash of what it says: equal content, equal id, whenever and wherever it was made. */
import type { ProfileDraft } from './build-profile.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ReferenceProfile } from './profile.ts';

/** Lower-case hex SHA-256 of the text's UTF-8 bytes. Given from outside: the engine has no cryptography. */
export type Sha256Hex = (text: string) => string;

/** Gives a draft its id. The same draft gives the same id, whatever its `createdAt`. */
export function sealProfile(draft: ProfileDraft, sha256: Sha256Hex): ReferenceProfile {
  const id = profileId(draft, sha256);
  const { schemaVersion, ...rest } = draft;
  return { schemaVersion, id, ...rest };
}

/** `sha256:` and the hex digest of the RFC 8785 JSON without `id` and `createdAt`. */
export function profileId(profile: ProfileDraft & { readonly id?: string }, sha256: Sha256Hex): string {
  const { id: _id, createdAt: _createdAt, ...content } = profile;
  return `sha256:${sha256(canonicalJson(content))}`;
}
