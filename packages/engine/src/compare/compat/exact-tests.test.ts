/** Statistics of raw values against scipy 1.14.1 (fixtures/raw-values.json, scripts/statistics/make-fixtures.py). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../../test/read-fixture.ts';
import { exactKolmogorovSmirnov } from './exact-kolmogorov-smirnov.ts';
import { energyDistance, exactWasserstein } from './exact-wasserstein.ts';
import { numpyEdges } from './numpy-edges.ts';

interface RawColumn {
  readonly name: string;
  readonly reference: number[];
  readonly current: number[];
  readonly ks: number;
  readonly ksExactP: number;
  readonly ksLimitP: number;
  readonly wasserstein: number;
  readonly energy: number;
}
const { columns } = readFixture<{ columns: RawColumn[] }>('raw-values.json');

test.each(columns)(
  'KS on $name: statistic, exact and limiting p-value',
  ({ reference, current, ks, ksExactP, ksLimitP }) => {
    const exact = exactKolmogorovSmirnov(reference, current, 'exact');
    expect(relativeError(exact.statistic, ks)).toBeLessThan(1e-12);
    expect(relativeError(exact.pValue, ksExactP)).toBeLessThan(1e-9);
    expect(exactKolmogorovSmirnov(reference, current)).toEqual(exact);
    const limit = exactKolmogorovSmirnov(reference, current, 'asymptotic');
    expect(relativeError(limit.pValue, ksLimitP)).toBeLessThan(1e-9);
  },
);

test.each(columns)('Wasserstein and energy distance on $name', ({ reference, current, wasserstein, energy }) => {
  expect(relativeError(exactWasserstein(reference, current), wasserstein)).toBeLessThan(1e-9);
  expect(relativeError(energyDistance(reference, current), energy)).toBeLessThan(1e-9);
});

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('laws', () => {
  test('the exact p-value of two separated samples is 2 / C(n + m, n)', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (n, m) => {
        const low = Array.from({ length: n }, (_, index) => index);
        const high = Array.from({ length: m }, (_, index) => 1000 + index);
        let orders = 1;
        for (let k = 1; k <= n; k += 1) orders *= (m + k) / k;
        const { statistic, pValue } = exactKolmogorovSmirnov(low, high, 'exact');
        expect(statistic).toBe(1);
        expect(relativeError(pValue, 2 / orders)).toBeLessThan(1e-10);
      }),
    ));

  test('all are symmetric, and 0 for the same values', () =>
    fc.assert(
      fc.property(values, values, (reference, current) => {
        for (const distance of [exactWasserstein, energyDistance]) {
          expect(relativeError(distance(reference, current), distance(current, reference))).toBeLessThan(1e-9);
          expect(distance(reference, reference.toReversed())).toBe(0);
        }
        const forth = exactKolmogorovSmirnov(reference, current);
        const back = exactKolmogorovSmirnov(current, reference);
        expect(back.statistic).toBe(forth.statistic);
        expect(back.pValue).toBeCloseTo(forth.pValue, 10);
        expect(exactKolmogorovSmirnov(reference, reference)).toEqual({ statistic: 0, pValue: 1 });
      }),
    ));

  test('W1 of a shift is the shift', () =>
    fc.assert(
      fc.property(values, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (reference, shift) => {
        const distance = exactWasserstein(
          reference,
          reference.map((value) => value + shift),
        );
        expect(Math.abs(distance - Math.abs(shift))).toBeLessThan(1e-6);
      }),
    ));

  test('edges ascend, cover the values and are one more than the bins', () =>
    fc.assert(
      fc.property(
        values,
        fc.constantFrom('sturges' as const, 'doane' as const),
        fc.boolean(),
        (column, rule, integer) => {
          const edges = numpyEdges(column, rule, integer);
          expect(edges.length).toBeGreaterThanOrEqual(2);
          for (let edge = 1; edge < edges.length; edge += 1) expect(edges[edge]!).toBeGreaterThan(edges[edge - 1]!);
          expect(edges[0]!).toBeLessThanOrEqual(Math.min(...column));
          expect(edges.at(-1)!).toBeGreaterThanOrEqual(Math.max(...column));
        },
      ),
    ));
});

test('empty columns give 0 and p 1', () => {
  expect(exactKolmogorovSmirnov([], [1])).toEqual({ statistic: 0, pValue: 1 });
  expect(exactWasserstein([1], [])).toBe(0);
  expect(energyDistance([], [])).toBe(0);
});

test('a large sample falls back to the limiting law', () => {
  const reference = Array.from({ length: 12_000 }, (_, index) => index);
  const current = Array.from({ length: 500 }, (_, index) => index * 24 + 300);
  const { statistic, pValue } = exactKolmogorovSmirnov(reference, current);
  expect(pValue).toBe(exactKolmogorovSmirnov(reference, current, 'asymptotic').pValue);
  expect(statistic).toBeGreaterThan(0);
});
