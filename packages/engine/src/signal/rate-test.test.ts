import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialSurvival } from '../special/incomplete-beta.ts';
import { logGamma } from '../special/log-gamma.ts';
import { rateThreshold } from './rate-test.ts';

const known = { referenceSize: Number.POSITIVE_INFINITY, margin: 0 };

test('against a known rate it is the exact binomial test', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 1e-6, max: 0.9, noNaN: true }),
      fc.double({ min: 1e-9, max: 0.1, noNaN: true }),
      (size, referenceRate, alpha) => {
        const count = Math.round(rateThreshold({ ...known, size, referenceRate, alpha }) * size);
        // The margin of 0 alone asks for the reference's own rate.
        if (count <= Math.ceil(size * referenceRate)) return;
        expect(binomialSurvival(count, size, referenceRate)).toBeLessThanOrEqual(alpha * (1 + 1e-9));
        expect(binomialSurvival(count - 1, size, referenceRate)).toBeGreaterThan(alpha * (1 - 1e-9));
      },
    ),
    { numRuns: 300 },
  ));

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/** Fisher's exact p-value: at least `count` of the window's rows when all `count + c` are spread over both at random. */
function fisher(count: number, size: number, c: number, referenceSize: number): number {
  let sum = 0;
  for (let k = count; k <= Math.min(size, count + c); k += 1) {
    const rest = count + c - k;
    if (rest > referenceSize) continue;
    sum += Math.exp(logChoose(size, k) + logChoose(referenceSize, rest) - logChoose(size + referenceSize, count + c));
  }
  return sum;
}

test('against a reference with its own uncertainty it is Fisher’s exact test', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300 }),
      fc.integer({ min: 2, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 1e-8, max: 0.1, noNaN: true }),
      (size, referenceSize, share, alpha) => {
        const c = Math.floor(share * (referenceSize - 1));
        const referenceRate = c / referenceSize;
        const count = Math.round(rateThreshold({ size, referenceRate, referenceSize, margin: 0, alpha }) * size);
        if (count <= Math.ceil(size * referenceRate)) return;
        if (count <= size) expect(fisher(count, size, c, referenceSize)).toBeLessThanOrEqual(alpha * (1 + 1e-6));
        expect(fisher(count - 1, size, c, referenceSize)).toBeGreaterThan(alpha * (1 - 1e-6));
      },
    ),
    { numRuns: 300 },
  ));

describe('laws', () => {
  const options = fc.record({
    size: fc.integer({ min: 1, max: 100_000 }),
    referenceRate: fc.double({ min: 0, max: 1, noNaN: true }),
    referenceSize: fc.integer({ min: 1, max: 10_000_000 }),
    margin: fc.double({ min: 0, max: 0.2, noNaN: true }),
    alpha: fc.double({ min: 1e-9, max: 0.4, noNaN: true }),
  });

  test('it is a number that exceeds the reference by the margin (or is all rows)', () =>
    fc.assert(
      fc.property(options, (o) => {
        const threshold = rateThreshold(o);
        expect(Number.isFinite(threshold)).toBe(true);
        expect(threshold).toBeGreaterThanOrEqual(Math.min(1, o.referenceRate + o.margin));
        expect(threshold).toBeLessThanOrEqual(2);
      }),
    ));

  test('a stricter alpha and a larger margin never let a smaller count pass', () =>
    fc.assert(
      fc.property(options, (o) => {
        const countOf = (more: object): number => {
          const threshold = rateThreshold({ ...o, ...more });
          let count = Math.max(0, Math.floor(threshold * o.size) - 1);
          while (count / o.size < threshold) count += 1;
          return count;
        };
        expect(countOf({ alpha: o.alpha / 10 })).toBeGreaterThanOrEqual(countOf({}));
        expect(countOf({ margin: o.margin + 0.1 })).toBeGreaterThanOrEqual(countOf({}));
      }),
    ));
});

test('clean reference, 2,000 rows: one percentage point warns, five are critical (design, quality rates)', () => {
  const clean = { size: 2000, referenceRate: 0, referenceSize: 1e6, alpha: 5.8e-6 };
  expect(rateThreshold({ ...clean, margin: 0.01 })).toBe(0.01);
  expect(rateThreshold({ ...clean, margin: 0.05 })).toBe(0.05);
});

test('few rows need more than the margin', () => {
  const threshold = rateThreshold({ size: 200, referenceRate: 0.02, referenceSize: 1e6, margin: 0.01, alpha: 5.8e-6 });
  // 16 of 200, as scipy.stats.hypergeom gives for Fisher's test.
  expect(threshold).toBe(0.08);
});

test('too few rows to prove anything: above 1; no rows: 2', () => {
  expect(rateThreshold({ size: 3, referenceRate: 0.5, referenceSize: 100, margin: 0.01, alpha: 1e-6 })).toBeGreaterThan(
    1,
  );
  expect(rateThreshold({ size: 0, referenceRate: 0.5, referenceSize: 100, margin: 0.01, alpha: 1e-6 })).toBe(2);
  expect(rateThreshold({ size: 500, referenceRate: 1, referenceSize: 100, margin: 0.01, alpha: 1e-6 })).toBeGreaterThan(
    1,
  );
});
