/**
 * What whole counts do to the law of a score. With many rows in every cell a divergence / (1/n + 1/N) is χ²; with few, its
 * mean, spread and skewness are larger, and a cell may hold so few rows that a single step is the whole tail.
 *
 * Each cell is a Poisson count around what is expected of it, so its share of the score has moments that depend on the
 * expected count alone. The sum of what they exceed those of χ²₁ by corrects the law. The rows of a window are given,
 * which takes away the covariance of score and rows. Source: the same cumulants as in Cressie & Read (1984), but summed
 * numerically, which holds for any divergence and for counts below 20.
 */
import { poissonDensity } from '../special/poisson-density.ts';

/** A window's cell with `count` rows where `expected` are: what it adds to a divergence that is χ² in the limit. */
export const CELL_TERMS = {
  psi: (count: number, expected: number): number => (count - expected) * Math.log((count + 0.5) / (expected + 0.5)),
  chi_square: (count: number, expected: number): number => (count - expected) ** 2 / expected,
  jensen_shannon: (count: number, expected: number): number =>
    4 *
    ((count > 0 ? count * Math.log((2 * count) / (count + expected)) : 0) +
      expected * Math.log((2 * expected) / (count + expected))),
  hellinger: (count: number, expected: number): number => 4 * (Math.sqrt(count) - Math.sqrt(expected)) ** 2,
  /** ½ is added to the window where a cell is empty. */
  kullback_leibler: (count: number, expected: number): number => {
    const rows = count > 0 ? count : 0.5;
    return 2 * (expected * Math.log(expected / rows) + rows - expected);
  },
} as const;
export type CellTerm = keyof typeof CELL_TERMS;

export interface CellNoise {
  /** Added to mean, variance and third cumulant of the χ² law. */
  readonly mean: number;
  readonly variance: number;
  readonly third: number;
  /** The score / f that one cell alone reaches with more than probability α / k: a threshold lies above it. */
  readonly atom: number;
}

/** Cells below it are those that are never pooled: the reference says nothing of them. */
const EXPECTED_MIN = 2;
/** Above it whole counts do not matter. */
const EXPECTED_MAX = 4096;
/** A cell's moments change slowly with its expected count: a step is 1.1 %. */
const STEPS_PER_OCTAVE = 64;

/**
 * The correction for pooled cells. `reference`: counts of the reference in them; `size`: rows of the smaller of window
 * and reference; `alpha`: of one test.
 */
export function cellNoise(term: CellTerm, reference: ArrayLike<number>, size: number, alpha: number): CellNoise {
  let total = 0;
  for (let cell = 0; cell < reference.length; cell += 1) total += reference[cell];
  let mean = 0;
  let variance = 0;
  let third = 0;
  let covariance = 0;
  let atom = 0;
  for (let cell = 0; cell < reference.length; cell += 1) {
    const expected = (reference[cell] / total) * size;
    if (!(expected >= EXPECTED_MIN && expected < EXPECTED_MAX)) continue;
    const moments = momentsAt(term, expected);
    mean += moments[0] - 1;
    variance += moments[1] - 2;
    third += moments[2] - 8;
    covariance += moments[3];
    atom = Math.max(atom, lowerAtom(term, expected, alpha / reference.length));
  }
  if (size > 0) variance -= (covariance * covariance) / size;
  return { mean, variance, third, atom };
}

/** Above this a lower tail of probability 1e-9 is many counts wide, and no single step matters. */
const ATOM_EXPECTED_MAX = 100;

/** What the smallest counts add that are still more probable than alpha. */
function lowerAtom(term: CellTerm, expected: number, alpha: number): number {
  if (expected > ATOM_EXPECTED_MAX) return 0;
  let probability = Math.exp(-expected);
  let below = probability;
  for (let count = 0; count < expected; count += 1) {
    if (below > alpha) return CELL_TERMS[term](count, expected);
    probability *= expected / (count + 1);
    below += probability;
  }
  return 0;
}

const STEP_COUNT = Math.ceil(Math.log2(EXPECTED_MAX / EXPECTED_MIN) * STEPS_PER_OCTAVE) + 1;
const tables = new Map<CellTerm, (Float64Array | undefined)[]>();

/** Mean, variance, third cumulant, and covariance with the count. */
function momentsAt(term: CellTerm, expected: number): Float64Array {
  let table = tables.get(term);
  if (table === undefined) {
    table = new Array<Float64Array | undefined>(STEP_COUNT).fill(undefined);
    tables.set(term, table);
  }
  const step = Math.round(Math.log2(expected / EXPECTED_MIN) * STEPS_PER_OCTAVE);
  table[step] ??= cellMoments(term, EXPECTED_MIN * 2 ** (step / STEPS_PER_OCTAVE));
  return table[step];
}

/** Exported for its test. */
export function cellMoments(term: CellTerm, expected: number): Float64Array {
  const spread = Math.sqrt(expected);
  const first = Math.max(0, Math.floor(expected - 12 * spread));
  const last = Math.ceil(expected + 14 * spread + 20);
  let mean = 0;
  let covariance = 0;
  for (let count = first; count <= last; count += 1) {
    const weighted = poissonDensity(count, expected) * CELL_TERMS[term](count, expected);
    mean += weighted;
    covariance += weighted * (count - expected);
  }
  let variance = 0;
  let third = 0;
  for (let count = first; count <= last; count += 1) {
    const deviation = CELL_TERMS[term](count, expected) - mean;
    const weighted = poissonDensity(count, expected) * deviation * deviation;
    variance += weighted;
    third += weighted * deviation;
  }
  return Float64Array.of(mean, variance, third, covariance);
}
