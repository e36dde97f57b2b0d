/**
 * NannyML's univariate drift methods, number for number: bins by numpy's Doane rule on the reference alone, and one more
 * for what falls outside them. It has no PSI.
 *
 * For parity and migration only. Nulls are dropped before.
 * Source: nannyml 0.13.1, drift/univariate/methods.py.
 */
import { chebyshev } from '../chebyshev.ts';
import { contingencyStatistic } from '../chi-square.ts';
import { hellinger } from '../hellinger.ts';
import { jensenShannonDistance } from '../jensen-shannon.ts';
import { type CellCounts, distinctCells, extent, histogram, isNumeric, type RawValues, sumOf } from './cell-counts.ts';
import { exactKolmogorovSmirnov } from './exact-kolmogorov-smirnov.ts';
import { exactWasserstein } from './exact-wasserstein.ts';
import { linspace, numpyEdges } from './numpy-edges.ts';

/** References of this many rows are kept as a histogram of this many bins, smaller ones as they are. */
const ESTIMATED_FROM = 10_000;
const ESTIMATED_BIN_COUNT = 10_000;

/** Counts on NannyML's bins, the last for values outside the reference's range or unknown to it, where there are any. */
export function nannymlCells(reference: RawValues, current: RawValues): CellCounts {
  if (!isNumeric(reference) || !isNumeric(current)) return unseenTogether(distinctCells(reference, current));
  const edges = numpyEdges(reference, 'doane');
  const inside = histogram(current, edges);
  const outside = current.length - sumOf(inside);
  const referenceCounts = histogram(reference, edges);
  if (outside === 0) return { reference: referenceCounts, current: inside };
  return { reference: Float64Array.of(...referenceCounts, 0), current: Float64Array.of(...inside, outside) };
}

/** Jensen–Shannon distance, base 2. Range: 0 to 1. */
export function nannymlJensenShannon(reference: RawValues, current: RawValues): number {
  const cells = nannymlCells(reference, current);
  return jensenShannonDistance(cells.reference, cells.current);
}

/** Hellinger distance. Range: 0 to 1. */
export function nannymlHellinger(reference: RawValues, current: RawValues): number {
  const cells = nannymlCells(reference, current);
  return hellinger(cells.reference, cells.current);
}

/** L-infinity distance of category shares. Range: 0 to 1. */
export function nannymlLInfinity(reference: RawValues, current: RawValues): number {
  const cells = distinctCells(reference, current);
  return chebyshev(cells.reference, cells.current);
}

/** χ² statistic of the contingency table, with Yates' correction where there are two categories. Range: 0 upwards. */
export function nannymlChiSquare(reference: RawValues, current: RawValues): number {
  const cells = distinctCells(reference, current);
  return cells.reference.length === 2
    ? yatesStatistic(cells.reference, cells.current)
    : contingencyStatistic(cells.reference, cells.current);
}

/** Kolmogorov–Smirnov statistic; from 10,000 equal bins of the reference's range where it has 10,000 rows or more. */
export function nannymlKolmogorovSmirnov(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  if (reference.length < ESTIMATED_FROM) return exactKolmogorovSmirnov(reference, current, 'asymptotic').statistic;
  return binnedCdfs(reference, current, (value, min) => value < min).largest;
}

/**
 * W1 in the column's own unit. From 10,000 equal bins of the reference's range where it has 10,000 rows or more, and
 * then with NannyML's own count of one row too many on either side of that range.
 */
export function nannymlWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  if (reference.length < ESTIMATED_FROM) return exactWasserstein(reference, current);
  const [min, max] = extent(reference);
  const size = current.length;
  const smaller = Array.from(current).filter((value) => value < min);
  const bigger = Array.from(current).filter((value) => value > max);
  const smallerShare = smaller.length > 0 ? (smaller.length + 1) / size : 0;
  const biggerShare = bigger.length > 0 ? (bigger.length + 1) / size : 0;
  // Their distance from the edge that is counted as one of them: |F − 1| and F beyond the range.
  const below = smallerShare > 0 ? smallerShare * meanDistance(smaller, min) : 0;
  const above = biggerShare > 0 ? biggerShare * meanDistance(bigger, max) : 0;
  return binnedCdfs(reference, current, () => false, smallerShare).area + below + above;
}

const meanDistance = (values: readonly number[], edge: number): number =>
  values.reduce((sum, value) => sum + Math.abs(value - edge), 0) / (values.length + 1);

function binnedCdfs(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  isBelow: (value: number, min: number) => boolean,
  shareBelow = 0,
): { largest: number; area: number } {
  const [min, max] = extent(reference);
  const edges =
    min === max ? linspace(min - 0.5, max + 0.5, ESTIMATED_BIN_COUNT) : linspace(min, max, ESTIMATED_BIN_COUNT);
  const width = edges[1] - edges[0];
  const referenceCounts = histogram(reference, edges);
  const currentCounts = histogram(current, edges);
  let referenceCdf = 0;
  let currentCdf = shareBelow;
  for (let index = 0; index < current.length; index += 1)
    if (isBelow(current[index], min)) currentCdf += 1 / current.length;
  let largest = 0;
  let area = 0;
  for (let bin = 0; bin < ESTIMATED_BIN_COUNT; bin += 1) {
    referenceCdf += referenceCounts[bin] / reference.length;
    currentCdf += currentCounts[bin] / current.length;
    const difference = Math.abs(referenceCdf - currentCdf);
    if (difference > largest) largest = difference;
    area += difference * width;
  }
  return { largest, area };
}

function unseenTogether({ reference, current }: CellCounts): CellCounts {
  const known = reference.map((count, cell) => (count > 0 ? cell : -1)).filter((cell) => cell >= 0);
  let unseen = 0;
  for (let cell = 0; cell < reference.length; cell += 1) if (reference[cell] === 0) unseen += current[cell];
  const referenceCounts = Array.from(known, (cell) => reference[cell]);
  const currentCounts = Array.from(known, (cell) => current[cell]);
  if (unseen > 0) {
    referenceCounts.push(0);
    currentCounts.push(unseen);
  }
  return { reference: Float64Array.from(referenceCounts), current: Float64Array.from(currentCounts) };
}

/** Pearson's statistic with every |observed − expected| made smaller by up to ½. */
function yatesStatistic(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const referenceSize = sumOf(reference);
  const currentSize = sumOf(current);
  const total = referenceSize + currentSize;
  let statistic = 0;
  for (const cell of [0, 1]) {
    const column = reference[cell] + current[cell];
    for (const [observed, size] of [
      [reference[cell], referenceSize],
      [current[cell], currentSize],
    ] as const) {
      const expected = (column * size) / total;
      const difference = Math.abs(observed - expected);
      statistic += (difference - Math.min(0.5, difference)) ** 2 / expected;
    }
  }
  return statistic;
}
