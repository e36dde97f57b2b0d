import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFixture } from '../../test/read-fixture.ts';
import { exactWasserstein } from './compat/exact-wasserstein.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { wassersteinBinned } from './wasserstein.ts';

interface Window {
  readonly window: string;
  readonly counts: number[];
  readonly sums: number[];
  readonly kolmogorovSmirnov: number;
  readonly wasserstein: number;
}
interface Column {
  readonly column: string;
  readonly edges: number[];
  readonly lower: number;
  readonly upper: number;
  readonly scale: number;
  readonly counts: number[];
  readonly sums: number[];
  readonly windows: Window[];
}
const { columns } = readFixture<{ columns: Column[] }>('flights-columns.json');

/** Share of the values at or below which 95 % lie. */
const p95 = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(0.95 * (values.length - 1))];

// US flights of 2001: each month and eleven days of delay, distance and minute of day against January; exact answers
// from scipy on all rows (fixtures/flights-columns.json). Bars: performance.md's, KS .003 and W1 5 % at p95.
describe('from about 110 bins of real columns', () => {
  test('there are three columns of 16 windows', () => {
    expect(columns.map(({ column, windows }) => [column, windows.length])).toEqual([
      ['delay', 16],
      ['distance', 16],
      ['minute', 16],
    ]);
  });

  test('KS is within .003 of the exact statistic, and never above it', () => {
    const errors = columns.flatMap(({ counts, windows }) =>
      windows.map((window) => window.kolmogorovSmirnov - kolmogorovSmirnov(counts, window.counts).statistic),
    );
    expect(Math.min(...errors)).toBeGreaterThan(-1e-9);
    expect(p95(errors)).toBeLessThan(0.003);
  });

  test('W1 above .05 σ is within 5 % of the exact distance: here 1 %', () => {
    const errors = columns.flatMap((column) =>
      column.windows
        .filter(({ wasserstein }) => wasserstein > 0.05)
        .map((window) => Math.abs(distanceOf(column, window) / window.wasserstein - 1)),
    );
    expect(errors.length).toBeGreaterThan(15);
    expect(p95(errors)).toBeLessThan(0.01);
  });

  test('W1 below that is within .001 σ', () => {
    for (const column of columns) {
      for (const window of column.windows) {
        if (window.wasserstein > 0.05) continue;
        expect(Math.abs(distanceOf(column, window) - window.wasserstein)).toBeLessThan(0.001);
      }
    }
  });

  test('a month against itself is 0', () => {
    for (const column of columns) {
      expect(distanceOf(column, { counts: column.counts, sums: column.sums })).toBeLessThan(1e-12);
    }
  });
});

function distanceOf(column: Column, { counts, sums }: Pick<Window, 'counts' | 'sums'>): number {
  return wassersteinBinned(column.edges, column.counts, column.sums, counts, sums, column);
}

/** Counts and sums of values on edges, the plain way. */
function stateOf(edges: readonly number[], values: readonly number[]): { counts: number[]; sums: number[] } {
  const counts = new Array<number>(edges.length + 1).fill(0);
  const sums = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const bin = edges.filter((edge) => edge <= value).length;
    counts[bin] += 1;
    sums[bin] += value;
  }
  return { counts, sums };
}

const edges = Array.from({ length: 21 }, (_, index) => index * 5);
const whole = { lower: 0, upper: 100, scale: 1 };
const between = (reference: readonly number[], current: readonly number[], options = whole): number => {
  const r = stateOf(edges, reference);
  const c = stateOf(edges, current);
  return wassersteinBinned(edges, r.counts, r.sums, c.counts, c.sums, options);
};
const values = fc.array(fc.double({ min: 0, max: 99.999, noNaN: true }), { minLength: 1, maxLength: 60 });

test('the example of its documentation', () => {
  const one = { lower: 0, upper: 10, scale: 1 };
  expect(wassersteinBinned([0, 10], [0, 4, 0], [0, 8, 0], [0, 4, 0], [0, 20, 0], one)).toBeCloseTo(3, 12);
});

