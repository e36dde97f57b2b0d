import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashText, murmur3 } from './text-hash.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hashOf = (text: string): number[] => {
  const into = new Uint32Array(2);
  hashText(text, into);
  return [...into];
};

describe('murmur3', () => {
  // Reference values of MurmurHash3_x86_32, published with several implementations
  // (en.wikipedia.org/wiki/MurmurHash, stackoverflow.com/a/31929528).
  test.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['aa', 0x9747b28c, 0x5d211726],
    ['a', 0x9747b28c, 0x7fa09ea6],
  ])('of %j with seed %i', (text, seed, expected) => {
    expect(murmur3(bytes(text), bytes(text).length, seed)).toBe(expected);
  });
});

describe('the hash of a text', () => {
  test('is over the same bytes that TextEncoder gives, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const utf8 = bytes(text);
        expect(hashOf(text)).toEqual([murmur3(utf8, utf8.length, 0), murmur3(utf8, utf8.length, 0x9747b28c)]);
      }),
    );
    const lone = 'a\ud800b\udc00';
    expect(hashOf(lone)).toEqual(hashOf('a\ufffdb\ufffd'));
  });

  test('takes texts longer than its buffer', () => {
    expect(hashOf('ß'.repeat(20_000))).toEqual([
      murmur3(bytes('ß'.repeat(20_000)), 40_000, 0),
      murmur3(bytes('ß'.repeat(20_000)), 40_000, 0x9747b28c),
    ]);
  });
});
