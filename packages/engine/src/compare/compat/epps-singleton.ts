import { chiSquareSurvival } from '../../special/chi-square-distribution.ts';

/** Points of the characteristic function, in half interquartile ranges. */
const POINTS = [0.4, 0.8] as const;
const SIZE = 2 * POINTS.length;
/** Below this size on both sides the statistic is corrected. */
const LARGE_FROM = 25;
const SWEEPS_MAX = 50;
const RANK_TOLERANCE = 1e-15;

export interface EppsSingletonTest {
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * Two-sample Epps–Singleton test of raw values: the empirical characteristic functions at two points. It also holds for
 * discrete values. `scipy.stats.epps_singleton_2samp`.
 *
 * Statistic 0, p 1 with fewer than five values on a side or without any spread between the quartiles. Symmetric.
 * Source: Epps & Singleton (1986); Goerg & Kaiser (2009).
 */
export function eppsSingleton(reference: ArrayLike<number>, current: ArrayLike<number>): EppsSingletonTest {
  const n = reference.length;
  const m = current.length;
  const sigma = halfInterquartileRange(reference, current);
  if (n < 5 || m < 5 || !(sigma > 0)) return { statistic: 0, pValue: 1 };
  const total = n + m;
  const [x, y] = [waves(reference, sigma), waves(current, sigma)];
  const covariance = x.covariance.map((value, index) => (total / n) * value + (total / m) * y.covariance[index]);
  const difference = x.means.map((mean, index) => mean - y.means[index]);
  const { form, rank } = inverseForm(covariance, difference);
  const correction = Math.max(n, m) < LARGE_FROM ? 1 / (1 + total ** -0.45 + 10.1 * (n ** -1.7 + m ** -1.7)) : 1;
  const statistic = correction * total * form;
  return { statistic, pValue: rank === 0 ? 1 : chiSquareSurvival(statistic, rank) };
}

/** Means and (biased) covariances of cos and sin of the values at the points. */
function waves(values: ArrayLike<number>, sigma: number): { means: number[]; covariance: number[] } {
  const at = (value: number): number[] => {
    const angles = POINTS.map((point) => (point / sigma) * value);
    return [...angles.map(Math.cos), ...angles.map(Math.sin)];
  };
  const means = new Array<number>(SIZE).fill(0);
  const products = new Array<number>(SIZE * SIZE).fill(0);
  const rows = Array.from(values, at);
  for (const row of rows) for (let i = 0; i < SIZE; i += 1) means[i] += row[i] / rows.length;
  for (const row of rows) {
    for (let i = 0; i < SIZE; i += 1) {
      for (let j = 0; j < SIZE; j += 1) {
        products[i * SIZE + j] += ((row[i] - means[i]) * (row[j] - means[j])) / rows.length;
      }
    }
  }
  return { means, covariance: products };
}

/** dᵀ A⁺ d and the rank of A, from the eigenvalues of the symmetric A (Jacobi's rotations). */
function inverseForm(matrix: readonly number[], difference: readonly number[]): { form: number; rank: number } {
  const a = [...matrix];
  const d = [...difference];
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep += 1) {
    let off = 0;
    for (let p = 0; p < SIZE; p += 1) {
      for (let q = p + 1; q < SIZE; q += 1) {
        off += a[p * SIZE + q] ** 2;
        rotate(a, d, p, q);
      }
    }
    if (off < 1e-300) break;
  }
  const values = d.map((_, index) => a[index * SIZE + index]);
  const least = RANK_TOLERANCE * Math.max(...values.map(Math.abs));
  let form = 0;
  let rank = 0;
  for (const [index, value] of values.entries()) {
    if (Math.abs(value) <= least) continue;
    form += d[index] ** 2 / value;
    rank += 1;
  }
  return { form, rank };
}

/** One Jacobi rotation that makes a[p, q] zero, applied to the matrix and to the vector. */
function rotate(a: number[], d: number[], p: number, q: number): void {
  const apq = a[p * SIZE + q];
  if (apq === 0) return;
  const theta = (a[q * SIZE + q] - a[p * SIZE + p]) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < SIZE; k += 1) {
    const [kp, kq] = [a[k * SIZE + p], a[k * SIZE + q]];
    a[k * SIZE + p] = c * kp - s * kq;
    a[k * SIZE + q] = s * kp + c * kq;
  }
  for (let k = 0; k < SIZE; k += 1) {
    const [pk, qk] = [a[p * SIZE + k], a[q * SIZE + k]];
    a[p * SIZE + k] = c * pk - s * qk;
    a[q * SIZE + k] = s * pk + c * qk;
  }
  const [dp, dq] = [d[p], d[q]];
  d[p] = c * dp - s * dq;
  d[q] = s * dp + c * dq;
}

function halfInterquartileRange(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const values = new Float64Array(reference.length + current.length);
  values.set(reference);
  values.set(current, reference.length);
  values.sort();
  if (values.length === 0) return 0;
  const at = (share: number): number => {
    const position = share * (values.length - 1);
    const index = Math.floor(position);
    const next = values[Math.min(index + 1, values.length - 1)];
    return values[index] + (position - index) * (next - values[index]);
  };
  return (at(0.75) - at(0.25)) / 2;
}
