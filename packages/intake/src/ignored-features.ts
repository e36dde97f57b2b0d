/** Features that a model sends and its reference does not have: how many values, and the first names. Bounded. */

import type { Identity } from './unknown-models.ts';

export interface ModelIgnoredFeatures extends Identity {
  /** At most IGNORED_NAMES_MAX, cut to NAME_LENGTH_MAX. */
  readonly featureNames: readonly string[];
}

/** Names that are kept; further ones are only counted. */
export const IGNORED_NAMES_MAX = 20;
/** Characters of a name that are kept. */
const NAME_LENGTH_MAX = 64;
/** A sender is told at most so often, so that its log stays readable. */
const REMARK_MS = 60_000;

export class IgnoredFeatures {
  /** Some came since this was set to false. */
  isFresh = false;
  #valueCount = 0;
  readonly #names = new Set<string>();
  #moreCount = 0;
  #remarkedMs = Number.NEGATIVE_INFINITY;

  get names(): readonly string[] {
    return [...this.#names];
  }

  count(valueCount: number): void {
    this.#valueCount += valueCount;
    this.isFresh = true;
  }

  /** Values since the last call. */
  takeValueCount(): number {
    const count = this.#valueCount;
    this.#valueCount = 0;
    return count;
  }

  note(name: string): void {
    const short = name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}…` : name;
    if (this.#names.has(short)) return;
    if (this.#names.size < IGNORED_NAMES_MAX) this.#names.add(short);
    else this.#moreCount++;
  }

  /** What the sender is told, if it is time to tell it again. */
  remark(model: string, nowMs: number): string | undefined {
    if (nowMs - this.#remarkedMs < REMARK_MS && nowMs >= this.#remarkedMs) return undefined;
    this.#remarkedMs = nowMs;
    const more = this.#moreCount > 0 ? ' and more' : '';
    return `Not in the reference of ${quoted(model)}, and ignored: ${this.names.map(quoted).join(', ')}${more}.`;
  }
}

/** In printable ASCII, whatever the sender called it. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, NAME_LENGTH_MAX + 1)).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
