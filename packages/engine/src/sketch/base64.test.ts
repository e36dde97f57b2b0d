import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';

test('encodes as RFC 4648 does (section 10)', () => {
  const encoded = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
    encodeBase64(new TextEncoder().encode(text)),
  );
  expect(encoded).toEqual(['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy']);
});

test('decoding gives back what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
    }),
  );
});

test('refuses what is not canonical', () => {
  const refused = ['A', 'Zg', 'Zg=', 'Zh==', 'Zm9=', 'Z g=', '====', 'Zm9v\n', 'Zm9vé===', 'A===', '=AAA'];
  for (const text of refused) expect(decodeBase64(text), text).toBeUndefined();
});
