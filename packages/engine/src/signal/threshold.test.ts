import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { psi } from '../compare/psi.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { noncentralChiSquareQuantile, noncentralChiSquareSurvival } from '../special/noncentral-chi-square.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { alphaPerTest } from './false-alarm-budget.ts';
import { driftThreshold } from './threshold.ts';

const DAY_MS = 86_400_000;
const alpha = alphaPerTest({ falseAlarms: 1, periodMs: 30 * DAY_MS, intervalMs: 300_000, alarmCount: 20 });
const usual = { cellCount: 10, currentSize: 1000, referenceSize: 1e6, margin: 0.1, delta: 0, alpha };

test('20 features every 5 minutes for 30 days: alpha 5.8e-6 (design, "The noise floor and the alarm")', () => {
  expect(alpha).toBeCloseTo(1 / (20 * 12 * 24 * 30), 18);
  expect(alpha.toExponential(1)).toBe('5.8e-6');
});

test('the warning threshold there is .205 at 200 rows, and .1 from about 410 rows on (the same page)', () => {
  expect(driftThreshold({ ...usual, currentSize: 200, referenceSize: 20_000 })).toBeCloseTo(0.205, 3);
  expect(driftThreshold({ ...usual, currentSize: 400 })).toBeGreaterThan(0.1);
  expect(driftThreshold({ ...usual, currentSize: 410 })).toBe(0.1);
});

const options = fc.record({
  cellCount: fc.integer({ min: 2, max: 25 }),
  currentSize: fc.integer({ min: 1, max: 1_000_000 }),
  referenceSize: fc.integer({ min: 1, max: 10_000_000 }),
  margin: fc.double({ min: 0, max: 0.5, noNaN: true }),
  delta: fc.double({ min: 0, max: 0.5, noNaN: true }),
  alpha: fc.double({ min: 1e-9, max: 0.4, noNaN: true }),
});

describe('laws', () => {
  test('it is the larger of the margin and the quantile, whatever the short cuts', () =>
    fc.assert(
      fc.property(options, (o) => {
        const variance = 1 / o.currentSize + 1 / o.referenceSize;
        const quantile = variance * noncentralChiSquareQuantile(o.alpha, o.cellCount - 1, o.delta / variance);
        const threshold = driftThreshold(o);
        expect(threshold).toBeGreaterThanOrEqual(o.margin);
        expect(Math.abs(threshold / Math.max(o.margin, quantile) - 1)).toBeLessThan(1e-9);
      }),
      { numRuns: 300 },
    ));

  test('a score at the threshold has a false-alarm probability of at most alpha', () =>
    fc.assert(
      fc.property(options, (o) => {
        const variance = 1 / o.currentSize + 1 / o.referenceSize;
        const tail = noncentralChiSquareSurvival(driftThreshold(o) / variance, o.cellCount - 1, o.delta / variance);
        expect(tail).toBeLessThanOrEqual(o.alpha * (1 + 1e-7));
      }),
      { numRuns: 300 },
    ));

  test('more rows never raise it; more cells, a larger delta, a stricter alpha never lower it', () =>
    fc.assert(
      fc.property(options, (o) => {
        const threshold = driftThreshold(o);
        const slack = 1 + 1e-9;
        expect(driftThreshold({ ...o, currentSize: o.currentSize * 2 })).toBeLessThanOrEqual(threshold * slack);
        expect(driftThreshold({ ...o, cellCount: o.cellCount + 1 }) * slack).toBeGreaterThanOrEqual(threshold);
        expect(driftThreshold({ ...o, delta: o.delta + 0.05 }) * slack).toBeGreaterThanOrEqual(threshold);
        expect(driftThreshold({ ...o, alpha: o.alpha / 10 }) * slack).toBeGreaterThanOrEqual(threshold);
      }),
      { numRuns: 200 },
    ));
});

test('what was asked before does not change the answer', () => {
  const small = { ...usual, currentSize: 220 };
  const first = driftThreshold(small);
  for (let currentSize = 200; currentSize < 260; currentSize += 1)
    driftThreshold({ ...usual, currentSize, delta: 0.02 });
  expect(driftThreshold(small)).toBe(first);
});

test('nothing to compare: the margin itself', () => {
  expect(driftThreshold({ ...usual, cellCount: 1 })).toBe(0.1);
  expect(driftThreshold({ ...usual, currentSize: 0 })).toBe(0.1);
  expect(driftThreshold({ ...usual, referenceSize: 0 })).toBe(0.1);
});

// The one fact that carries it all, at an alpha that a test can count: PSI / f is noncentral chi-square.
test.each([
  ['no drift', 0],
  ['a mean shift', 0.08],
])('simulated windows exceed the alpha = .01 threshold in 1 %% of cases: %s', (_, tilt) => {
  const random = seededRandom(2026);
  const reference = new Array<number>(10).fill(100_000);
  const drifted = reference.map((count, cell) => count * Math.exp(tilt * (cell - 4.5)));
  const delta = psi(reference, drifted, 0);
  const threshold = driftThreshold({ ...usual, margin: 0, delta, alpha: 0.01 });
  const current = new Float64Array(10);
  const drawn = new Float64Array(10);
  let alarmCount = 0;
  for (let window = 0; window < 20_000; window += 1) {
    drawMultinomial(reference, 1e6, random, drawn);
    if (psi(drawn, drawMultinomial(drifted, 1000, random, current)) >= threshold) alarmCount += 1;
  }
  // 200 expected; five standard deviations are 70.
  expect(alarmCount).toBeGreaterThan(130);
  expect(alarmCount).toBeLessThan(270);
});
