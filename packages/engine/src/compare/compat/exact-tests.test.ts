/** Statistics of raw values against scipy 1.14.1 (fixtures/raw-values.json, scripts/statistics/make-fixtures.py). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../../test/read-fixture.ts';
import { andersonDarling } from './anderson-darling.ts';
import { cramerVonMises } from './cramer-von-mises.ts';
import { eppsSingleton } from './epps-singleton.ts';
import { exactKolmogorovSmirnov } from './exact-kolmogorov-smirnov.ts';
import { energyDistance, exactWasserstein } from './exact-wasserstein.ts';
import { numpyEdges } from './numpy-edges.ts';

interface RawColumn {
  readonly name: string;
  readonly reference: number[];
  readonly current: number[];
  readonly ks: number;
  readonly ksExactP: number;
  readonly ksAsymptoticP: number;
  readonly cramer: number;
  readonly cramerP: number;
  readonly anderson: number;
  readonly andersonP: number;
  readonly epps: number;
  readonly eppsP: number;
  readonly wasserstein: number;
  readonly energy: number;
}
const { columns } = readFixture<{ columns: RawColumn[] }>('raw-values.json');

test.each(columns)('KS on $name: statistic, exact and asymptotic p-value', (column) => {
  const { reference, current } = column;
  const exact = exactKolmogorovSmirnov(reference, current, 'exact');
  expect(relativeError(exact.statistic, column.ks)).toBeLessThan(1e-12);
  expect(relativeError(exact.pValue, column.ksExactP)).toBeLessThan(1e-9);
  expect(exactKolmogorovSmirnov(reference, current)).toEqual(exact);
  const asymptotic = exactKolmogorovSmirnov(reference, current, 'asymptotic');
  expect(relativeError(asymptotic.pValue, column.ksAsymptoticP)).toBeLessThan(1e-9);
});

test.each(columns)('Cramér–von Mises, Anderson–Darling and Epps–Singleton on $name', (column) => {
  const { reference, current } = column;
  const cramer = cramerVonMises(reference, current);
  expect(relativeError(cramer.statistic, column.cramer)).toBeLessThan(1e-9);
  // scipy drops the terms of its series below 1e-7.
  expect(Math.abs(cramer.pValue - column.cramerP)).toBeLessThan(1e-6);
  const anderson = andersonDarling(reference, current);
  expect(relativeError(anderson.statistic, column.anderson)).toBeLessThan(1e-9);
  expect(relativeError(anderson.pValue, column.andersonP)).toBeLessThan(1e-9);
  const epps = eppsSingleton(reference, current);
  expect(relativeError(epps.statistic, column.epps)).toBeLessThan(1e-9);
  expect(relativeError(epps.pValue, column.eppsP)).toBeLessThan(1e-9);
});

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
          for (let edge = 1; edge < edges.length; edge += 1) expect(edges[edge]).toBeGreaterThan(edges[edge - 1]);
          expect(edges[0]).toBeLessThanOrEqual(Math.min(...column));
          expect(edges.at(-1)!).toBeGreaterThanOrEqual(Math.max(...column));
        },
      ),
    ));
});

test('the other tests are symmetric and find nothing in the same values', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 40 }),
      values,
      (reference, current) => {
        for (const compare of [cramerVonMises, andersonDarling, eppsSingleton]) {
          const forth = compare(reference, current);
          expect(Number.isFinite(forth.statistic)).toBe(true);
          expect(compare(current, reference).pValue).toBeCloseTo(forth.pValue, 6);
          expect(compare(reference, reference.toReversed()).pValue).toBeGreaterThan(0.24);
        }
      },
    ),
  ));

test('empty columns give 0 and p 1', () => {
  expect(cramerVonMises([], [1, 2])).toEqual({ statistic: 0, pValue: 1 });
  expect(eppsSingleton([1, 2, 3, 4, 5], [1])).toEqual({ statistic: 0, pValue: 1 });
  expect(andersonDarling([1, 2, 3], [])).toEqual({ statistic: 0, pValue: 0.25 });
  expect(andersonDarling([1, 1], [1, 1])).toEqual({ statistic: 0, pValue: 0.25 });
  expect(exactKolmogorovSmirnov([], [1])).toEqual({ statistic: 0, pValue: 1 });
  expect(exactWasserstein([1], [])).toBe(0);
  expect(energyDistance([], [])).toBe(0);
});

test('a large sample falls back to the asymptotic p-value', () => {
  const reference = Array.from({ length: 12_000 }, (_, index) => index);
  const current = Array.from({ length: 500 }, (_, index) => index * 24 + 300);
  const { statistic, pValue } = exactKolmogorovSmirnov(reference, current);
  expect(pValue).toBe(exactKolmogorovSmirnov(reference, current, 'asymptotic').pValue);
  expect(statistic).toBeGreaterThan(0);
});
