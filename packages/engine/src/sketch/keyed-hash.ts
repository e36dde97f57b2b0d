/**
 * Hashes that senders cannot predict: who knows the hash of a table can send keys that all fall into one slot.
 *
 * Source: HalfSipHash-1-3 (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012; the variant on
 * 32-bit words is of 2016, https://github.com/veorq/SipHash). FNV and MurmurHash3 would not do, seeded or not: their
 * collisions can be made without the seed.
 */

/** 64 random bits as two words. */
export type HashSeed = readonly [number, number];

/** Rounds after the last word. */
const FINAL_ROUNDS = 3;

/** Of the bytes `[offset, offset + length)`; 32 bits, all of them mixed. */
export function hashBytes([k0, k1]: HashSeed, bytes: Uint8Array, offset: number, length: number): number {
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const wordCount = length >> 2;
  let at = offset;
  for (let round = 0; round <= wordCount + FINAL_ROUNDS; round++) {
    let word = 0;
    if (round < wordCount) {
      word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      at += 4;
    } else if (round === wordCount) {
      word = length << 24;
      for (let i = 0; i < (length & 3); i++) word |= bytes[at + i] << (8 * i);
    } else if (round === wordCount + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

/** The same over words, with a common beginning that is read once: the ids of a span, then the number of each row. */
export class WordHash {
  /** Of the last `finish`: two words. */
  readonly out = new Int32Array(2);
  readonly #seed: HashSeed;
  readonly #state = new Int32Array(4);

  constructor(seed: HashSeed) {
    this.#seed = seed;
  }

  /** Reads the beginning: `count` words from `at` on. */
  begin(words: Uint32Array, at: number, count: number): void {
    const [k0, k1] = this.#seed;
    let v0 = k0;
    let v1 = k1;
    let v2 = 0x6c796765 ^ k0;
    let v3 = 0x74656462 ^ k1;
    for (let i = at; i < at + count; i++) {
      const word = words[i] | 0;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    const state = this.#state;
    state[0] = v0;
    state[1] = v1;
    state[2] = v2;
    state[3] = v3;
  }

  /** Hash of the beginning and of `number`, a whole number from 0 to 2^53. */
  finish(number: number): void {
    const state = this.#state;
    let v0 = state[0];
    let v1 = state[1];
    let v2 = state[2];
    let v3 = state[3];
    const upper = number < 0x1_0000_0000 ? 0 : (number / 0x1_0000_0000) | 0;
    // Nearly all numbers are one word; the mark of the end says how many there were.
    const last = upper === 0 ? 0 : 1;
    for (let round = 0; round <= last + FINAL_ROUNDS; round++) {
      const word = round === 0 ? number | 0 : round <= last ? upper : 0;
      if (round === last + 1) v2 ^= 0xff ^ last;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.out[0] = v0 ^ v2;
    this.out[1] = v1 ^ v3;
  }
}
