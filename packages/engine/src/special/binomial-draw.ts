import { logGamma } from './log-gamma.ts';
import type { RandomSource } from './seeded-random.ts';

/** Below this mean counting up from 0 is quicker than rejection. */
const REJECTION_MEAN_MIN = 10;

/**
 * A binomial number: how many of `size` independent trials of probability p succeed.
 *
 * Range: size ≥ 0 whole, any p (clamped to [0, 1]); exact law, constant time in the size.
 * Source: sequential inversion for a small mean, else W. Hörmann, "The generation of binomial random variates"
 * (1993), algorithm BTRS.
 *
 * @example binomialDraw(1000, 0.5, seededRandom(1)) // near 500
 */
export function binomialDraw(size: number, p: number, random: RandomSource): number {
  if (!(size > 0 && p > 0)) return 0;
  if (p >= 1) return size;
  if (p > 0.5) return size - binomialDraw(size, 1 - p, random);
  return size * p < REJECTION_MEAN_MIN ? byInversion(size, p, random) : byRejection(size, p, random);
}

function byInversion(size: number, p: number, random: RandomSource): number {
  const odds = p / (1 - p);
  let probability = Math.exp(size * Math.log1p(-p));
  let left = random();
  let count = 0;
  while (left > probability && count < size) {
    left -= probability;
    count += 1;
    probability *= (odds * (size - count + 1)) / count;
  }
  return count;
}

function byRejection(size: number, p: number, random: RandomSource): number {
  const spread = Math.sqrt(size * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = size * p + 0.5;
  const alpha = (2.83 + 5.1 / b) * spread;
  const squeeze = 0.92 - 4.2 / b;
  const mode = Math.floor((size + 1) * p);
  const logOdds = Math.log(p / (1 - p));
  let modeTerm = Number.NaN;
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= squeeze) return count;
    if (!(count >= 0 && count <= size)) continue;
    if (Number.isNaN(modeTerm)) modeTerm = logGamma(mode + 1) + logGamma(size - mode + 1);
    const height = Math.log((v * alpha) / (a / (us * us) + b));
    if (height <= modeTerm - logGamma(count + 1) - logGamma(size - count + 1) + (count - mode) * logOdds) return count;
  }
}
