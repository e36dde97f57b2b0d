import fc from 'fast-check';
import { expect, test } from 'vitest';
import { psi } from '../compare/psi.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { noncentralChiSquareCdf, noncentralChiSquareSurvival } from '../special/noncentral-chi-square.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { confidenceInterval } from './confidence-interval.ts';

test('at either end the measured score is just excluded', () =>
  fc.assert(
    fc.property(
      fc.double({ min: 0.0001, max: 3, noNaN: true }),
      fc.integer({ min: 2, max: 24 }),
      fc.integer({ min: 50, max: 1_000_000 }),
      (score, cellCount, currentSize) => {
        const { lower, upper } = confidenceInterval({ score, cellCount, currentSize, referenceSize: 1e7 });
        const variance = 1 / currentSize + 1e-7;
        const x = score / variance;
        const k = cellCount - 1;
        expect(lower).toBeLessThanOrEqual(upper);
        if (lower > 0) expect(noncentralChiSquareSurvival(x, k, lower / variance) / 0.025).toBeCloseTo(1, 5);
        else expect(noncentralChiSquareSurvival(x, k, 0)).toBeGreaterThanOrEqual(0.025 * (1 - 1e-9));
        if (upper > 0) expect(noncentralChiSquareCdf(x, k, upper / variance) / 0.025).toBeCloseTo(1, 5);
        else expect(noncentralChiSquareCdf(x, k, 0)).toBeLessThanOrEqual(0.025 * (1 + 1e-9));
      },
    ),
    { numRuns: 200 },
  ));

test('more rows make it narrower, a higher level wider', () => {
  const options = { score: 0.2, cellCount: 10, currentSize: 1000, referenceSize: 1e6 };
  const width = (more: object): number => {
    const { lower, upper } = confidenceInterval({ ...options, ...more });
    return upper - lower;
  };
  expect(width({ currentSize: 4000 })).toBeLessThan(width({}) / 1.8);
  expect(width({ level: 0.99 })).toBeGreaterThan(width({}));
});

test('95 %% of intervals cover the true distance: 4,000 simulated windows of 500 rows', () => {
  const random = seededRandom(3);
  const reference = new Array<number>(10).fill(100_000);
  const drifted = reference.map((count, cell) => count * Math.exp(0.06 * (cell - 4.5)));
  const truth = psi(reference, drifted, 0);
  const current = new Float64Array(10);
  let coveredCount = 0;
  for (let window = 0; window < 4000; window += 1) {
    const score = psi(reference, drawMultinomial(drifted, 500, random, current));
    const { lower, upper } = confidenceInterval({ score, cellCount: 10, currentSize: 500, referenceSize: 1e6 });
    if (lower <= truth && truth <= upper) coveredCount += 1;
  }
  // Four standard deviations are 1.4 %.
  expect(Math.abs(coveredCount / 4000 - 0.95)).toBeLessThan(0.015);
});

test('nothing to compare: 0 to 0', () => {
  const nothing = { lower: 0, upper: 0 };
  expect(confidenceInterval({ score: 0.2, cellCount: 1, currentSize: 100, referenceSize: 100 })).toEqual(nothing);
  expect(confidenceInterval({ score: 0.2, cellCount: 10, currentSize: 0, referenceSize: 100 })).toEqual(nothing);
  expect(confidenceInterval({ score: 0, cellCount: 10, currentSize: 100, referenceSize: 100 })).toEqual(nothing);
});
