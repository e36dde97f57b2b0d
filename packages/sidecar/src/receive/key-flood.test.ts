/** The third table that senders fill, beside intake's texts and row ids. */
import { expect, test } from 'vitest';
import { KeyDictionary } from './key-dictionary.ts';

/** Inverse of an odd number modulo 2^32. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 5; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

const C1 = inverse(0xcc9e2d51);
const C2 = inverse(0x1b873593);

/** The word that MurmurHash3's first steps turn into `scrambled`. */
function wordOf(scrambled: number): number {
  const x = Math.imul(scrambled, C2);
  return Math.imul((x >>> 15) | (x << 17), C1);
}

/**
 * 2^pairs keys that MurmurHash3 maps to one value, whatever its seed is: a flip of bit 18 becomes one of bit 31, and the
 * next word takes it back (J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012, section 7).
 */
function collisions(pairs: number): DataView[] {
  return Array.from({ length: 2 ** pairs }, (_, choice) => {
    const view = new DataView(new ArrayBuffer(8 * pairs));
    for (let pair = 0; pair < pairs; pair++) {
      const flip = (choice >> pair) & 1;
      view.setInt32(8 * pair, wordOf(flip << 18), true);
      view.setInt32(8 * pair + 4, wordOf(flip << 31), true);
    }
    return view;
  });
}

test.each([1, 0x5bd1e995])(
  'keys that collide under every seed are bounded: 32 have an id, the others are counted',
  (hashSeed) => {
    const keys = new KeyDictionary({ keyCountMax: 4096, keyBytesMax: 256, isObservationKey: () => false, hashSeed });
    const hostile = collisions(11);
    const ids = hostile.map((view) => keys.find(view, 0, view.byteLength));
    expect(ids.filter((id) => id >= 0)).toHaveLength(32);
    expect(keys.overflowCount).toBe(hostile.length - 32);
    const honest = Array.from(
      { length: 500 },
      (_, i) => new DataView(new TextEncoder().encode(`ml.features.f${i}`).buffer),
    );
    expect(honest.every((view) => keys.find(view, 0, view.byteLength) >= 0)).toBe(true);
  },
);
