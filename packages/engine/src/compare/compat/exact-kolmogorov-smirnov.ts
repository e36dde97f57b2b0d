import { kolmogorovOneSampleSurvival } from '../../special/kolmogorov-one-sample.ts';
import type { KolmogorovSmirnovTest } from '../kolmogorov-smirnov.ts';

/** Beyond this many values on a side the exact p-value costs too much and the asymptotic one is as good. */
const EXACT_SIZE_MAX = 10_000;

export type PValueMethod = 'auto' | 'exact' | 'asymptotic';

/**
 * Two-sample Kolmogorov–Smirnov test of raw values, two-sided.
 *
 * `exact` is the permutation probability of at least this statistic (no ties assumed), as `scipy.stats.ks_2samp` with
 * `method='exact'`; `asymptotic` takes the one-sample law of nm / (n + m) values, as scipy with `method='asymp'`. `auto`
 * is exact up to 10,000 values a side. Statistic 0, p 1 when either side is empty. Symmetric.
 * Source: Hodges (1957), counted as the mass of a random lattice path that leaves the band, so that small p-values keep
 * their digits.
 *
 * @example exactKolmogorovSmirnov([1, 2, 3], [4, 5, 6]) // { statistic: 1, pValue: 0.1 }
 */
export function exactKolmogorovSmirnov(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  method: PValueMethod = 'auto',
): KolmogorovSmirnovTest {
  const n = reference.length;
  const m = current.length;
  if (n === 0 || m === 0) return { statistic: 0, pValue: 1 };
  const steps = largestDifference(reference, current);
  const statistic = steps / (n * m);
  if (steps === 0) return { statistic, pValue: 1 };
  if (method === 'exact' || (method === 'auto' && Math.max(n, m) <= EXACT_SIZE_MAX)) {
    return { statistic, pValue: Math.min(1, massOutsideBand(n, m, steps)) };
  }
  return { statistic, pValue: kolmogorovOneSampleSurvival(statistic, roundHalfEven((n * m) / (n + m))) };
}

/** As numpy rounds. At least 1. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const isUp = value - floor > 0.5 || (value - floor === 0.5 && floor % 2 === 1);
  return Math.max(1, isUp ? floor + 1 : floor);
}

/** max |F − G| · n m, a whole number. */
function largestDifference(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const u = Float64Array.from(reference).sort();
  const v = Float64Array.from(current).sort();
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < u.length && j < v.length) {
    const next = Math.min(u[i], v[j]);
    while (i < u.length && u[i] === next) i += 1;
    while (j < v.length && v[j] === next) j += 1;
    largest = Math.max(largest, Math.abs(i * v.length - j * u.length));
  }
  return largest;
}

/**
 * Probability that a random path from (0, 0) to (n, m), each order of steps equally likely, touches |i m − j n| ≥ steps.
 * Row by row; mass that leaves the band is added up and does not return.
 */
function massOutsideBand(n: number, m: number, steps: number): number {
  const row = new Float64Array(m + 2);
  row[0] = 1;
  let outside = 0;
  for (let i = 0; i <= n; i += 1) {
    for (let j = 0; j <= m; j += 1) {
      const mass = row[j];
      if (mass === 0) continue;
      if (Math.abs(i * m - j * n) >= steps) {
        outside += mass;
        row[j] = 0;
        continue;
      }
      const left = n - i + m - j;
      if (left === 0) continue;
      // The rest of this row goes down to (i + 1, j), which the next pass reads from the same place.
      row[j + 1] = row[j + 1] + (mass * (m - j)) / left;
      row[j] = (mass * (n - i)) / left;
    }
  }
  return outside;
}
