/**
 * Which reference applies to a version: an exact entry, else a pattern, else `inherit`. Within a kind the entry for
 * the environment comes before the one for all, and the later one in the configuration before the earlier.
 */
import type { ReferenceProfile } from './profile.ts';

export interface ReferenceEntry {
  readonly model: string;
  /** Exact, a pattern with `*`, or `inherit`. */
  readonly version: string;
  readonly environment?: string;
  /** Where it was read from, empty when it came from code. */
  readonly file: string;
  readonly profile: ReferenceProfile;
  /** `key=value` names of the slices whose performance is kept apart. Default none. */
  readonly segments?: readonly string[];
}

export interface ModelKey {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
}

export function matchReference(entries: readonly ReferenceEntry[], key: ModelKey): ReferenceEntry | undefined {
  let best: ReferenceEntry | undefined;
  let bestRank = 0;
  for (const entry of entries) {
    const rank = rankOf(entry, key);
    if (rank > 0 && rank >= bestRank) {
      best = entry;
      bestRank = rank;
    }
  }
  return best;
}

/**
 * The same, for many look-ups: only the entries of the model are looked at, and of those that name a version only its
 * own. Names that were made up by a sender cost a look into two maps, whatever the configuration holds.
 */
export class ReferenceIndex {
  readonly #ofModel = new Map<string, { exact: Map<string, ReferenceEntry[]>; open: ReferenceEntry[] }>();

  constructor(entries: readonly ReferenceEntry[]) {
    for (const entry of entries) {
      const known = this.#ofModel.get(entry.model) ?? { exact: new Map<string, ReferenceEntry[]>(), open: [] };
      this.#ofModel.set(entry.model, known);
      if (!isExact(entry)) known.open.push(entry);
      else known.exact.set(entry.version, [...(known.exact.get(entry.version) ?? []), entry]);
    }
  }

  match(key: ModelKey): ReferenceEntry | undefined {
    const ofModel = this.#ofModel.get(key.model);
    if (ofModel === undefined) return undefined;
    return matchReference(ofModel.exact.get(key.version) ?? [], key) ?? matchReference(ofModel.open, key);
  }
}

export function isExact({ version }: ReferenceEntry): boolean {
  return version !== 'inherit' && !version.includes('*');
}

/** 0 when the entry does not apply. */
function rankOf(entry: ReferenceEntry, key: ModelKey): number {
  if (entry.model !== key.model) return 0;
  if (entry.environment !== undefined && entry.environment !== key.environment) return 0;
  const own = entry.environment === undefined ? 0 : 1;
  if (entry.version === 'inherit') return 1 + own;
  if (entry.version.includes('*')) return matches(entry.version, key.version) ? 3 + own : 0;
  return entry.version === key.version ? 5 + own : 0;
}

/** `*` stands for any characters. Linear in the version's length for each star: no regular expression from outside. */
function matches(pattern: string, version: string): boolean {
  const parts = pattern.split('*');
  const [head] = parts;
  const tail = parts[parts.length - 1];
  if (!version.startsWith(head) || !version.endsWith(tail) || version.length < head.length + tail.length) return false;
  let at = head.length;
  const end = version.length - tail.length;
  for (const part of parts.slice(1, -1)) {
    const found = version.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
