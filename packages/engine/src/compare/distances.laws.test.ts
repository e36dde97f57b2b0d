import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chebyshev, chebyshevCdf } from './chebyshev.ts';
import { chiSquareTwoSample } from './chi-square.ts';
import { cramersV } from './cramers-v.ts';
import { hellinger } from './hellinger.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { psi } from './psi.ts';
import { totalVariation } from './total-variation.ts';

type Distance = (reference: readonly number[], current: readonly number[]) => number;
const ks: Distance = (reference, current) => kolmogorovSmirnov(reference, current).statistic;
const chiSquare: Distance = (reference, current) => chiSquareTwoSample(reference, current).statistic;
const v: Distance = (reference, current) => cramersV(reference, current);
const index: Distance = (reference, current) => psi(reference, current);
const exactIndex: Distance = (reference, current) => psi(reference, current, 0);

const ALL: [string, Distance][] = [
  ['psi', index],
  ['jensenShannonDistance', jensenShannonDistance],
  ['totalVariation', totalVariation],
  ['hellinger', hellinger],
  ['kullbackLeibler', kullbackLeibler],
  ['chebyshev', chebyshev],
  ['chebyshevCdf', chebyshevCdf],
  ['kolmogorovSmirnov', ks],
  ['chiSquareTwoSample', chiSquare],
  ['cramersV', v],
];
const UP_TO_ONE = ALL.filter(([name]) => !['psi', 'kullbackLeibler', 'chiSquareTwoSample'].includes(name));
const SYMMETRIC = ALL.filter(([name]) => name !== 'kullbackLeibler');
const OF_SHARES: [string, Distance][] = [
  ['psi without pseudocount', exactIndex],
  ...ALL.filter(([name]) => ['jensenShannonDistance', 'totalVariation', 'hellinger', 'chebyshev'].includes(name)),
];

// Weights are 1 / a probability of capture, scaled to effective rows: a count is 0 or not absurdly small.
const count = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 100_000 }),
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
);
const pair = fc
  .array(fc.tuple(count, count), { minLength: 0, maxLength: 30 })
  .map((rows) => [rows.map(([r]) => r), rows.map(([, c]) => c)] as const);
const positivePair = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 9999 })), {
    minLength: 1,
    maxLength: 30,
  })
  .map((rows) => [rows.map(([r]) => r), rows.map(([, c]) => c)] as const);

describe.each(ALL)('%s', (_, distance) => {
  test('is 0 for identical counts', () =>
    fc.assert(
      fc.property(pair, ([counts]) => {
        expect(distance(counts, counts)).toBeLessThan(1e-12);
      }),
    ));

  test('is a finite number that is not negative, whatever the counts', () =>
    fc.assert(
      fc.property(pair, ([reference, current]) => {
        const value = distance(reference, current);
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }),
    ));
});

test.each(UP_TO_ONE)('%s is at most 1', (_, distance) =>
  fc.assert(
    fc.property(pair, ([reference, current]) => {
      expect(distance(reference, current)).toBeLessThanOrEqual(1);
    }),
  ),
);

test.each(SYMMETRIC)('%s is symmetric', (_, distance) =>
  fc.assert(
    fc.property(pair, ([reference, current]) => {
      const forth = distance(reference, current);
      expect(Math.abs(distance(current, reference) - forth)).toBeLessThanOrEqual(1e-9 * Math.max(1, forth));
    }),
  ),
);

test.each(OF_SHARES)('%s sees shares only: scaling either side changes nothing', (_, distance) =>
  fc.assert(
    fc.property(positivePair, fc.double({ min: 0.01, max: 100, noNaN: true }), ([reference, current], factor) => {
      const scaled = current.map((value) => value * factor);
      expect(distance(reference, scaled)).toBeCloseTo(distance(reference, current), 7);
    }),
  ),
);

test.each(ALL.filter(([name]) => name !== 'chebyshevCdf' && name !== 'kolmogorovSmirnov'))(
  '%s does not see the order of the cells',
  (_, distance) =>
    fc.assert(
      fc.property(pair, ([reference, current]) => {
        const value = distance(reference, current);
        const reversed = distance(reference.toReversed(), current.toReversed());
        expect(Math.abs(reversed - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, value));
      }),
    ),
);

test('disjoint counts are as far apart as can be', () =>
  fc.assert(
    fc.property(positivePair, ([reference, current]) => {
      const left = [...reference, ...current.map(() => 0)];
      const right = [...reference.map(() => 0), ...current];
      for (const distance of [jensenShannonDistance, totalVariation, hellinger, ks]) {
        expect(distance(left, right)).toBeCloseTo(1, 12);
      }
    }),
  ));

test('the inequalities between the distances hold', () =>
  fc.assert(
    fc.property(positivePair, ([reference, current]) => {
      const tv = totalVariation(reference, current);
      const h = hellinger(reference, current);
      const slack = 1e-9;
      expect(chebyshev(reference, current)).toBeLessThanOrEqual(tv + slack);
      expect(ks(reference, current)).toBeLessThanOrEqual(tv + slack);
      // Le Cam: H² ≤ TV ≤ √2 H. Pinsker: 2 TV² ≤ KL. PSI is KL forth and back.
      expect(h * h).toBeLessThanOrEqual(tv + slack);
      expect(tv).toBeLessThanOrEqual(Math.SQRT2 * h + slack);
      expect(2 * tv * tv).toBeLessThanOrEqual(kullbackLeibler(reference, current) + slack);
      const both = kullbackLeibler(reference, current) + kullbackLeibler(current, reference);
      expect(exactIndex(reference, current)).toBeCloseTo(both, 7);
    }),
  ));

test('a p-value is in [0, 1] and falls as the statistic grows', () =>
  fc.assert(
    fc.property(positivePair, ([reference, current]) => {
      for (const { pValue } of [chiSquareTwoSample(reference, current), kolmogorovSmirnov(reference, current)]) {
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }
      const few = kolmogorovSmirnov(reference, current, { referenceSize: 100, currentSize: 100 });
      const many = kolmogorovSmirnov(reference, current, { referenceSize: 1000, currentSize: 1000 });
      expect(many.pValue).toBeLessThanOrEqual(few.pValue);
    }),
  ));
