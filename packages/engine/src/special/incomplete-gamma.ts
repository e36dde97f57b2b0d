import { poissonDensity } from './poisson-density.ts';

/** Both expansions need a few √a terms where x is close to a: enough up to a = 1e9. */
const TERMS_MAX = 500_000;
const EPSILON = 1e-17;
const TINY = 1e-300;

/**
 * Regularised lower incomplete gamma function P(a, x) = γ(a, x) / Γ(a).
 *
 * Range: a > 0, x ≥ 0; result in [0, 1]. Relative error about 1e-14 wherever P is the smaller of P and Q.
 * Source: Abramowitz & Stegun 6.5.29 (series) and 6.5.31 (continued fraction, evaluated by Lentz's method).
 *
 * @example lowerIncompleteGamma(0.5, 1) // 0.8427007929497149, which is erf 1
 */
export function lowerIncompleteGamma(a: number, x: number): number {
  if (!(x > 0)) return 0;
  return x < a + 1 ? lowerBySeries(a, x) : 1 - upperByFraction(a, x);
}

/** Regularised upper incomplete gamma function Q(a, x) = 1 − P(a, x), exact in its own far tail. */
export function upperIncompleteGamma(a: number, x: number): number {
  if (!(x > 0)) return 1;
  return x < a + 1 ? 1 - lowerBySeries(a, x) : upperByFraction(a, x);
}

function lowerBySeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < TERMS_MAX; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < EPSILON * sum) break;
  }
  return Math.min(1, sum * poissonDensity(a, x));
}

function upperByFraction(a: number, x: number): number {
  const density = poissonDensity(a, x) * a;
  if (density === 0) return 0;
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < TERMS_MAX; k += 1) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 2 ** -52) break;
  }
  return Math.min(1, fraction * density);
}

const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
