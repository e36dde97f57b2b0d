/**
 * Strings of attributes by small ids: bytes go in, ids come out, and each string is decoded once however often it
 * comes.
 *
 * Invariants
 * 1. Ids stay valid until `startBatch` begins a new generation, which it does when an eighth of the slots is taken.
 * 2. A string that is longer than TEXT_BYTES_MAX, or that finds the dictionary full (half of the slots), has no id (−1) and is counted.
 * 3. A hit is verified byte by byte: no two strings share an id, whatever their hashes.
 * 4. A look-up inspects at most PROBE_COUNT_MAX slots, whatever the strings are; one that finds no place there has no
 *    id. The hash is keyed, so nobody can choose strings that collide.
 */
import { type HashSeed, hashBytes, numberOfText, type TextDictionary } from '@leeway/engine';

export const TEXT_BYTES_MAX = 1024;
/** Half full, honest strings need a few slots each; the longest run of 2^19 is about 70. */
const SLOT_COUNT = 1 << 19;
const PROBE_COUNT_MAX = 256;
const BYTES_START = 1 << 16;
/** Texts that are tried before a hash is taken: few categories make up most of the traffic. */
const RECENT_COUNT = 256;

const decoder = new TextDecoder();

export class Texts implements TextDictionary {
  generation = 1;
  size = 0;
  /** Strings that got no id. */
  overflowCount = 0;
  /** Slots that were looked at beyond the first: small when the hash does its work. */
  probeCount = 0;
  readonly #seed: HashSeed;
  readonly #countSoftMax: number;
  readonly #countHardMax: number;
  /** Id + 1 by hash slot; 0 is free. */
  readonly #slots: Int32Array;
  /** Id + 1 by length, first and last byte; 0 is free. */
  readonly #recent = new Int32Array(RECENT_COUNT);
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [0];
  #bytes = new Uint8Array(BYTES_START);
  #view = new DataView(this.#bytes.buffer);
  readonly #texts: (string | undefined)[] = [];
  readonly #numbers: (number | undefined)[] = [];

  /** @param slotCount a power of 2 */
  constructor(seed: HashSeed, slotCount = SLOT_COUNT) {
    this.#seed = seed;
    this.#slots = new Int32Array(slotCount);
    this.#countSoftMax = slotCount >> 3;
    this.#countHardMax = slotCount >> 1;
  }

  /** Ids of before may become invalid here, and only here. */
  startBatch(): void {
    if (this.size < this.#countSoftMax) return;
    this.generation++;
    this.size = 0;
    this.#slots.fill(0);
    this.#recent.fill(0);
    this.#hashes.length = 0;
    this.#starts.length = 1;
    this.#texts.length = 0;
    this.#numbers.length = 0;
    this.#bytes = new Uint8Array(BYTES_START);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Id of the text `bytes[offset, offset + length)`, or −1. With a view over the same bytes it takes half the time. */
  idOf(bytes: Uint8Array, offset: number, length: number, view?: DataView): number {
    if (length > TEXT_BYTES_MAX) {
      this.overflowCount++;
      return -1;
    }
    if (length === 0) return this.#find(bytes, offset, length);
    const place = (length + 31 * bytes[offset] + 7 * bytes[offset + length - 1]) & (RECENT_COUNT - 1);
    const guess = this.#recent[place] - 1;
    if (guess >= 0 && this.#isLike(guess, bytes, offset, length, view)) return guess;
    const id = this.#find(bytes, offset, length);
    this.#recent[place] = id + 1;
    return id;
  }

  /** The same, where the text is probably that of `guess`: then no hash is taken. */
  idLike(guess: number, bytes: Uint8Array, offset: number, length: number, view?: DataView): number {
    if (guess >= 0 && guess < this.size && this.#isLike(guess, bytes, offset, length, view)) return guess;
    return this.idOf(bytes, offset, length, view);
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

  #find(bytes: Uint8Array, offset: number, length: number): number {
    const hash = hashBytes(this.#seed, bytes, offset, length);
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < PROBE_COUNT_MAX; probe++) {
      const slot = (hash + probe) & mask;
      const entry = this.#slots[slot];
      if (entry === 0) return this.#add(slot, hash, bytes, offset, length);
      if (this.#hashes[entry - 1] === hash && this.#isText(entry - 1, bytes, offset, length)) return entry - 1;
      this.probeCount++;
    }
    this.overflowCount++;
    return -1;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, offset: number, length: number): number {
    if (this.size >= this.#countHardMax) {
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

  /** `#isText` by words of four bytes, the last of which overlaps the one before. */
  #isLike(id: number, bytes: Uint8Array, offset: number, length: number, view: DataView | undefined): boolean {
    if (view === undefined || length < 4) return this.#isText(id, bytes, offset, length);
    const start = this.#starts[id];
    if (this.#starts[id + 1] - start !== length) return false;
    const own = this.#view;
    const last = length - 4;
    for (let i = 0; i < last; i += 4) if (own.getInt32(start + i) !== view.getInt32(offset + i)) return false;
    return own.getInt32(start + last) === view.getInt32(offset + last);
  }

  #isText(id: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const start = this.#starts[id];
    if (this.#starts[id + 1] - start !== length) return false;
    const own = this.#bytes;
    for (let i = 0; i < length; i++) if (own[start + i] !== bytes[offset + i]) return false;
    return true;
  }

  #grow(size: number): void {
    const grown = new Uint8Array(2 * size);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
