/**
 * Noncentral χ²: the law of a drift score whose true value is not zero. PSI divided by 1/n + 1/N follows it, and a
 * threshold is one of its quantiles far out in the tail, so every sum here has positive terms only and no tail is
 * ever found as one minus the other.
 */
import { lowerIncompleteGamma, upperIncompleteGamma } from './incomplete-gamma.ts';
import { normalDensity, normalQuantile, normalSurvival } from './normal-distribution.ts';
import { poissonDensity } from './poisson-density.ts';

/** Above this noncentrality a saddlepoint formula is exact to 1e-9 and its cost no longer grows. */
const SUM_NONCENTRALITY_MAX = 5000;
/** Closer to the mean than this many standard deviations the saddlepoint formula cancels; the sum is used there. */
const SADDLEPOINT_DEVIATION_MIN = 0.5;
/** Terms of the Poisson sum: ± 9 standard deviations; 4e6 covers a noncentrality of 1e11. */
const TERMS_MAX = 4_000_000;
const NEGLIGIBLE = 1e-17;
/** Newton's method doubles the digits from a start that has two or three. */
const NEWTON_STEPS_MAX = 40;

/** One tail probability and the density at the same place. */
interface Tail {
  readonly probability: number;
  readonly density: number;
}

/**
 * P(X ≥ x) for χ² with noncentrality.
 *
 * Range: degreesOfFreedom > 0, noncentrality ≥ 0; result in [0, 1]. Relative error below 1e-9 down to 1e-300.
 * Source: Poisson mixture of central χ² (Johnson, Kotz & Balakrishnan, "Continuous Univariate Distributions 2",
 * 29.3); above a noncentrality of 5,000 Lugannani & Rice's saddlepoint formula with Daniels' second-order term.
 *
 * @example noncentralChiSquareSurvival(30, 9, 5) // 0.0162…
 */
export const noncentralChiSquareSurvival = (x: number, degreesOfFreedom: number, noncentrality: number): number =>
  upperTail(x, degreesOfFreedom, noncentrality).probability;

/** P(X ≤ x), with full relative accuracy in the lower tail. */
export const noncentralChiSquareCdf = (x: number, degreesOfFreedom: number, noncentrality: number): number =>
  lowerTail(x, degreesOfFreedom, noncentrality).probability;

/**
 * x with P(X ≥ x) = upperTailProbability.
 *
 * Range: 0 < probability ≤ 1 (0 at 1, NaN outside). Relative error below 1e-9, checked against scipy down to 1e-9.
 */
export function noncentralChiSquareQuantile(
  upperTailProbability: number,
  degreesOfFreedom: number,
  noncentrality: number,
): number {
  if (!(upperTailProbability > 0 && upperTailProbability <= 1)) return Number.NaN;
  if (upperTailProbability === 1) return 0;
  const upper = upperTailProbability <= 0.5;
  const target = upper ? upperTailProbability : 1 - upperTailProbability;
  let x = startingPoint(upperTailProbability, degreesOfFreedom, noncentrality);
  for (let step = 0; step < NEWTON_STEPS_MAX; step += 1) {
    const tail = (upper ? upperTail : lowerTail)(x, degreesOfFreedom, noncentrality);
    if (tail.probability === 0 || tail.density === 0) {
      x = upper ? x / 2 : x * 2;
      continue;
    }
    const move = ((upper ? 1 : -1) * Math.log(tail.probability / target) * tail.probability) / tail.density;
    const next = Math.min(Math.max(x + move, x / 4), x * 4);
    if (Math.abs(next - x) <= 1e-12 * x) return next;
    x = next;
  }
  return x;
}

/**
 * An upper bound of P(X ≥ x) that costs one logarithm: Chernoff's. Where it is below α already, no quantile needs to
 * be searched. Range: 0 to 1; 1 at or below the mean.
 */
export function noncentralChiSquareTailBound(x: number, degreesOfFreedom: number, noncentrality: number): number {
  const tilt = saddlepoint(x, degreesOfFreedom, noncentrality);
  return tilt <= 0 ? 1 : Math.exp(-0.5 * squaredDeviation(tilt, degreesOfFreedom, noncentrality));
}

function upperTail(x: number, degreesOfFreedom: number, noncentrality: number): Tail {
  if (!(x > 0)) return { probability: 1, density: 0 };
  if (noncentrality > SUM_NONCENTRALITY_MAX) {
    const tilt = saddlepoint(x, degreesOfFreedom, noncentrality);
    const deviation = Math.sign(tilt) * Math.sqrt(squaredDeviation(tilt, degreesOfFreedom, noncentrality));
    if (deviation > SADDLEPOINT_DEVIATION_MIN) return bySaddlepoint(tilt, degreesOfFreedom, noncentrality);
  }
  return upperBySum(degreesOfFreedom / 2, x / 2, noncentrality / 2);
}

function lowerTail(x: number, degreesOfFreedom: number, noncentrality: number): Tail {
  if (!(x > 0)) return { probability: 0, density: 0 };
  if (noncentrality > SUM_NONCENTRALITY_MAX) {
    const tilt = saddlepoint(x, degreesOfFreedom, noncentrality);
    const deviation = Math.sign(tilt) * Math.sqrt(squaredDeviation(tilt, degreesOfFreedom, noncentrality));
    if (deviation < -SADDLEPOINT_DEVIATION_MIN) return bySaddlepoint(tilt, degreesOfFreedom, noncentrality);
  }
  return lowerBySum(degreesOfFreedom / 2, x / 2, noncentrality / 2);
}

