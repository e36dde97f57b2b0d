/**
 * Attribute keys by small ids, with the part that each plays.
 *
 * Instrumentation sets the same keys in the same order, so a key is first compared with the one that followed the
 * previous key last time: for a string that V8 keeps once, that is a compare of two pointers.
 *
 * Invariants
 * 1. Ids are dense from 0 and mean the same key while `generation` stands.
 * 2. A batch begins with fewer than KEY_COUNT_MAX keys and ends with at most twice that; a key that finds no room, or
 *    is longer than KEY_BYTES_MAX, has no id and is counted.
 */
import { isObservationKey, type KeyDictionary, type KeyMapping, ROLE, roleOf } from '@leeway/intake';

/** The sidecar's limits: a key that it refuses is refused here. */
export const KEY_COUNT_MAX = 4096;
export const KEY_BYTES_MAX = 256;

const IS_USED = 1;
const IS_OBSERVATION = 2;

export class KeyIds implements KeyDictionary {
  generation = 0;
  /** Keys without an id since the start. */
  overflowCount = 0;
  readonly #mapping: KeyMapping | undefined;
  readonly #ids = new Map<string, number>();
  #texts: string[] = [];
  readonly #flags = new Uint8Array(2 * KEY_COUNT_MAX);
  /** By id + 1 (0: none), the id that followed last time. */
  readonly #successor = new Int32Array(2 * KEY_COUNT_MAX + 1);

  constructor(mapping?: KeyMapping) {
    this.#mapping = mapping;
  }

  get size(): number {
    return this.#texts.length;
  }

  textAt(id: number): string {
    return this.#texts[id];
  }

  /** To be called before each batch. */
  startBatch(): void {
    if (this.#texts.length < KEY_COUNT_MAX) return;
    this.generation++;
    this.#ids.clear();
    this.#texts = [];
    this.#successor.fill(0);
  }

  /** @param previous id of the attribute before, −1 for the first */
  next(previous: number, key: string): number {
    const guess = this.#successor[previous + 1];
    if (this.#texts[guess] === key) return guess;
    const id = this.find(key);
    if (id >= 0) this.#successor[previous + 1] = id;
    return id;
  }

  find(key: string): number {
    return this.#ids.get(key) ?? this.#add(key);
  }

  /** Whether intake reads attributes of this key. */
  isUsed(id: number): boolean {
    return (this.#flags[id] & IS_USED) !== 0;
  }

  isObservation(id: number): boolean {
    return (this.#flags[id] & IS_OBSERVATION) !== 0;
  }

  #add(key: string): number {
    const id = this.#texts.length;
    if (id >= 2 * KEY_COUNT_MAX || Buffer.byteLength(key) > KEY_BYTES_MAX) {
      this.overflowCount++;
      return -1;
    }
    this.#texts.push(key);
    this.#ids.set(key, id);
    const isUsed = roleOf(key, this.#mapping).role !== ROLE.none;
    this.#flags[id] = (isUsed ? IS_USED : 0) | (isObservationKey(key, this.#mapping) ? IS_OBSERVATION : 0);
    return id;
  }
}
