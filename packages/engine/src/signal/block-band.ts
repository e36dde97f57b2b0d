/**
 * How much a reference drifts against itself from block to block: what a window may drift and be no news.
 *
 * The largest of many distances is mostly the largest noise. So the distances are first told apart from noise: their
 * mean and their spread count only as far as they exceed what sampling gives, and each distance is drawn towards the
 * mean by the share of the spread that is noise (James & Stein 1961; Efron & Morris 1973). A reference that stands still
 * has a band of 0 or nearly so, whatever the number of its blocks, and one that swings far beyond noise keeps its
 * largest distance.
 */
import { poolCells } from '../compare/pool-cells.ts';
import { psi } from '../compare/psi.ts';
import { chiSquareQuantile } from '../special/chi-square-distribution.ts';
import { samplingVariance } from './noise-floor.ts';

/** A block with fewer rows says more about its own noise than about the reference. */
const ROW_COUNT_MIN = 200;
/** Mean and spread of the distances count when they are this many standard errors beyond noise. */
const DEVIATIONS_MIN = 3;
/** A single block counts by as much as it exceeds the largest noise of all blocks, which itself it does so seldom. */
const ONE_BLOCK_ERROR = 0.05;

export interface BlockBandOptions {
  /** Indexes of cells that are never pooled. */
  readonly keep?: readonly number[];
  /** Blocks with fewer rows are part of the rest and not compared themselves; 200 by default. */
  readonly rowCountMin?: number;
}

/** PSI of a block to all the others together, and the law of its noise: `variance` × χ² with `degreesOfFreedom`. */
export interface BlockDistance {
  readonly psi: number;
  readonly degreesOfFreedom: number;
  readonly variance: number;
}

/**
 * The band of a reference: the largest distance of one of its blocks to all the others together, noise removed.
 *
 * `blocks` are counts of the same cells, one array for each block of time (of the window's length). Range: 0 upwards, in
 * units of PSI; 0 with fewer than two blocks that are long enough.
 *
 * @example blockBand([[500, 500], [500, 500], [900, 100]]) // 0.85…
 */
export function blockBand(blocks: readonly ArrayLike<number>[], options: BlockBandOptions = {}): number {
  return largestDistance(blockDistances(blocks, options).filter((distance) => distance !== undefined));
}

/** One for each block, in their order; undefined for a block that is too short. Cells are pooled as for a window. */
export function blockDistances(
  blocks: readonly ArrayLike<number>[],
  { keep, rowCountMin = ROW_COUNT_MIN }: BlockBandOptions = {},
): (BlockDistance | undefined)[] {
  const cellCount = blocks[0]?.length ?? 0;
  const totals = new Float64Array(cellCount);
  for (const block of blocks) for (let cell = 0; cell < cellCount; cell += 1) totals[cell] = totals[cell] + block[cell];
  const rest = new Float64Array(cellCount);
  return blocks.map((block) => {
    let size = 0;
    let restSize = 0;
    for (let cell = 0; cell < cellCount; cell += 1) {
      rest[cell] = totals[cell] - block[cell];
      size += block[cell];
      restSize += rest[cell];
    }
    if (size < rowCountMin || restSize < rowCountMin) return undefined;
    const cells = poolCells(rest, block, Math.min(size, restSize), { keep });
    if (cells.cellCount < 2) return undefined;
    return {
      psi: psi(cells.reference, cells.current),
      degreesOfFreedom: cells.cellCount - 1,
      variance: samplingVariance(size, restSize),
    };
  });
}

/** The largest true distance behind measured ones; 0 for none. */
export function largestDistance(distances: readonly BlockDistance[]): number {
  const count = distances.length;
  if (count === 0) return 0;
  const excessOf = ({ psi: measured, degreesOfFreedom, variance }: BlockDistance): number =>
    measured - degreesOfFreedom * variance;
  const noiseOf = ({ degreesOfFreedom, variance }: BlockDistance): number => 2 * degreesOfFreedom * variance * variance;
  const mean = average(distances, excessOf);
  const noise = average(distances, noiseOf);
  const shared = mean > DEVIATIONS_MIN * Math.sqrt(noise / count) ? mean : 0;
  const spread = average(distances, (one) => (excessOf(one) - shared) ** 2 - noiseOf(one) - 4 * shared * one.variance);
  // The fourth cumulant of χ² is 48 k: the variance of a squared deviation is (2 + 12/k) σ⁴.
  const kurtosis = average(distances, ({ degreesOfFreedom }) => 2 + 12 / degreesOfFreedom);
  const own = spread > DEVIATIONS_MIN * noise * Math.sqrt(kurtosis / count) ? spread : 0;
  let band = 0;
  for (const one of distances) {
    const trust = own / (own + noiseOf(one) + 4 * shared * one.variance);
    band = Math.max(band, shared + trust * (excessOf(one) - shared), beyondAllNoise(one, count));
  }
  return band;
}

function beyondAllNoise({ psi: measured, degreesOfFreedom, variance }: BlockDistance, count: number): number {
  const largest = ONE_BLOCK_ERROR / count;
  if (measured <= variance * degreesOfFreedom) return 0;
  return measured - variance * rememberedQuantile(largest, degreesOfFreedom);
}

/** The blocks of a column share their number, and mostly their cells. */
const memo = { upperTail: 0, degreesOfFreedom: 0, quantile: 0 };

function rememberedQuantile(upperTail: number, degreesOfFreedom: number): number {
  if (memo.upperTail !== upperTail || memo.degreesOfFreedom !== degreesOfFreedom) {
    memo.upperTail = upperTail;
    memo.degreesOfFreedom = degreesOfFreedom;
    memo.quantile = chiSquareQuantile(upperTail, degreesOfFreedom);
  }
  return memo.quantile;
}

function average<T>(items: readonly T[], of: (item: T) => number): number {
  let sum = 0;
  for (const item of items) sum += of(item);
  return sum / items.length;
}
