/** Formulas against means of seeded simulations: 4,000 pairs of samples, so 3 % is about three standard errors. */
import { describe, expect, test } from 'vitest';
import { chebyshev } from '../compare/chebyshev.ts';
import { chiSquareTwoSample } from '../compare/chi-square.ts';
import { hellinger } from '../compare/hellinger.ts';
import { jensenShannonDistance } from '../compare/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../compare/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../compare/kullback-leibler.ts';
import { psi } from '../compare/psi.ts';
import { totalVariation } from '../compare/total-variation.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { bootstrapNoise, noiseAt } from './bootstrap-noise.ts';
import { alphaPerTest } from './false-alarm-budget.ts';
import {
  hellingerNoise,
  jensenShannonNoise,
  kolmogorovSmirnovNoise,
  kullbackLeiblerNoise,
  noiseFloor,
  totalVariationNoise,
} from './noise-floor.ts';

const n = 1000;
const N = 5000;
const k = 10;
const cells = Array.from({ length: k }, (_, cell) => 1 + (cell % 3));

function simulate(weights: readonly number[], distance: (r: Float64Array, c: Float64Array) => number): Float64Array {
  const random = seededRandom(17);
  const [reference, current] = [new Float64Array(weights.length), new Float64Array(weights.length)];
  return Float64Array.from({ length: 4000 }, () =>
    distance(drawMultinomial(weights, N, random, reference), drawMultinomial(weights, n, random, current)),
  );
}
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rootMeanSquare = (values: Float64Array): number => Math.sqrt(mean(values.map((value) => value * value)));
const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe('noise without drift', () => {
  test('PSI: (k − 1)(1/n + 1/N)', () => {
    expect(noiseFloor(k, n, N)).toBeCloseTo(9 * 0.0012, 12);
    expect(relative(mean(simulate(cells, psi)), noiseFloor(k, n, N))).toBeLessThan(0.03);
  });

  test('Jensen–Shannon, Hellinger (root mean square), KL, chi-square, total variation', () => {
    const js = simulate(cells, jensenShannonDistance);
    expect(relative(rootMeanSquare(js), jensenShannonNoise(k, n, N))).toBeLessThan(0.03);
    expect(relative(rootMeanSquare(simulate(cells, hellinger)), hellingerNoise(k, n, N))).toBeLessThan(0.03);
    expect(relative(mean(simulate(cells, kullbackLeibler)), kullbackLeiblerNoise(k, n, N))).toBeLessThan(0.03);
    const chiSquare = simulate(cells, (r, c) => chiSquareTwoSample(r, c).statistic);
    expect(relative(mean(chiSquare), k - 1)).toBeLessThan(0.03);
    const variation = simulate(cells, totalVariation);
    expect(relative(mean(variation), totalVariationNoise(cells, n, N))).toBeLessThan(0.03);
  });

  test('KS on many bins: √(π/2) ln 2 · √(1/n + 1/N)', () => {
    const fine = new Array<number>(400).fill(1);
    const ks = simulate(fine, (r, c) => kolmogorovSmirnov(r, c).statistic);
    expect(relative(mean(ks), kolmogorovSmirnovNoise(n, N))).toBeLessThan(0.06);
  });

  test('nothing to compare: 0', () => {
    expect(noiseFloor(1, n, N)).toBe(0);
    expect(noiseFloor(k, 0, N)).toBe(0);
    expect(totalVariationNoise([], n, N)).toBe(0);
  });
});

describe('noise from a bootstrap', () => {
  const metrics = [
    { metric: 'chebyshev', distance: chebyshev },
    { metric: 'psi', distance: (r: Float64Array, c: Float64Array) => psi(r, c) },
  ];
  const counts = cells.map((cell) => (cell * N) / 19);
  const bootstrap = (seed: number) =>
    bootstrapNoise({ counts, metrics, random: seededRandom(seed), sizes: [250, 1000, 8000], replicateCount: 2000 });
  const [ofChebyshev, ofPsi] = bootstrap(1);

  test('one table a metric, as wide as the sizes, quantiles in order', () => {
    expect(ofChebyshev.metric).toBe('chebyshev');
    expect(ofPsi.metric).toBe('psi');
    for (const [index] of ofChebyshev.sizes.entries()) {
      const { means, q95, q99, q999 } = ofChebyshev;
      expect(means[index]).toBeLessThan(q95[index]);
      expect(q95[index]).toBeLessThan(q99[index]);
      expect(q99[index]).toBeLessThanOrEqual(q999[index]);
    }
    expect(ofChebyshev.means.toSorted((a, b) => b - a)).toEqual(ofChebyshev.means);
  });

  test('where a formula stands it gives the same: PSI', () => {
    expect(relative(noiseAt(ofPsi, 'means', 1000, N), noiseFloor(k, 1000, N))).toBeLessThan(0.04);
  });

  test('between the tabulated sizes it follows a simulation at that size', () => {
    expect(relative(noiseAt(ofChebyshev, 'means', n, N), mean(simulate(cells, chebyshev)))).toBeLessThan(0.03);
    const between = bootstrapNoise({
      counts,
      metrics,
      random: seededRandom(9),
      sizes: [3000],
      replicateCount: 2000,
    })[0];
    expect(relative(noiseAt(ofChebyshev, 'q95', 3000, N), between.q95[0])).toBeLessThan(0.05);
  });

  test('equal seeds give equal tables', () => {
    expect(bootstrap(1)).toEqual(bootstrap(1));
    expect(bootstrap(1)).not.toEqual(bootstrap(2));
  });

  test('beyond the table the last ratio to √(1/n + 1/N) holds; without a table or rows it is 0', () => {
    const far = noiseAt(ofChebyshev, 'means', 80_000, 1e9);
    const last = noiseAt(ofChebyshev, 'means', 8000, 1e9);
    expect(far / last).toBeCloseTo(Math.sqrt(0.1), 2);
    expect(noiseAt(ofChebyshev, 'means', 0, N)).toBe(0);
    expect(noiseAt({ ...ofChebyshev, sizes: [] }, 'means', n, N)).toBe(0);
  });
});

test('a budget is shared by the tests of its period and never makes a coin toss', () => {
  const hour = 3_600_000;
  const budget = { falseAlarms: 1, periodMs: 30 * 24 * hour, intervalMs: hour, alarmCount: 10 };
  expect(alphaPerTest(budget)).toBeCloseTo(1 / 7200, 15);
  expect(alphaPerTest({ ...budget, alarmCount: 0 })).toBeCloseTo(1 / 720, 15);
  expect(alphaPerTest({ ...budget, falseAlarms: 1e9 })).toBe(0.5);
});
