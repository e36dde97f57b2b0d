import { describe, expect, test } from 'vitest';
import { jensenShannonDistance } from '../compare/jensen-shannon.ts';
import { poolCells } from '../compare/pool-cells.ts';
import { psi } from '../compare/psi.ts';
import { drawMultinomial } from '../special/multinomial-draw.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { CELL_TERMS, type CellTerm, cellMoments, cellNoise } from './cell-noise.ts';
import { driftThreshold } from './threshold.ts';

const TERMS = Object.keys(CELL_TERMS) as CellTerm[];

describe('the moments of one cell', () => {
  test('of χ² are known: mean 1, variance 2 + 1/e, covariance with the count 1', () => {
    for (const expected of [5, 17.3, 400]) {
      const [mean, variance, third, covariance] = cellMoments('chi_square', expected);
      expect(mean).toBeCloseTo(1, 9);
      expect(variance).toBeCloseTo(2 + 1 / expected, 9);
      // κ₃ of (c − e)²/e for a Poisson count: 8 + 22/e + 1/e².
      expect(third).toBeCloseTo(8 + 22 / expected + 1 / expected ** 2, 7);
      expect(covariance).toBeCloseTo(1, 9);
    }
  });

  test.each(TERMS)('of %s become those of χ²₁ with many rows', (term) => {
    const [mean, variance, third] = cellMoments(term, 4000);
    expect(Math.abs(mean - 1)).toBeLessThan(0.001);
    expect(Math.abs(variance - 2)).toBeLessThan(0.01);
    expect(Math.abs(third - 8)).toBeLessThan(0.1);
  });
});

test('rows without end need no correction; empty cells and no rows are no fault', () => {
  expect(cellNoise('psi', [1e6, 1e6], 1e8, 1e-6)).toEqual({ mean: 0, variance: 0, third: 0, atom: 0 });
  for (const value of Object.values(cellNoise('psi', [0, 0], 0, 1e-6))) expect(Number.isFinite(value)).toBe(true);
  expect(cellNoise('psi', [], 100, 1e-6)).toMatchObject({ mean: 0, atom: 0 });
});

/** Windows of `size` rows whose score is at or above the threshold of α = .001, over what α promises. */
function ratio(term: 'psi' | 'jensen_shannon', shares: readonly number[], size: number, corrected: boolean): number {
  const alpha = 0.001;
  const windowCount = 30_000;
  const random = seededRandom(77);
  const reference = Float64Array.from(shares, (share) => Math.round(share * 1e6));
  const current = new Float64Array(shares.length);
  const pooled = poolCells(reference, reference, size);
  const noise = corrected ? { noise: cellNoise(term, pooled.reference, size, alpha) } : {};
  const { cellCount } = pooled;
  const options = { cellCount, currentSize: size, referenceSize: 1e6, margin: 0, delta: 0, alpha, ...noise };
  const threshold = driftThreshold(options);
  let alarmCount = 0;
  for (let window = 0; window < windowCount; window += 1) {
    drawMultinomial(reference, size, random, current);
    const cells = poolCells(reference, current, size);
    const score =
      term === 'psi'
        ? psi(cells.reference, cells.current)
        : 8 * Math.LN2 * jensenShannonDistance(cells.reference, cells.current) ** 2;
    if (score >= threshold) alarmCount += 1;
  }
  return alarmCount / windowCount / alpha;
}

describe('regression: thin cells exceeded the budget up to threefold', () => {
  const halving = Array.from({ length: 21 }, (_, cell) => 0.5 ** (cell + 1));
  // 30 windows expected of 30,000: 39 are 1.6 standard deviations more; the seed is fixed.
  test.each([
    ['halving shares, 500 rows', 'psi', halving, 500],
    ['21 equal cells, 200 rows', 'jensen_shannon', new Array<number>(21).fill(1 / 21), 200],
    ['one large, four small', 'psi', [0.8, 0.05, 0.05, 0.05, 0.05], 200],
  ] as const)('%s: %s', (_, term, shares, size) => {
    expect(ratio(term, shares, size, false)).toBeGreaterThan(1.3);
    expect(ratio(term, shares, size, true)).toBeLessThan(1.3);
  });
});

test('the correction costs little: 7 % of the threshold at 200 rows in ten cells, 2 % at 1,000', () => {
  const reference = new Float64Array(10).fill(100_000);
  const alpha = 5.8e-6;
  for (const [currentSize, most] of [
    [200, 1.07],
    [1000, 1.02],
  ]) {
    const options = { cellCount: 10, currentSize, referenceSize: 1e6, margin: 0, delta: 0, alpha };
    const plain = driftThreshold(options);
    const corrected = driftThreshold({ ...options, noise: cellNoise('psi', reference, currentSize, alpha) });
    expect(corrected).toBeGreaterThan(plain);
    expect(corrected).toBeLessThan(most * plain);
  }
});
