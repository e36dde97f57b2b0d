/** Models that send observations and have no reference: kept visible, bounded, so that a reference can be learned. */

export interface Identity {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
}

export interface UnknownModel extends Identity {
  readonly rowCount: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** At most FEATURE_NAMES_MAX. */
  readonly featureNames: readonly string[];
}

export const FEATURE_NAMES_MAX = 200;
/** Of all unknown models together. */
export const FEATURE_NAMES_TOTAL_MAX = 20_000;

/** What is known of one of them. */
export class UnknownModelRecord {
  readonly identity: Identity;
  readonly firstSeenMs: number;
  readonly #names = new Set<string>();
  lastSeenMs: number;
  rowCount = 0;
  /** Keys that were looked at already, by id of this generation. */
  #seenKeys = new Set<number>();
  #generation = -1;
  #lastNames: readonly string[] = [];

  constructor(identity: Identity, nowMs: number) {
    this.identity = identity;
    this.firstSeenMs = nowMs;
    this.lastSeenMs = nowMs;
  }

  get nameCount(): number {
    return this.#names.size;
  }

  count(rowCount: number, nowMs: number): void {
    this.rowCount += rowCount;
    this.lastSeenMs = nowMs;
  }

  /** `full` when there was no room for the name. */
  note(key: number, generation: number, name: (key: number) => string): 'known' | 'added' | 'full' {
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#seenKeys = new Set();
    }
    if (this.#seenKeys.has(key)) return 'known';
    this.#seenKeys.add(key);
    const text = name(key);
    if (this.#names.has(text)) return 'known';
    if (this.#names.size >= FEATURE_NAMES_MAX) return 'full';
    this.#names.add(text);
    return 'added';
  }

  /** Names of packed columns, unless they are those of last time. @param room for so many more, of all models */
  noteNames(names: readonly string[], room: number): { added: number; refused: number } {
    const noted = { added: 0, refused: 0 };
    if (names === this.#lastNames) return noted;
    this.#lastNames = names;
    for (const name of names) {
      if (this.#names.has(name)) continue;
      if (this.#names.size >= FEATURE_NAMES_MAX || noted.added >= room) noted.refused++;
      else {
        this.#names.add(name);
        noted.added++;
      }
    }
    return noted;
  }

  view(): UnknownModel {
    const { identity, rowCount, firstSeenMs, lastSeenMs } = this;
    return { ...identity, rowCount, firstSeenMs, lastSeenMs, featureNames: [...this.#names] };
  }
}
