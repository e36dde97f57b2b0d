/** The third table that senders fill, beside intake's texts and row ids. */
import { type HashSeed, hashBytes } from '@leeway/engine';
import { describe, expect, test } from 'vitest';
import { KeyDictionary } from './key-dictionary.ts';

const dictionary = (hashSeed: HashSeed, keyCountMax = 4096) =>
  new KeyDictionary({ keyCountMax, keyBytesMax: 256, isObservationKey: () => false, hashSeed });
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const idIn = (keys: KeyDictionary, bytes: Uint8Array) => keys.find(viewOf(bytes), 0, bytes.length);

/** The dictionary's hash until it was keyed: MurmurHash3's steps over little-endian words, the last overlapping. */
function murmur(bytes: Uint8Array, seed: number): number {
  const view = viewOf(bytes);
  const last = bytes.length - 4;
  let hash = seed ^ Math.imul(bytes.length, 0x9e3779b1);
  for (let i = 0; i < last; i += 4) hash = mix(hash, view.getInt32(i, true));
  hash = mix(hash, view.getInt32(last, true));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  const mixed = hash ^ scrambled(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scrambled(word: number): number {
  const x = Math.imul(word, 0xcc9e2d51);
  return Math.imul((x << 15) | (x >>> 17), 0x1b873593);
}

/** Inverse of an odd number modulo 2^32. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** The word that MurmurHash3's first steps turn into `target`. */
function wordOf(target: number): number {
  const x = Math.imul(target, inverse(0x1b873593));
  return Math.imul((x >>> 15) | (x << 17), inverse(0xcc9e2d51));
}

/**
 * 2^flips − 1 other keys that MurmurHash3 maps to the value of `key`, whatever its seed is: a flip of bit 18 becomes
 * one of bit 31, and the next word takes it back (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input
 * PRF", 2012, section 7). The words that are changed lie before the last, which overlaps.
 */
function siblings(key: Uint8Array, flips: number): Uint8Array[] {
  return Array.from({ length: 2 ** flips - 1 }, (_, i) => {
    const sibling = key.slice();
    const view = viewOf(sibling);
    for (let word = 0; word <= flips; word++) {
      const own = ((i + 1) >> word) & 1 & (word < flips ? 1 : 0);
      const before = word === 0 ? 0 : ((i + 1) >> (word - 1)) & 1;
      const target = scrambled(view.getInt32(4 * word, true)) ^ (own << 18) ^ (before << 31);
      view.setInt32(4 * word, wordOf(target), true);
    }
    return sibling;
  });
}

const HONEST = new TextEncoder().encode('ml.features.customer_lifetime_value_in_euros');

describe('a key among siblings that were made to collide with it', () => {
  const hostile = siblings(HONEST, 9);

  test('they do collide under every seed of the hash that they were made for', () => {
    expect(HONEST.length).toBe(44);
    expect(new Set(hostile.map(String)).size).toBe(511);
    for (const seed of [0, 1, 0x5bd1e995, -1])
      expect(new Set(hostile.map((key) => murmur(key, seed)))).toEqual(new Set([murmur(HONEST, seed)]));
  });

  test.each<HashSeed>([
    [0, 0],
    [1, 2],
    [0x5bd1e995, -7],
  ])(
    'regression: 63 of them, sent first, left it without an id; under [%i, %i] all of 511 have one, and it too',
    (...seed) => {
      const keys = dictionary(seed);
      expect(hostile.map((key) => idIn(keys, key))).toEqual(hostile.map((_, id) => id));
      const id = idIn(keys, HONEST);
      expect(id).toBe(hostile.length);
      expect(idIn(keys, HONEST)).toBe(id);
      expect(keys.overflowCount).toBe(0);
    },
  );
});

test('even who knows the seed gets no look-up beyond the bound: keys without a place have no id, and are counted', () => {
  const seed = [1, 2] as const;
  // 128 keys at most in four times as many slots.
  const keys = dictionary(seed, 64);
  const hostile: Uint8Array[] = [];
  for (let i = 0; hostile.length < 60; i++) {
    const key = new TextEncoder().encode(`key-${i}`);
    if ((hashBytes(seed, key, 0, key.length) & 511) === 0) hostile.push(key);
  }
  expect(hostile.map((key) => idIn(keys, key))).toEqual(hostile.map((_, i) => (i < 32 ? i : -1)));
  expect(keys.overflowCount).toBe(60 - 32);
  const honest = Array.from({ length: 60 }, (_, i) => new TextEncoder().encode(`ml.features.f${i}`));
  expect(honest.every((key) => idIn(keys, key) >= 0)).toBe(true);
});
