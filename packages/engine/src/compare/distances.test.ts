/**
 * The distances on counts: against numpy and scipy (fixtures/comparisons.json, scripts/statistics/make-fixtures.py) at
 * 1e-9 relative, and against numbers that other projects publish in their tests.
 */
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../test/read-fixture.ts';
import { chebyshev, chebyshevCdf } from './chebyshev.ts';
import { chiSquareTwoSample } from './chi-square.ts';
import { cramersV } from './cramers-v.ts';
import { hellinger } from './hellinger.ts';
import { jensenShannonDistance } from './jensen-shannon.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { psi } from './psi.ts';
import { totalVariation } from './total-variation.ts';

interface Table {
  readonly reference: number[];
  readonly current: number[];
  readonly expectedMin: number;
  readonly [distance: string]: number | number[];
}
const { tables } = readFixture<{ tables: Table[] }>('comparisons.json');
const unpooled = { expectedMin: 0 };

type Counts = readonly number[];
const ORACLES: Record<string, (reference: Counts, current: Counts) => number> = {
  psi: (reference, current) => psi(reference, current),
  psiPlain: (reference, current) => psi(reference, current, 0),
  psiOne: (reference, current) => psi(reference, current, 1),
  jensenShannon: jensenShannonDistance,
  totalVariation,
  hellinger,
  kullbackLeibler,
  chebyshev,
  kolmogorovSmirnov: (reference, current) => kolmogorovSmirnov(reference, current).statistic,
  kolmogorovSmirnovP: (reference, current) => kolmogorovSmirnov(reference, current).pValue,
  chiSquare: (reference, current) => chiSquareTwoSample(reference, current, unpooled).statistic,
  chiSquareP: (reference, current) => chiSquareTwoSample(reference, current, unpooled).pValue,
  degreesOfFreedom: (reference, current) => chiSquareTwoSample(reference, current, unpooled).degreesOfFreedom,
};

describe('on the same cells every distance equals numpy and scipy', () => {
  test.each(Object.entries(ORACLES))('%s', (name, distance) => {
    expect(tables.length).toBe(60);
    for (const table of tables) {
      const expected = table[name] as number;
      if (expected < 1e-290) continue;
      expect(relativeError(distance(table.reference, table.current), expected)).toBeLessThan(1e-9);
    }
  });

  test('cramersV', () => {
    for (const { reference, current, cramersV: expected } of tables) {
      expect(Math.abs(cramersV(reference, current, unpooled) - (expected as number))).toBeLessThan(1e-9);
    }
  });

  test('tables without thin cells are not pooled', () => {
    const thick = tables.filter(({ expectedMin }) => expectedMin >= 5);
    expect(thick.length).toBeGreaterThan(20);
    for (const { reference, current, chiSquare } of thick) {
      expect(relativeError(chiSquareTwoSample(reference, current).statistic, chiSquare as number)).toBeLessThan(1e-9);
    }
  });
});

