/**
 * Which columns packed values are of, by the hash of their names: learned from items that carry the names, and shared
 * between shards.
 *
 * Invariants
 * 1. A schema's hash is computed from its names here, never taken on trust: nobody can give a hash another meaning.
 * 2. At most SCHEMAS_MAX schemas and NAMES_MAX names are known; the one that was used longest ago makes room, and is
 *    counted.
 */
import { createHash } from 'node:crypto';

export const SCHEMAS_MAX = 1024;
/** Of all schemas together. */
export const NAMES_MAX = 100_000;

export interface PackedSchema {
  readonly hash: string;
  readonly names: readonly string[];
}

/** First 16 hex digits of SHA-256 over the UTF-8 JSON array of the names, in order. */
export function schemaHash(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
}

export class PackedSchemas {
  /** Schemas that had to go. */
  overflowCount = 0;
  /** The one that was used longest ago first. */
  readonly #known = new Map<string, PackedSchema>();
  #nameCount = 0;
  #fresh: (readonly string[])[] = [];

  /** By its hash; undefined for one that was never learned, or had to go. */
  get(hash: string): PackedSchema | undefined {
    const schema = this.#known.get(hash);
    if (schema === undefined) return undefined;
    this.#known.delete(hash);
    this.#known.set(hash, schema);
    return schema;
  }

  /** Undefined when the names are not those of the hash, or too many. */
  learn(names: readonly string[], hash: string = schemaHash(names)): PackedSchema | undefined {
    if (names.length === 0 || names.length > NAMES_MAX || schemaHash(names) !== hash) return undefined;
    const known = this.get(hash);
    if (known !== undefined) return known;
    const schema = { hash, names };
    for (const [oldest, { names: its }] of this.#known) {
      if (this.#known.size < SCHEMAS_MAX && this.#nameCount + names.length <= NAMES_MAX) break;
      this.#known.delete(oldest);
      this.#nameCount -= its.length;
      this.overflowCount++;
    }
    this.#known.set(hash, schema);
    this.#nameCount += names.length;
    if (this.#fresh.length < SCHEMAS_MAX) this.#fresh.push(names);
    return schema;
  }

  /** What was learned since the last call, for the other shards. */
  takeFresh(): readonly (readonly string[])[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}
