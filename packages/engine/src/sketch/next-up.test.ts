import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextUp } from './next-up.ts';

test('gives the double after a value', () => {
  expect(nextUp(1)).toBe(1 + 2 ** -52);
  expect(nextUp(0)).toBe(5e-324);
  expect(nextUp(-0)).toBe(5e-324);
  expect(nextUp(-5e-324)).toBe(0);
  expect(nextUp(Number.MAX_VALUE)).toBe(Number.POSITIVE_INFINITY);
  expect(nextUp(-1)).toBe(-1 + 2 ** -53);
});

test('nothing lies between a value and the next one', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const above = nextUp(value);
      expect(above > value).toBe(true);
      const middle = value / 2 + above / 2;
      if (Number.isFinite(above)) expect(middle <= value || middle >= above).toBe(true);
    }),
  );
});
