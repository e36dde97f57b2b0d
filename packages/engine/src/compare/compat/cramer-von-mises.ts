import { logGamma } from '../../special/log-gamma.ts';
import { midranks } from './midranks.ts';

/** Below this the limiting distribution is 0 to 18 digits. */
const NORMALISED_MIN = 0.003;
const TERMS_MAX = 60;
/** Step and end of the integral of the Bessel function: its integrand vanishes doubly exponentially. */
const STEP = 0.05;
const END = 18;

export interface CramerVonMisesTest {
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * Two-sample Cramér–von Mises test of raw values: the squared difference of the distribution functions over all ranks.
 *
 * Ties get their mean rank. The p-value is the asymptotic one, `scipy.stats.cramervonmises_2samp` with
 * `method='asymptotic'`. Statistic 0, p 1 with fewer than two values on a side. Symmetric.
 * Source: T. W. Anderson (1962), equations 9 to 15; Csörgő & Faraway (1996), 1.2, for the limiting distribution.
 */
export function cramerVonMises(reference: ArrayLike<number>, current: ArrayLike<number>): CramerVonMisesTest {
  const n = reference.length;
  const m = current.length;
  if (n < 2 || m < 2) return { statistic: 0, pValue: 1 };
  const [ofReference, ofCurrent] = midranks(reference, current);
  const total = n + m;
  const product = n * m;
  const u = n * squaredExcess(ofReference) + m * squaredExcess(ofCurrent);
  const statistic = u / (product * total) - (4 * product - 1) / (6 * total);
  const mean = (1 + 1 / total) / 6;
  const variance =
    ((total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product)) / (45 * total * total * 4 * product);
  const normalised = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance);
  const pValue = normalised < NORMALISED_MIN ? 1 : Math.min(1, Math.max(0, 1 - limitingCdf(normalised)));
  return { statistic, pValue };
}

/** Σ (rank − place)². */
const squaredExcess = (ranks: Float64Array): number =>
  ranks.reduce((sum, rank, index) => sum + (rank - index - 1) ** 2, 0);

function limitingCdf(x: number): number {
  let sum = 0;
  for (let k = 0; k < TERMS_MAX; k += 1) {
    const y = 4 * k + 1;
    const weight = Math.exp(logGamma(k + 0.5) - logGamma(k + 1)) / (Math.PI ** 1.5 * Math.sqrt(x));
    const term = weight * Math.sqrt(y) * scaledBessel((y * y) / (16 * x));
    sum += term;
    if (term < 1e-16) break;
  }
  return sum;
}

/** e⁻ᑫ K¼(q) = ∫₀^∞ exp(−q (1 + cosh t)) cosh(t / 4) dt, by the trapezoid rule. */
function scaledBessel(q: number): number {
  let sum = 0.5 * Math.exp(-2 * q);
  for (let t = STEP; t < END; t += STEP) sum += Math.exp(-q * (1 + Math.cosh(t))) * Math.cosh(t / 4);
  return sum * STEP;
}
