import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileBinSearch, findBinPlain, findBins } from './bin-search.ts';
import { nextUp } from './next-up.ts';

/** By definition: how many edges lie at or below the value. */
const binByCounting = (edges: readonly number[], value: number): number => edges.filter((edge) => edge <= value).length;

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const ordinary = fc.oneof(fc.double({ min: -1000, max: 1000, noNaN: true }), fc.integer({ min: -50, max: 50 }));
const instants = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 });

const edgeSets = fc
  .oneof(
    fc.array(finite, { maxLength: 200 }),
    fc.array(ordinary, { maxLength: 200 }),
    fc.array(instants, { maxLength: 200 }),
    // Atoms: a value and the next double.
    fc.array(ordinary, { maxLength: 60 }).map((values) => values.flatMap((value) => [value, nextUp(value)])),
  )
  .map((values) => [...new Set(values.map((value) => value + 0))].sort((a, b) => a - b));

const search = (edges: readonly number[], values: readonly number[]): number[] => {
  const bins = new Uint16Array(values.length);
  findBins(compileBinSearch(edges), Float64Array.from(values), values.length, bins);
  return [...bins];
};

describe('bin search', () => {
  test('finds the bin that counting the edges gives, for any edges and values', () => {
    fc.assert(
      fc.property(edgeSets, fc.array(fc.oneof(finite, ordinary, instants), { maxLength: 50 }), (edges, values) => {
        const near = edges.flatMap((edge) => [edge, nextUp(edge), -nextUp(-edge)]).filter(Number.isFinite);
        const probes = [...values, ...near, 0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -5e-324];
        expect(search(edges, probes)).toEqual(probes.map((value) => binByCounting(edges, value)));
      }),
      { numRuns: 500 },
    );
  });

  test('the table agrees with its plain twin', () => {
    fc.assert(
      fc.property(edgeSets, fc.array(finite, { minLength: 1, maxLength: 50 }), (edges, values) => {
        const compiled = compileBinSearch(edges);
        expect(search(edges, values)).toEqual(values.map((value) => findBinPlain(compiled, value)));
      }),
    );
  });
});

describe('the table', () => {
  const used = (edges: readonly number[]): boolean => compileBinSearch(edges).table.length > 0;

  test('is used for edges on both sides of zero', () => {
    expect(used(Array.from({ length: 110 }, (_, i) => (i - 55) / 20 + 1e-7))).toBe(true);
  });

  test('is used for edges that agree in their upper bits: milliseconds of one day', () => {
    expect(used(Array.from({ length: 110 }, (_, i) => 1_700_000_000_000 + i * 700_000))).toBe(true);
  });

  test('is used for a log-normal spread over sixty powers of ten', () => {
    expect(used(Array.from({ length: 110 }, (_, i) => 10 ** ((i - 55) / 2)))).toBe(true);
  });

  test('is not used where no rule parts a crowd: then bins are searched, and right', () => {
    const crowd = (value: number): number[] => Array.from({ length: 30 }, (_, i) => value * (1 + i * 2 ** -52));
    const crowded = [...crowd(1), ...crowd(1024), ...crowd(2 ** 20)];
    expect(used(crowded)).toBe(false);
    expect(search(crowded, [0.5, 1, 1 + 2 ** -51, 6, 1024, 2 ** 21])).toEqual([0, 1, 3, 30, 31, 90]);
  });

  test('without edges there is one bin', () => {
    expect(search([], [0, -5, 1e300])).toEqual([0, 0, 0]);
  });
});
