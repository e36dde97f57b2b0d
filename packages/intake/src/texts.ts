/**
 * Strings of attributes by small ids: bytes go in, ids come out, and each string is decoded once however often it
 * comes.
 *
 * Invariants
 * 1. Ids stay valid until `startBatch` begins a new generation, which it does when TEXT_COUNT_SOFT_MAX is reached.
 * 2. A string that is longer than TEXT_BYTES_MAX, or that finds the dictionary full, has no id (−1) and is counted.
 * 3. A hit is verified byte by byte: no two strings share an id, whatever their hashes.
 */
import { numberOfText, type TextDictionary } from '@leeway/engine';

export const TEXT_BYTES_MAX = 1024;
const TEXT_COUNT_SOFT_MAX = 1 << 16;
const TEXT_COUNT_HARD_MAX = 1 << 18;
const SLOT_COUNT = 1 << 19;
const BYTES_START = 1 << 16;

const decoder = new TextDecoder();

export class Texts implements TextDictionary {
  generation = 1;
  size = 0;
  /** Strings that got no id. */
  overflowCount = 0;
  /** Id + 1 by hash slot; 0 is free. */
  readonly #slots = new Int32Array(SLOT_COUNT);
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [0];
  #bytes = new Uint8Array(BYTES_START);
  readonly #texts: (string | undefined)[] = [];
  readonly #numbers: (number | undefined)[] = [];

  /** Ids of before may become invalid here, and only here. */
  startBatch(): void {
    if (this.size < TEXT_COUNT_SOFT_MAX) return;
    this.generation++;
    this.size = 0;
    this.#slots.fill(0);
    this.#hashes.length = 0;
    this.#starts.length = 1;
    this.#texts.length = 0;
    this.#numbers.length = 0;
    this.#bytes = new Uint8Array(BYTES_START);
  }

  /** Id of the text `bytes[offset, offset + length)`, or −1. */
  idOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length > TEXT_BYTES_MAX) {
      this.overflowCount++;
      return -1;
    }
    const hash = hashOf(bytes, offset, length);
    let slot = hash & (SLOT_COUNT - 1);
    for (let entry = this.#slots[slot]; entry !== 0; entry = this.#slots[slot]) {
      if (this.#hashes[entry - 1] === hash && this.#isText(entry - 1, bytes, offset, length)) return entry - 1;
      slot = (slot + 1) & (SLOT_COUNT - 1);
    }
    return this.#add(slot, hash, bytes, offset, length);
  }

  /** The same, where the text is probably that of `guess`: then no hash is taken. */
  idLike(guess: number, bytes: Uint8Array, offset: number, length: number): number {
    if (guess >= 0 && guess < this.size && this.#isText(guess, bytes, offset, length)) return guess;
    return this.idOf(bytes, offset, length);
  }

  textAt(id: number): string {
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const text = decoder.decode(this.#bytes.subarray(this.#starts[id], this.#starts[id + 1]));
    this.#texts[id] = text;
    return text;
  }

  /** What the text is in a numeric column: see `numberOfText`. */
  numberAt(id: number): number {
    const known = this.#numbers[id];
    if (known !== undefined) return known;
    const number = numberOfText(this.textAt(id));
    this.#numbers[id] = number;
    return number;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, offset: number, length: number): number {
    if (this.size >= TEXT_COUNT_HARD_MAX) {
      this.overflowCount++;
      return -1;
    }
    const id = this.size++;
    const start = this.#starts[id];
    if (start + length > this.#bytes.length) this.#grow(start + length);
    for (let i = 0; i < length; i++) this.#bytes[start + i] = bytes[offset + i];
    this.#starts[id + 1] = start + length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    return id;
  }

  #isText(id: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const start = this.#starts[id];
    if (this.#starts[id + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== bytes[offset + i]) return false;
    return true;
  }

  #grow(size: number): void {
    const grown = new Uint8Array(2 * size);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** FNV-1a over the bytes, its bits mixed once more: the table is indexed by the low ones. */
function hashOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[offset + i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}
