import { stirlingError } from './log-gamma.ts';

/** Below this relative distance x ln(x / mean) + mean − x cancels and is summed as a series. */
const SERIES_WITHIN = 0.1;
/** Each term is at most 1/100 of the one before it. */
const SERIES_TERMS_MAX = 100;

/**
 * meanˣ e⁻ᵐᵉᵃⁿ / Γ(x + 1): the Poisson probability of x, continued to real x.
 *
 * Range: x ≥ 0, mean ≥ 0; result in [0, 1] for whole x. Relative error about 1e-15 also where logarithms of the
 * factors are of the order of a million, which is why it is not written with `logGamma`.
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
 *
 * @example poissonDensity(2, 3) // 0.2240418076553875
 */
export function poissonDensity(x: number, mean: number): number {
  if (mean === 0) return x === 0 ? 1 : 0;
  if (x === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(x) - deviance(x, mean)) / Math.sqrt(2 * Math.PI * x);
}

/** x ln(x / mean) + mean − x, which is never negative, without cancellation where x is close to the mean. */
export function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= SERIES_WITHIN * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = difference / (x + mean);
  const square = v * v;
  let sum = difference * v;
  let power = 2 * x * v;
  for (let term = 1; term < SERIES_TERMS_MAX; term += 1) {
    power *= square;
    const next = sum + power / (2 * term + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
