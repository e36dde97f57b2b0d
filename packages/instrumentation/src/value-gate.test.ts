import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gateValue } from './value-gate.ts';

test('numbers stay, a bigint and a date become one, a lone element is its array', () => {
  const values = [1.5, true, 'nl', 12n, new Date(86_400_000), new Float32Array([0.5]), [3], new BigInt64Array([7n])];
  expect(values.map((value) => gateValue(value, 'raw'))).toEqual([1.5, true, 'nl', 12, 86_400_000, 0.5, 3, 7]);
});

test('what is no value is missing: not finite, empty, vectors, objects, functions', () => {
  const none = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    10n ** 400n,
    new Date('never'),
    '',
    null,
    undefined,
    [1, 2],
    [[1]],
    new Float64Array(2),
    new Float64Array([Number.NaN]),
    new DataView(new ArrayBuffer(1)),
    {},
    Symbol('s'),
    () => 1,
    new Map(),
  ];
  for (const value of none) expect(gateValue(value, 'raw')).toBeNull();
});

test('a long text is cut between characters', () => {
  expect(gateValue('x'.repeat(300), 'raw')).toHaveLength(256);
  expect(gateValue(`${'x'.repeat(255)}😀`, 'raw')).toBe('x'.repeat(255));
});

test('hmac is HMAC-SHA-256 of the whole text (RFC 2104), cut to 16 digits', () => {
  const long = 'a'.repeat(1_000);
  const expected = createHmac('sha256', 'key').update(long).digest('hex').slice(0, 16);
  expect(gateValue(long, { hmac: 'key' })).toBe(expected);
  expect(gateValue(long, { hmac: 'other' })).not.toBe(expected);
});

test('law: what leaves is text, a boolean or a finite number, whatever comes', () => {
  const rule = fc.constantFrom('raw' as const, 'drop' as const, { bucket: [0, 1] }, { hmac: 'key' });
  const value = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withSparseArray: true }),
    fc.bigInt(),
    fc.double(),
  );
  fc.assert(
    fc.property(value, rule, (given, how) => {
      const gated = gateValue(given, how);
      if (gated === null || typeof gated === 'boolean') return;
      if (typeof gated === 'number') expect(Number.isFinite(gated)).toBe(true);
      else expect(typeof gated === 'string' && gated.length > 0 && gated.length <= 256).toBe(true);
    }),
  );
});