describe('numbers that others publish', () => {
  // Azure/azureml-assets, assets/model_monitoring/components/tests/unit/test_categorical_data_drift_metrics.py: all 13
  // tables; expected values of 1b to 3a from their formulas (scipy distance.jensenshannon base 2, PSI with 1 added).
  const hundred = [100, 100, 100, 100, 100, 100, 100, 100];
  test.each([
    ['1a', [97, 105, 99, 98, 101, 102, 97, 103], [97, 105, 99, 98, 101, 102, 97, 103], 0, 0],
    ['1b', hundred, [97, 105, 99, 98, 101, 102, 97, 103], 0.01172252545, 0.0007470925955],
    ['1e', hundred, [180, 80, 70, 170, 200, 10, 130, 100], 0.2573232411, 0.4087537282],
    ['1f', hundred, [100, 100, 100, 100, 100, 100, 100, 1], 0.2460025676, 0.4791832726],
    ['1g', hundred, [100, 100, 100, 0, 0, 100, 100, 1], 0.4607459713, 1.610482223],
    ['1h', [...hundred, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2], 1, 2.538148648],
    ['2a', [100, 100], [100, 100], 0, 0],
    ['2b', [100, 100], [34, 34], 0, 0],
    ['2c', [100, 100], [92, 23], 0.2703775285, 0.3994173108],
    ['2d', [100, 100, 0, 0], [0, 0, 100, 100], 1, 9.049255915],
    ['3a', [3, 1, 4], [2, 3, 0], 0.6102311544, 0.7476606641],
  ])('Azure table %s', (_, reference, current, distance, index) => {
    // Ten significant digits are given.
    expect(Math.abs(jensenShannonDistance(reference, current) - distance)).toBeLessThan(6e-11);
    expect(Math.abs(psi(reference, current, 1) - index)).toBeLessThan(6e-10);
  });

  test('Azure tables 1c and 1d: the sample size hardly matters', () => {
    const large = jensenShannonDistance(hundred, [100, 110, 90, 100, 100, 100, 110, 100]);
    const small = jensenShannonDistance(hundred, [10, 11, 9, 10, 10, 10, 11, 10]);
    expect(small).toBeCloseTo(large, 12);
  });

  test('Evidently tests/stattests/test_stattests.py: Hellinger .06812; two-sample chi-square .89853', () => {
    const reference = [16, 18, 16, 14, 12, 12];
    const current = [16, 16, 16, 16, 16, 8];
    // approx(abs=1e-5) there.
    expect(Math.abs(hellinger(reference, current) - 0.06812)).toBeLessThan(1e-5);
    expect(chiSquareTwoSample(reference, current).pValue).toBeCloseTo(0.89853, 5);
  });

  // tensorflow/data-validation, anomalies/metrics_test.cc (divergences: squares of the distance; 1e-5 there).
  test.each([
    ['WithNaNs', [1, 3], [0, 4], 0.13792538096],
    ['RankHistogram', [2, 2, 1, 0, 0, 0], [0, 2, 0, 1, 1, 1], 0.6],
    ['MultiplePointBinsPartialOverlap', [1, 1, 0], [1, 0, 1], 0.5],
    ['NoOverlap', [2, 2, 0, 0], [0, 0, 2, 2], 1],
    ['DifferentBucketBoundaries', [2, 2, 0, 0], [0, 1, 1, 2], 0.65563906222],
  ])('TensorFlow Data Validation %s', (_, reference, current, divergence) => {
    expect(jensenShannonDistance(reference, current) ** 2).toBeCloseTo(divergence, 10);
  });

  test('TensorFlow Data Validation LInftyDistanceTest: .2 and .3', () => {
    expect(chebyshev([1, 9], [3, 7])).toBeCloseTo(0.2, 12);
    expect(chebyshev([0, 9, 1], [3, 7, 0])).toBeCloseTo(0.3, 12);
  });

  // ing-bank/popmon, tests/popmon/analysis/comparison/test_comparisons.py (4 decimals there).
  test('popmon: chi-square 2.9036, p .2341, without pooling', () => {
    const { statistic, pValue, degreesOfFreedom } = chiSquareTwoSample([1, 2, 0, 5], [3, 4, 0, 2], unpooled);
    expect(statistic).toBeCloseTo(2.9036, 4);
    expect(pValue).toBeCloseTo(0.2341, 4);
    expect(degreesOfFreedom).toBe(2);
  });

  test('popmon: KS .1291 is √(nm / (n + m)) D, and its p-value', () => {
    expect(kolmogorovSmirnov([2, 4], [1, 3]).statistic * Math.sqrt(24 / 10)).toBeCloseTo(0.1291, 4);
    // ks_prob(0.8) = .5441: sizes and shares that give √(nm / (n + m)) D = .8.
    const { pValue } = kolmogorovSmirnov([1, 1], [1, 3], { referenceSize: 20.48, currentSize: 20.48 });
    expect(pValue).toBeCloseTo(0.5441, 4);
  });

  test('popmon: PSI 1.699815 with 1e-5 added to shares, 1.699928 exactly', () => {
    const p = [0.85, 0.05, 0.05, 0.05];
    const q = [0.25, 0.25, 0.25, 0.25];
    expect(psi(p, q, 0)).toBeCloseTo(1.699928, 6);
    // They do not renormalise: their sum is 1 + 4e-5 times ours.
    expect(psi(p, q, 1e-5) * (1 + 4e-5)).toBeCloseTo(1.699815077214137, 12);
  });

  test('popmon: KL .90105 and .79875, within the 1e-4 of what they add', () => {
    expect(kullbackLeibler([0.25, 0.25, 0.25, 0.25], [0.85, 0.05, 0.05, 0.05])).toBeCloseTo(0.90105, 3);
    expect(kullbackLeibler([0.85, 0.05, 0.05, 0.05], [0.25, 0.25, 0.25, 0.25])).toBeCloseTo(0.79875, 3);
  });
});

test('an empty side gives 0, or p 1, never NaN', () => {
  for (const [reference, current] of [
    [[], []],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [5, 5],
      [0, 0],
    ],
    [
      [0, 0],
      [5, 5],
    ],
  ] as const) {
    for (const distance of [psi, jensenShannonDistance, totalVariation, hellinger, kullbackLeibler]) {
      expect(distance(reference, current)).toBe(0);
    }
    expect(chebyshev(reference, current)).toBe(0);
    expect(chebyshevCdf(reference, current)).toBe(0);
    expect(cramersV(reference, current)).toBe(0);
    expect(chiSquareTwoSample(reference, current)).toMatchObject({ statistic: 0, pValue: 1 });
    expect(kolmogorovSmirnov(reference, current)).toEqual({ statistic: 0, pValue: 1 });
  }
});

test('an empty cell is finite where the formula alone is infinite', () => {
  expect(psi([100, 0], [50, 50])).toBeGreaterThan(1);
  expect(Number.isFinite(psi([100, 0], [50, 50]))).toBe(true);
  expect(psi([100, 0], [50, 50], 0)).toBe(Number.POSITIVE_INFINITY);
  expect(Number.isFinite(kullbackLeibler([50, 50], [100, 0]))).toBe(true);
  // The other way round it is finite by itself and nothing is added.
  expect(kullbackLeibler([100, 0], [50, 50])).toBeCloseTo(Math.LN2, 12);
});

test('a thin cell does not decide the chi-square test', () => {
  const reference = [5000, 5000, 1];
  const current = [500, 500, 4];
  expect(chiSquareTwoSample(reference, current, unpooled).pValue).toBeLessThan(1e-6);
  const pooled = chiSquareTwoSample(reference, current);
  expect(pooled.degreesOfFreedom).toBe(1);
  expect(pooled.pValue).toBeGreaterThan(0.5);
});

test('a cell that the reference lacks is not pooled away, unless it has fewer than 5 rows', () => {
  const { degreesOfFreedom, pValue } = chiSquareTwoSample([900_000, 100_000, 0], [1800, 0, 200]);
  expect(degreesOfFreedom).toBe(2);
  expect(pValue).toBeLessThan(1e-100);
  expect(cramersV([900_000, 100_000, 0], [1800, 0, 200])).toBeGreaterThan(0.3);
  expect(chiSquareTwoSample([900_000, 100_000, 0], [1800, 196, 4]).degreesOfFreedom).toBe(1);
});
