/**
 * The distribution of the one-sample Kolmogorov–Smirnov statistic for finite n. scipy takes it, with n = the rounded
 * harmonic size, as its asymptotic p-value of the two-sample test.
 */
import { binomialDensity } from './binomial-density.ts';
import { kolmogorovSurvival } from './kolmogorov-distribution.ts';

/** Up to this size the exact matrix method is cheap. */
const MATRIX_SIZE_MAX = 140;
/** Beyond this size the sum of the tail costs too much and the limit is exact to 1e-3. */
const SUM_SIZE_MAX = 1_000_000;
/** Terms of each series of Pelz and Good: the last is below 1e-20. */
const SERIES_TERMS = 20;

/**
 * P(Dₙ ≥ d) for a sample of n from a continuous distribution.
 *
 * Range: n ≥ 1 whole; 1 at d ≤ 1/2n, 0 at d ≥ 1. Exact (1e-12) up to 140 values and in the upper tail; between, Pelz
 * and Good's expansion, good to 2e-6. Above a million values Kolmogorov's limit.
 * Source: R. Simard & P. L'Ecuyer, "Computing the Two-Sided Kolmogorov–Smirnov Distribution" (2011); G. Marsaglia,
 * W. W. Tsang & J. Wang (2003) for the matrix.
 *
 * @example kolmogorovOneSampleSurvival(0.274, 10) // 0.3715…
 */
export function kolmogorovOneSampleSurvival(d: number, n: number): number {
  if (d >= 1) return 0;
  if (n * d <= 0.5) return 1;
  if (n > SUM_SIZE_MAX) return kolmogorovSurvival(Math.sqrt(n) * d);
  const square = n * d * d;
  if (d >= 0.5 || square >= (n > MATRIX_SIZE_MAX ? 2.2 : 4)) return Math.min(1, 2 * oneSidedSurvival(d, n));
  const isExact = n <= MATRIX_SIZE_MAX || (n <= 100_000 && n * d ** 1.5 <= 1.4);
  return Math.max(0, 1 - (isExact ? byMatrix(d, n) : byExpansion(Math.sqrt(n) * d, n)));
}

/** P(Dₙ⁺ ≥ d), Smirnov's sum of positive terms: twice it is the two-sided tail where both cannot happen. */
function oneSidedSurvival(d: number, n: number): number {
  let sum = 0;
  const last = Math.floor(n * (1 - d));
  for (let j = 0; j <= last; j += 1) {
    const p = d + j / n;
    if (p >= 1) break;
    sum += (binomialDensity(j, n, p) * d) / p;
  }
  return sum;
}

/** P(Dₙ < d) as n! / nⁿ times the middle entry of a power of a banded matrix. */
function byMatrix(d: number, n: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const h = k - n * d;
  let power = startMatrix(size, h);
  let result: Scaled | undefined;
  let base: Scaled = { entries: power, exponent: 0 };
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result === undefined ? base : multiply(result, base, size);
    if (left > 1) base = multiply(base, base, size);
  }
  power = result!.entries;
  let probability = power[(k - 1) * size + k - 1];
  let exponent = result!.exponent;
  for (let i = 1; i <= n; i += 1) {
    probability *= i / n;
    if (probability < 1e-140) {
      probability *= 1e140;
      exponent -= 140;
    }
  }
  return probability * 10 ** exponent;
}

interface Scaled {
  readonly entries: Float64Array;
  /** Power of ten that the entries are to be multiplied with. */
  readonly exponent: number;
}

function startMatrix(size: number, h: number): Float64Array {
  const entries = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) entries[i * size + j] = i - j + 1 < 0 ? 0 : 1;
  }
  for (let i = 0; i < size; i += 1) {
    entries[i * size] -= h ** (i + 1);
    entries[(size - 1) * size + i] -= h ** (size - i);
  }
  entries[(size - 1) * size] += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0;
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      for (let g = 2; g <= i - j + 1; g += 1) entries[i * size + j] /= g;
    }
  }
  return entries;
}

function multiply(a: Scaled, b: Scaled, size: number): Scaled {
  const entries = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let m = 0; m < size; m += 1) {
      const factor = a.entries[i * size + m];
      if (factor === 0) continue;
      for (let j = 0; j < size; j += 1) entries[i * size + j] += factor * b.entries[m * size + j];
    }
  }
  const middle = (size - 1) / 2;
  if (entries[middle * size + middle] <= 1e140) return { entries, exponent: a.exponent + b.exponent };
  return { entries: entries.map((entry) => entry * 1e-140), exponent: a.exponent + b.exponent + 140 };
}

/** K₀ + K₁/√n + K₂/n + K₃/n^{3/2} at z = √n d: W. Pelz & I. J. Good (1976). */
function byExpansion(z: number, n: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI * Math.PI;
  const root = Math.sqrt(Math.PI / 2);
  let [k0, k1, k2, k3, k2Whole, k3Whole] = [0, 0, 0, 0, 0, 0];
  for (let k = SERIES_TERMS - 1; k >= 0; k -= 1) {
    const u = (k + 0.5) ** 2 * pi2;
    const half = 2 * Math.exp(-u / (2 * z2));
    k0 += half;
    k1 += (u - z2) * half;
    k2 += (6 * z6 + 2 * z4 + u * (2 * z4 - 5 * z2) + u * u * (1 - 2 * z2)) * half;
    k3 +=
      (u ** 3 * (5 - 30 * z2) + u * u * (-60 * z2 + 212 * z4) + u * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z6 * z2) *
      half;
    const v = k * k * pi2;
    const whole = 2 * Math.exp(-v / (2 * z2));
    k2Whole += v * whole;
    k3Whole += (-v * v + 3 * v * z2) * whole;
  }
  k0 *= root / z;
  k1 *= root / (6 * z4);
  k2 = (k2 * root) / (72 * z6 * z) - (k2Whole * root) / (36 * z2 * z);
  k3 = (k3 * root) / (6480 * z6 * z4) + (k3Whole * root) / (216 * z6);
  return k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}