describe('laws', () => {
  test('a shift by d moves W1 by exactly d, however wide the bins', () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 39, noNaN: true }),
        (reference, d) => {
          const shifted = reference.map((value) => value + d);
          expect(between(reference, shifted)).toBeCloseTo(d, 8);
        },
      ),
    ));

  test('it is never below the difference of the means and within the bin widths of the exact distance', () =>
    fc.assert(
      fc.property(values, values, (reference, current) => {
        const distance = between(reference, current);
        const mean = (column: readonly number[]) => column.reduce((sum, value) => sum + value, 0) / column.length;
        expect(distance).toBeGreaterThanOrEqual(Math.abs(mean(reference) - mean(current)) - 1e-9);
        expect(Math.abs(distance - exactWasserstein(reference, current))).toBeLessThanOrEqual(5 + 1e-9);
      }),
    ));

  test('it is symmetric and 0 for the same values in any order', () =>
    fc.assert(
      fc.property(values, values, (reference, current) => {
        expect(between(current, reference)).toBeCloseTo(between(reference, current), 9);
        expect(between(reference, reference.toReversed())).toBeLessThan(1e-9);
      }),
    ));

  test('it scales with the unit, and the scale divides it', () => {
    const reference = [3, 18, 22, 40, 41, 77];
    const current = [9, 18, 30, 44, 61, 90];
    const distance = between(reference, current);
    expect(between(reference, current, { ...whole, scale: 4 })).toBeCloseTo(distance / 4, 12);
    const wide = edges.map((edge) => edge * 1000);
    const r = stateOf(
      wide,
      reference.map((value) => value * 1000),
    );
    const c = stateOf(
      wide,
      current.map((value) => value * 1000),
    );
    const options = { lower: 0, upper: 100_000, scale: 1000 };
    expect(wassersteinBinned(wide, r.counts, r.sums, c.counts, c.sums, options)).toBeCloseTo(distance, 9);
  });

  test('outliers beyond the winsorising limits count as lying on them', () => {
    const reference = [1, 2, 3, 4, 51, 52, 53, 54];
    const limits = { lower: 0, upper: 60, scale: 1 };
    const near = between(reference, [1, 2, 3, 4, 51, 52, 53, 60], limits);
    const far = between(reference, [1, 2, 3, 4, 51, 52, 53, 1e12], limits);
    expect(far).toBeCloseTo(near, 12);
    const infinite = between(reference, [1, 2, 3, 4, 51, 52, 53, Number.POSITIVE_INFINITY], limits);
    expect(infinite).toBeCloseTo(near, 12);
  });
});

test('a nearly constant reference does not explode, a constant one gives 0', () => {
  const constant = { lower: 5, upper: 5, scale: 0 };
  expect(between([5, 5, 5], [80, 90], constant)).toBe(0);
  expect(between([5, 5, 5], [5, 5, 90], { lower: 0, upper: 100, scale: 0 })).toBeLessThan(1e10);
  expect(between([], [1, 2])).toBe(0);
  expect(between([1], [])).toBe(0);
});

test('rows at the two ends of an empty stretch are not smeared over it', () => {
  // Two clumps, 10 and 90; the fixture of the gap: one bin from 11 to 89 that holds a few rows at either end.
  const gap = [8, 9, 10, 11, 89, 90, 91, 92];
  const clumps = (low: number): number[] =>
    Array.from({ length: 1000 }, (_, index) => (index < low ? 8 + (index % 32) / 10 : 88.9 + (index % 30) / 10));
  const reference = clumps(300);
  const current = clumps(310);
  const r = stateOf(gap, reference);
  const c = stateOf(gap, current);
  const options = { lower: 8, upper: 92, scale: 1 };
  const exact = exactWasserstein(reference, current);
  expect(Math.abs(wassersteinBinned(gap, r.counts, r.sums, c.counts, c.sums, options) / exact - 1)).toBeLessThan(0.05);
});
