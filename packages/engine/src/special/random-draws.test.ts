import { expect, test } from 'vitest';
import { binomialDensity } from './binomial-density.ts';
import { binomialDraw } from './binomial-draw.ts';
import { chiSquareSurvival } from './chi-square-distribution.ts';
import { drawMultinomial } from './multinomial-draw.ts';
import { seededRandom } from './seeded-random.ts';

test('equal seeds give equal sequences, others do not', () => {
  const take = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
});

// As an independent implementation of splitmix32 and sfc32 in Python gives them.
test('regression: the sequence never changes, so that committed tables can be made again', () => {
  const random = seededRandom(42);
  expect([random(), random(), random()]).toEqual([0.4562558052254867, 0.5743777227769976, 0.8310974141243506]);
});

test('numbers are uniform in [0, 1): 100 cells, 100,000 draws, p-value of chi-square', () => {
  const random = seededRandom(7);
  const counts = new Float64Array(100);
  for (let draw = 0; draw < 100_000; draw += 1) {
    const cell = Math.floor(random() * 100);
    counts[cell] = counts[cell] + 1;
  }
  const statistic = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquareSurvival(statistic, 99)).toBeGreaterThan(1e-4);
});

// Both algorithms (inversion below a mean of 10, rejection above) and both halves of p.
test.each([
  [20, 0.1],
  [60, 0.5],
  [60, 0.9],
  [400, 0.07],
])('binomial numbers follow their law: size %d, p %d', (size, p) => {
  const random = seededRandom(11);
  const drawCount = 40_000;
  const counts = new Float64Array(size + 1);
  for (let draw = 0; draw < drawCount; draw += 1) {
    const value = binomialDraw(size, p, random);
    counts[value] = counts[value] + 1;
  }
  let statistic = 0;
  let cellCount = 0;
  let thinObserved = 0;
  let thinExpected = 0;
  for (let value = 0; value <= size; value += 1) {
    const expected = drawCount * binomialDensity(value, size, p);
    if (expected < 10) {
      thinObserved += counts[value];
      thinExpected += expected;
      continue;
    }
    statistic += (counts[value] - expected) ** 2 / expected;
    cellCount += 1;
  }
  statistic += (thinObserved - thinExpected) ** 2 / thinExpected;
  expect(chiSquareSurvival(statistic, cellCount)).toBeGreaterThan(1e-4);
});

test('a multinomial sample keeps its size and gives nothing to cells without weight', () => {
  const counts = drawMultinomial([3, 0, 1, 2], 12_345, seededRandom(5), new Float64Array(4));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(12_345);
  expect(counts[1]).toBe(0);
  expect(counts[0] / 12_345).toBeCloseTo(0.5, 1);
  expect([...drawMultinomial([0, 0], 10, seededRandom(5), new Float64Array(2))]).toEqual([0, 0]);
});
