import { binomialDensity } from '../special/binomial-density.ts';
import { normalQuantile } from '../special/normal-distribution.ts';

/** Steps from the normal approximation to the exact count, and terms of one tail: 40 deviations at 1e9 rows. */
const STEPS_MAX = 2_000_000;
const NEGLIGIBLE = 1e-16;

export interface RateThresholdOptions {
  /** Effective rows of the window. */
  readonly size: number;
  /** The rate in the reference, 0 to 1, and the effective rows that it was measured on (Infinity: it is known). */
  readonly referenceRate: number;
  readonly referenceSize: number;
  /** The smallest increase that matters: 0.01 for warning, 0.05 for critical. */
  readonly margin: number;
  /** Probability of a false alarm of this one test, from `alphaPerTest`. */
  readonly alpha: number;
}

/**
 * The smallest rate of a window (missing, type errors, out of bounds, unseen) that is at a level: it exceeds the
 * reference's rate by at least `margin`, and an exact test at `alpha` excludes that it is the reference's.
 *
 * The test is binomial with the reference's own uncertainty: a window's count is predicted by a beta-binomial law with
 * parameters c + 1 and N − c, which makes it Fisher's exact test, conservative at any rate, and the plain binomial test
 * for an unlimited reference. Range: above 0; above 1 where no rate of so few rows is proof enough. No rows: 2.
 * Source: A. R. Thatcher, "Relationships between Bayesian and confidence limits for predictions" (1964).
 *
 * @example rateThreshold({ size: 2000, referenceRate: 0, referenceSize: 1e6, margin: 0.01, alpha: 5.8e-6 }) // 0.01
 */
export function rateThreshold({ size, referenceRate, referenceSize, margin, alpha }: RateThresholdOptions): number {
  const rowCount = Math.floor(size);
  if (rowCount < 1) return 2;
  const lowest = Math.min(1, referenceRate + margin);
  const law = predictive(rowCount, referenceRate, referenceSize);
  // Mostly the margin decides, and one short tail shows it.
  if (tailFrom(Math.ceil(rowCount * lowest), rowCount, law) <= alpha) return lowest;
  return Math.max(lowest, criticalCount(rowCount, law, alpha) / rowCount);
}

/** The law of a window's count, given the reference. */
interface CountLaw {
  readonly mean: number;
  readonly standardDeviation: number;
  probability(count: number): number;
  /** probability(count + 1) / probability(count). */
  ratio(count: number): number;
}

function predictive(rowCount: number, rate: number, referenceSize: number): CountLaw {
  if (!Number.isFinite(referenceSize)) {
    return {
      mean: rowCount * rate,
      standardDeviation: Math.sqrt(rowCount * rate * (1 - rate)),
      probability: (count) => binomialDensity(count, rowCount, rate),
      ratio: (count) => ((rowCount - count) * rate) / ((count + 1) * (1 - rate)),
    };
  }
  const a = rate * referenceSize + 1;
  // A reference that is all missing cannot be exceeded; the smallest b says so without dividing by 0.
  const b = Math.max((1 - rate) * referenceSize, 1e-9);
  const share = a / (a + b);
  return {
    mean: rowCount * share,
    standardDeviation: Math.sqrt((rowCount * share * (1 - share) * (a + b + rowCount)) / (a + b + 1)),
    probability: (count) => betaBinomialDensity(count, rowCount, a, b),
    ratio: (count) => ((rowCount - count) * (count + a)) / ((count + 1) * (rowCount - count - 1 + b)),
  };
}

/** C(n, c) B(c + a, n − c + b) / B(a, b), as a ratio of binomial probabilities at their common share. */
function betaBinomialDensity(count: number, rowCount: number, a: number, b: number): number {
  const size = rowCount + a + b;
  const p = (count + a) / size;
  const q = (rowCount - count + b) / size;
  const ratio =
    (binomialDensity(count, rowCount, p, q) * binomialDensity(a, a + b, p, q)) / binomialDensity(count + a, size, p, q);
  return (ratio * (size / ((count + a) * (rowCount - count + b))) * a * b) / (a + b);
}

/** The smallest count whose upper tail is at most alpha; rowCount + 1 when even the last one's is not. */
function criticalCount(rowCount: number, law: CountLaw, alpha: number): number {
  let count = countBeyond(rowCount, law, alpha);
  let tail = tailFrom(count, rowCount, law);
  let below = law.probability(count - 1);
  for (let step = 0; step < STEPS_MAX && tail + below <= alpha; step += 1) {
    tail += below;
    count -= 1;
    if (count === 0) break;
    below /= law.ratio(count - 1);
  }
  return count;
}

/** A count a little above the critical one: from the normal approximation up, by differences that lose digits. */
function countBeyond(rowCount: number, law: CountLaw, alpha: number): number {
  const guess = Math.ceil(law.mean - normalQuantile(alpha) * law.standardDeviation);
  let count = Math.min(Math.max(guess, 0), rowCount);
  let tail = tailFrom(count, rowCount, law);
  let probability = law.probability(count);
  for (let step = 0; step < STEPS_MAX && tail > alpha && count <= rowCount; step += 1) {
    tail -= probability;
    probability *= law.ratio(count);
    count += 1;
  }
  return Math.min(count + 1, rowCount + 1);
}

function tailFrom(count: number, rowCount: number, law: CountLaw): number {
  if (count > rowCount) return 0;
  let term = law.probability(count);
  let sum = 0;
  for (let next = count; next <= rowCount && next < count + STEPS_MAX; next += 1) {
    sum += term;
    if (term <= NEGLIGIBLE * sum && next > law.mean) break;
    term *= law.ratio(next);
  }
  return sum;
}
