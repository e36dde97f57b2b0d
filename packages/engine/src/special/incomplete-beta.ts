import { binomialDensity } from './binomial-density.ts';

/** About √max(a, b) terms are needed: enough up to 1e10. */
const TERMS_MAX = 200_000;
const TINY = 1e-300;

/**
 * Regularised incomplete beta function I(x; a, b), the probability that a Beta(a, b) variable is at most x.
 *
 * Range: a > 0, b > 0, 0 ≤ x ≤ 1; result in [0, 1]. Relative error about 1e-13 in either tail.
 * Source: continued fraction of Didonato & Morris (1992), DLMF 8.17.22, by Lentz's method.
 *
 * @example incompleteBeta(0.5, 2, 3) // 0.6875
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  return x <= (a + 1) / (a + b + 2) ? byFraction(x, 1 - x, a, b) : 1 - byFraction(1 - x, x, b, a);
}

/** P(X ≥ count) for X binomial with n trials of probability p; count may be any whole number. */
export function binomialSurvival(count: number, n: number, p: number): number {
  if (count <= 0) return 1;
  if (count > n) return 0;
  return incompleteBeta(p, count, n - count + 1);
}

/** `y` is 1 − x, handed over because forming it anew would lose the digits of a small one. */
function byFraction(x: number, y: number, a: number, b: number): number {
  const front = (binomialDensity(a, a + b, x, y) * b) / (a + b);
  if (front === 0) return 0;
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < TERMS_MAX; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 2 ** -52) break;
  }
  return Math.min(1, front * fraction);
}

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
