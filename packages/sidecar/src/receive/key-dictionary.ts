/**
 * Attribute keys by small ids.
 *
 * Senders repeat the same keys in the same order, so the scanner first asks whether a key is the one that followed the
 * previous key last time, which is a few compares of words; only a key that is not goes through the hash table.
 *
 * Invariants
 * 1. Ids are dense from 0 and mean the same key while `generation` stands.
 * 2. A request begins with fewer than `keyCountMax` keys (at `keyCountMax` or more the dictionary starts over under a
 *    new generation) and ends with at most twice that: no request with up to `keyCountMax` keys of its own loses one
 *    to those before it.
 * 3. Keys are compared by bytes. A look-up inspects at most PROBE_COUNT_MAX slots, whatever the keys are: a key that
 *    finds no place there has no id, like a key that is too long, and is counted.
 * 4. A stencil is what protobuf writes around a key whatever its value: tag and length of the key, the key, tag of the
 *    value. It stands in `stencilWords` as doubles, of which the last overlaps the one before. Doubles are equal when
 *    their bits are, but for NaN, which equals nothing, and for 0 and −0: no key has a stencil with a word of those.
 */

import { type HashSeed, hashBytes } from '@leeway/engine';

export interface KeyDictionaryOptions {
  readonly keyCountMax: number;
  readonly keyBytesMax: number;
  /** Whether a key is one of an observation: asked once per new key. */
  readonly isObservationKey: (text: string) => boolean;
  /** 64 bits that senders cannot know, so that they cannot choose keys that collide. */
  readonly hashSeed: HashSeed;
}

/** Slots looked at before a key is given up. The table is at most a quarter full, so honest keys need a few. */
const PROBE_COUNT_MAX = 32;
const POOL_BYTES_START = 64 * 1024;
/** Stencils are for keys whose length is one byte, and that fill a word. */
const STENCIL_KEY_BYTES = { min: 5, max: 0x7f } as const;
/** Bytes of a stencil that are not of its key. */
export const STENCIL_FRAME_BYTES = 3;
const encoder = new TextEncoder();
const KEY_TAG = (1 << 3) | 2;
const VALUE_TAG = (2 << 3) | 2;

export class KeyDictionary {
  generation = 0;
  size = 0;
  /** Keys without an id since the start: too long, or no room. */
  overflowCount = 0;
  /** By id, 1 for a key of an observation. */
  readonly isObservation: Uint8Array;