/** Σ Poisson(j; m) Q(a + j, y), upwards from nine deviations below the largest term: Q grows by positive steps. */
function upperBySum(a: number, y: number, m: number): Tail {
  // Beyond the mean the largest term moves up with y; before it, Q is 1 and the Poisson weights decide.
  const centre = Math.max(m, largestTerm(a, y, m));
  const first = Math.max(0, Math.floor(centre - 9 * Math.sqrt(centre + 1) - 9));
  let weight = poissonDensity(first, m);
  let tail = upperIncompleteGamma(a + first, y);
  let step = poissonDensity(a + first, y);
  let probability = 0;
  let density = 0;
  for (let j = first; j < first + TERMS_MAX; j += 1) {
    const term = weight * tail;
    probability += term;
    density += (weight * step * (a + j)) / y;
    if (j > centre && term <= NEGLIGIBLE * probability) break;
    tail += step;
    step *= y / (a + j + 1);
    weight *= m / (j + 1);
  }
  return { probability: Math.min(1, probability), density: density / 2 };
}

/** Σ Poisson(j; m) P(a + j, y), downwards from far above the largest term: P grows by positive steps. */
function lowerBySum(a: number, y: number, m: number): Tail {
  const centre = Math.min(m, largestTerm(a, y, m));
  const last = Math.ceil(centre + 10 * Math.sqrt(centre) + 30);
  let weight = poissonDensity(last, m);
  let tail = lowerIncompleteGamma(a + last, y);
  let step = poissonDensity(a + last, y);
  let probability = 0;
  let density = 0;
  for (let j = last; j >= Math.max(0, last - TERMS_MAX); j -= 1) {
    const term = weight * tail;
    probability += term;
    density += (weight * step * (a + j)) / y;
    if (j < centre && term <= NEGLIGIBLE * probability) break;
    step *= (a + j) / y;
    tail += step;
    weight = m === 0 ? (j === 1 ? 1 : 0) : (weight * j) / m;
  }
  return { probability: Math.min(1, probability), density: density / 2 };
}

/** j at which Poisson(j; m) · yᵃ⁺ʲ e⁻ʸ / Γ(a + j + 1) is largest: j (a + j) = m y. */
const largestTerm = (a: number, y: number, m: number): number => (2 * m * y) / (a + Math.sqrt(a * a + 4 * m * y));

/**
 * The tilt e = u − 1 of the saddlepoint, u = 1 / (1 − 2t): the root of λu² + ku = x. Positive above the mean.
 */
function saddlepoint(x: number, k: number, noncentrality: number): number {
  const excess = x - noncentrality - k;
  const slope = 2 * noncentrality + k;
  return (2 * excess) / (slope + Math.sqrt(Math.max(0, slope * slope + 4 * noncentrality * excess)));
}

/** 2 (t x − K(t)) at the saddlepoint. */
const squaredDeviation = (tilt: number, k: number, noncentrality: number): number =>
  Math.max(0, noncentrality * tilt * tilt + k * (tilt - Math.log1p(tilt)));

/** Lugannani & Rice (1980) with the next term of Daniels (1987), for the tail on the tilt's side. */
function bySaddlepoint(tilt: number, k: number, noncentrality: number): Tail {
  const u = 1 + tilt;
  const second = u * u * (4 * noncentrality * u + 2 * k);
  const skewness = (u * u * u * (24 * noncentrality * u + 8 * k)) / second ** 1.5;
  const kurtosis = (u ** 4 * (192 * noncentrality * u + 48 * k)) / second ** 2;
  const w = Math.sign(tilt) * Math.sqrt(squaredDeviation(tilt, k, noncentrality));
  const v = tilt * Math.sqrt(noncentrality * u + k / 2);
  const correction = kurtosis / 8 - (5 * skewness * skewness) / 24;
  const bracket = 1 / v - 1 / w + correction / v - skewness / (2 * v * v) - 1 / v ** 3 + 1 / w ** 3;
  const upperProbability = normalSurvival(Math.abs(w)) + Math.sign(tilt) * normalDensity(w) * bracket;
  return { probability: upperProbability, density: (normalDensity(w) * (1 + correction)) / Math.sqrt(second) };
}

/** The x whose signed deviation is the normal quantile. */
function startingPoint(upperTailProbability: number, k: number, noncentrality: number): number {
  const z =
    upperTailProbability <= 0.5 ? -normalQuantile(upperTailProbability) : normalQuantile(1 - upperTailProbability);
  let tilt = Math.max(z / Math.sqrt(noncentrality + k / 2), -0.9);
  for (let step = 0; step < 6; step += 1) {
    const w = Math.sign(tilt) * Math.sqrt(squaredDeviation(tilt, k, noncentrality));
    if (w === 0) break;
    const slope = (noncentrality * tilt + (0.5 * k * tilt) / (1 + tilt)) / w;
    tilt = Math.max(tilt - (w - z) / slope, (tilt - 0.99) / 2);
  }
  const u = 1 + tilt;
  return Math.max(u * (noncentrality * u + k), 1e-300);
}
