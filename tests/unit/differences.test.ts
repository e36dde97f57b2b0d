/** What the comparison with the peers sees, and what it lets pass. */
import { expect, test } from 'vitest';
import { differences } from '../peers/differences.ts';

test('numbers are equal to 1e-9 relative, and to what cancellation leaves', () => {
  expect(differences({ a: [1, 1e6 + 1e-4, 1e-16] }, { a: [1 + 1e-10, 1e6, 0] })).toMatchObject({
    numberCount: 3,
    places: [],
  });
  expect(differences([1e6 + 1e-2, 2e-12], [1e6, 1e-12]).places).toEqual([
    '/0: 1000000.01, not 1000000',
    '/1: 2e-12, not 1e-12',
  ]);
});

test('what is missing, more, or of another kind is a difference', () => {
  expect(differences({ a: 1, c: [1] }, { b: 1, c: [1, 2] }).places).toEqual([
    '/a: 1, not undefined',
    '/c/1: undefined, not 2',
    '/b: undefined, not 1',
  ]);
  expect(differences({ a: 'x', b: 1, c: null }, { a: 'y', b: '1', c: {} }).places).toHaveLength(3);
  expect(differences([Number.NaN], [1]).places).toHaveLength(1);
});
