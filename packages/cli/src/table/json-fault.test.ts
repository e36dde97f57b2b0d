import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFaultOffset } from './json-fault.ts';

test.each([
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ['{a:1}', 1],
  ["{'a':1}", 1],
  ['{"a":01}', 6],
  ['{"a":NaN}', 5],
  ['{"a":1} x', 8],
  ['{"a":[1,2}', 9],
  ['{"a":"\u0001"}', 5],
  ['{"a":1', 6],
  ['', 0],
])('%s is no JSON from %i on', (text, offset) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonFaultOffset(text)).toBe(offset);
});

test('whatever is JSON is so to its end, and a letter anywhere outside of strings is a fault not after it', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, pick) => {
      expect(jsonFaultOffset(text)).toBe(text.length);
      const at = pick % (text.length + 1);
      const broken = `${text.slice(0, at)}~${text.slice(at)}`;
      const isJson = (() => {
        try {
          JSON.parse(broken);
          return true;
        } catch {
          return false;
        }
      })();
      if (!isJson) expect(jsonFaultOffset(broken)).toBeLessThanOrEqual(at);
    }),
  );
});