  readonly #options: KeyDictionaryOptions;
  readonly #capacity: number;
  readonly #texts: string[] = [];
  /** By id, 1 for a key that JSON cannot write as it is. */
  readonly #isEscaped: Uint8Array;
  readonly #lengths: Int32Array;
  readonly #offsets: Int32Array;
  readonly #hashes: Int32Array;
  /** By id + 1 (0: none), the id that followed last time; 0 until known, which is as good a guess as any. */
  readonly successor: Int32Array;
  /** By id, bytes of the stencil; 0 when it has none. */
  readonly stencilLength: Int32Array;
  /** By id, index of the stencil's first word. */
  readonly stencilStart: Int32Array;
  /** Replaced when it grows, which adding a key may do. */
  stencilWords = new Float64Array(POOL_BYTES_START / 8);
  #stencilWordCount = 0;
  /** Open addressing: id + 1, 0 when free. */
  readonly #slots: Int32Array;
  #pool = new Uint8Array(POOL_BYTES_START);
  #poolView = new DataView(this.#pool.buffer);
  #poolBytes = 0;
  /** The view of the last hash and its bytes: a request has one view, and most of its look-ups are in it. */
  #hashedView: DataView = this.#poolView;
  #hashedBytes: Uint8Array = this.#pool;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(options: KeyDictionaryOptions) {
    this.#options = options;
    this.#capacity = 2 * options.keyCountMax;
    this.isObservation = new Uint8Array(this.#capacity);
    this.#isEscaped = new Uint8Array(this.#capacity);
    this.successor = new Int32Array(this.#capacity + 1);
    this.stencilLength = new Int32Array(this.#capacity);
    this.stencilStart = new Int32Array(this.#capacity);
    this.#lengths = new Int32Array(this.#capacity);
    this.#offsets = new Int32Array(this.#capacity);
    this.#hashes = new Int32Array(this.#capacity);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(4 * this.#capacity)));
  }

  textAt(id: number): string {
    return this.#texts[id];
  }

  /** Id of a key that comes from here, not from a sender; −1 when there is no room for it. */
  idOf(text: string): number {
    const bytes = encoder.encode(text);
    return this.find(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  }

  /** To be called before each request. */
  startRequest(): void {
    if (this.size < this.#options.keyCountMax) return;
    this.generation++;
    this.size = 0;
    this.#poolBytes = 0;
    this.#stencilWordCount = 0;
    // The guess 0 is asked for its stencil before anything is known.
    this.stencilLength.fill(0);
    this.#texts.length = 0;
    this.#slots.fill(0);
    this.successor.fill(0);
  }

  /**
   * Id of the key `view[offset, offset + length)`, which is added when it is new; −1 when there is no room for it.
   * `previous` is the id of the item's attribute before this one, −1 for the first.
   */
  next(previous: number, view: DataView, offset: number, length: number): number {
    const guess = this.successor[previous + 1];
    if (this.matches(guess, view, offset, length)) return guess;
    const id = this.find(view, offset, length);
    if (id >= 0) this.successor[previous + 1] = id;
    return id;
  }

  /**
   * For JSON: the id that followed `previous` last time, if `view` has that key at `offset`, and a quotation mark behind
   * it; else −1. Keys with characters that JSON escapes are never guessed.
   */
  quoted(previous: number, view: DataView, offset: number): number {
    const guess = this.successor[previous + 1];
    if (guess >= this.size || this.#isEscaped[guess] === 1) return -1;
    const length = this.#lengths[guess];
    if (view.getUint8(offset + length) !== 0x22 || !this.matches(guess, view, offset, length)) return -1;
    return guess;
  }

  lengthAt(id: number): number {
    return this.#lengths[id];
  }

  /** Whether key `id` is `view[offset, offset + length)`. False for an id that does not exist. */
  matches(id: number, view: DataView, offset: number, length: number): boolean {
    if (id >= this.size || this.#lengths[id] !== length) return false;
    const pool = this.#poolView;
    const start = this.#offsets[id];
    if (length < 4) {
      for (let i = 0; i < length; i++) if (pool.getUint8(start + i) !== view.getUint8(offset + i)) return false;
      return true;
    }
    // The last word overlaps the one before it, so that no tail is left.
    const last = length - 4;
    for (let i = 0; i < last; i += 4) {
      if (pool.getInt32(start + i, true) !== view.getInt32(offset + i, true)) return false;
    }
    return pool.getInt32(start + last, true) === view.getInt32(offset + last, true);
  }

  /** The same without a guess. */
  find(view: DataView, offset: number, length: number): number {
    if (length > this.#options.keyBytesMax) return this.#overflow();
    const hash = this.#hashOf(view, offset, length);
    const slot = this.#slotOf(hash, view, offset, length);
    if (slot < 0) return this.#overflow();
    const id = this.#slots[slot] - 1;
    if (id >= 0) return id;
    return this.size < this.#capacity ? this.#add(slot, hash, view, offset, length) : this.#overflow();
  }

  /** Expects the key there behind `previous` from now on. False, and nothing is done, when it is not known or has no stencil. */
  expect(previous: number, view: DataView, offset: number, length: number): boolean {
    if (length > this.#options.keyBytesMax) return false;
    const slot = this.#slotOf(this.#hashOf(view, offset, length), view, offset, length);
    const id = slot < 0 ? -1 : this.#slots[slot] - 1;
    if (id < 0 || this.stencilLength[id] === 0) return false;
    this.successor[previous + 1] = id;
    return true;
  }

  #hashOf(view: DataView, offset: number, length: number): number {
    if (view !== this.#hashedView) {
      this.#hashedView = view;
      this.#hashedBytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    }
    return hashBytes(this.#options.hashSeed, this.#hashedBytes, offset, length);
  }

  /** The key's slot, or the free one where it belongs; −1 when there is none within PROBE_COUNT_MAX. */
  #slotOf(hash: number, view: DataView, offset: number, length: number): number {
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < PROBE_COUNT_MAX; probe++) {
      const slot = (hash + probe) & mask;
      const id = this.#slots[slot] - 1;
      if (id < 0 || (this.#hashes[id] === hash && this.matches(id, view, offset, length))) return slot;
    }
    return -1;
  }

  #overflow(): number {
    this.overflowCount++;
    return -1;
  }

  #add(slot: number, hash: number, view: DataView, offset: number, length: number): number {
    const id = this.size++;
    if (this.#poolBytes + length > this.#pool.length) this.#growPool();
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    this.#pool.set(bytes, this.#poolBytes);
    this.#offsets[id] = this.#poolBytes;
    this.#lengths[id] = length;
    this.#hashes[id] = hash;
    this.#poolBytes += length;
    const text = this.#decoder.decode(bytes);
    this.#texts.push(text);
    this.#isEscaped[id] = bytes.some((byte) => byte < 0x20 || byte === 0x22 || byte === 0x5c) ? 1 : 0;
    this.isObservation[id] = this.#options.isObservationKey(text) ? 1 : 0;
    this.#addStencil(id, bytes);
    this.#slots[slot] = id + 1;
    return id;
  }

  #addStencil(id: number, key: Uint8Array): void {
    this.stencilLength[id] = 0;
    if (key.length < STENCIL_KEY_BYTES.min || key.length > STENCIL_KEY_BYTES.max) return;
    const length = key.length + STENCIL_FRAME_BYTES;
    const start = this.#stencilWordCount;
    const wordCount = Math.ceil(length / 8);
    if (start + wordCount > this.stencilWords.length) {
      const grown = new Float64Array(2 * this.stencilWords.length);
      grown.set(this.stencilWords);
      this.stencilWords = grown;
    }
    const bytes = Uint8Array.of(KEY_TAG, key.length, ...key, VALUE_TAG);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < wordCount; i++) {
      const word = view.getFloat64(Math.min(8 * i, length - 8), true);
      if (word === 0) return;
      this.stencilWords[start + i] = word;
    }
    this.stencilStart[id] = start;
    this.stencilLength[id] = length;
    this.#stencilWordCount = start + wordCount;
  }

  /** At most capacity × keyBytesMax: 2 MiB by default. */
  #growPool(): void {
    const pool = new Uint8Array(Math.max(2 * this.#pool.length, this.#poolBytes + this.#options.keyBytesMax));
    pool.set(this.#pool);
    this.#pool = pool;
    this.#poolView = new DataView(pool.buffer);
  }
}
