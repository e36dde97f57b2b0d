/**
 * Evidently's drift methods, number for number: bins by numpy's Sturges rule over both data sets together (a column with
 * at most 20 distinct reference values is counted by value), empty bins replaced by a small share.
 *
 * For parity and migration only. Nulls are dropped before.
 * Source: evidently 0.7.23, legacy/calculations/stattests.
 */
import { hellinger } from '../hellinger.ts';
import { jensenShannonDistance } from '../jensen-shannon.ts';
import {
  type CellCounts,
  distinctCells,
  histogram,
  isNumeric,
  type RawValues,
  standardDeviation,
} from './cell-counts.ts';
import { exactKolmogorovSmirnov } from './exact-kolmogorov-smirnov.ts';
import { energyDistance, exactWasserstein } from './exact-wasserstein.ts';
import { numpyEdges } from './numpy-edges.ts';
import { oneSampleChiSquare } from './one-sample-chi-square.ts';

/** A numeric column with more distinct values than this is binned. */
const DISTINCT_COUNT_MAX = 20;
/** What an empty bin's share becomes; less where the smallest share is itself this small. */
const EMPTY_SHARE = 0.0001;
const DEVIATION_MIN = 0.001;

export interface EvidentlyOptions {
  /** The column has an integer type in numpy, which makes no bins narrower than 1. */
  readonly integer?: boolean;
}

/** Counts on Evidently's bins. */
export function evidentlyCells(
  reference: RawValues,
  current: RawValues,
  { integer = false }: EvidentlyOptions = {},
): CellCounts {
  if (!isNumeric(reference) || !isNumeric(current)) return distinctCells(reference, current);
  if (new Set(Array.from(reference)).size <= DISTINCT_COUNT_MAX) return distinctCells(reference, current);
  return cellsBetween(numpyEdges(joined(reference, current), 'sturges', integer), reference, current);
}

/** PSI. Range: 0 upwards; 0 when either side is empty. */
export function evidentlyPsi(reference: RawValues, current: RawValues, options?: EvidentlyOptions): number {
  if (reference.length === 0 || current.length === 0) return 0;
  const cells = evidentlyCells(reference, current, options);
  const p = filledShares(cells.reference, reference.length);
  const q = filledShares(cells.current, current.length);
  return p.reduce((sum, share, cell) => sum + (share - q[cell]) * Math.log(share / q[cell]), 0);
}

/** Kullback–Leibler divergence of the reference from the current shares, in nats. Range: 0 upwards; 0 when a side is empty. */
export function evidentlyKullbackLeibler(reference: RawValues, current: RawValues, options?: EvidentlyOptions): number {
  if (reference.length === 0 || current.length === 0) return 0;
  const cells = evidentlyCells(reference, current, options);
  const p = normalised(filledShares(cells.reference, reference.length));
  const q = normalised(filledShares(cells.current, current.length));
  return p.reduce((sum, share, cell) => sum + share * Math.log(share / q[cell]), 0);
}

/** Jensen–Shannon distance in nats. Range: 0 to 0.8326. */
export function evidentlyJensenShannon(reference: RawValues, current: RawValues, options?: EvidentlyOptions): number {
  const cells = evidentlyCells(reference, current, options);
  return jensenShannonDistance(cells.reference, cells.current) * Math.sqrt(Math.LN2);
}

/** Hellinger distance; numbers on Sturges bins of the distinct values. Range: 0 to 1. */
export function evidentlyHellinger(
  reference: RawValues,
  current: RawValues,
  { integer = false }: EvidentlyOptions = {},
): number {
  let cells = distinctCells(reference, current);
  if (isNumeric(reference) && isNumeric(current)) {
    const distinct = Float64Array.from(new Set(joined(reference, current)));
    cells = cellsBetween(numpyEdges(distinct, 'sturges', integer), reference, current);
  }
  return hellinger(cells.reference, cells.current);
}

/** W1 / σ of the reference (ddof 0, at least .001), nothing winsorised. Range: 0 upwards. */
export function evidentlyWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return exactWasserstein(reference, current) / Math.max(standardDeviation(reference, 0), DEVIATION_MIN);
}

/** Energy distance. Range: 0 upwards. */
export function evidentlyEnergy(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return energyDistance(reference, current);
}

/** p-value of the two-sample Kolmogorov–Smirnov test. */
export function evidentlyKolmogorovSmirnov(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return exactKolmogorovSmirnov(reference, current).pValue;
}

/** p-value of the one-sample χ² test. */
export function evidentlyChiSquare(reference: RawValues, current: RawValues): number {
  const cells = distinctCells(reference, current);
  return oneSampleChiSquare(cells.reference, cells.current);
}

function cellsBetween(edges: ArrayLike<number>, reference: ArrayLike<number>, current: ArrayLike<number>): CellCounts {
  return { reference: histogram(reference, edges), current: histogram(current, edges) };
}

function joined(reference: ArrayLike<number>, current: ArrayLike<number>): Float64Array {
  const values = new Float64Array(reference.length + current.length);
  values.set(reference);
  values.set(current, reference.length);
  return values;
}

/** Shares with empty bins replaced: they no longer sum to 1. */
function filledShares(counts: Float64Array, size: number): Float64Array {
  const shares = counts.map((count) => count / size);
  let smallest = Number.POSITIVE_INFINITY;
  for (const share of shares) if (share > 0 && share < smallest) smallest = share;
  const fill = smallest <= EMPTY_SHARE ? smallest / 1e6 : EMPTY_SHARE;
  return shares.map((share) => (share === 0 ? fill : share));
}

function normalised(shares: Float64Array): Float64Array {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
