/** Sampling noise of the metrics without a formula, tabulated from a column's own cells (seeded: same data, same table). */
import { chebyshev } from '../compare/chebyshev.ts';
import { kolmogorovSmirnov } from '../compare/kolmogorov-smirnov.ts';
import { totalVariation } from '../compare/total-variation.ts';
import { wassersteinBinned } from '../compare/wasserstein.ts';
import { bootstrapNoise } from '../signal/bootstrap-noise.ts';
import { referenceCellCounts } from '../sketch/cells.ts';
import { seededRandom } from '../special/seeded-random.ts';
import type { ColumnReference, NoiseTable, NumericReference } from './profile.ts';

const SEED = 20_261_101;
/**
 * Replicates at each of five sizes, of all columns together: some 10 s of work; each column gets between the two others.
 * 4,000 leave the .99 quantile uncertain by .06 deviations, which is a factor of 1.3 in α at 1e-6.
 */
const REPLICATE_COUNT_TOTAL = 100_000;
const REPLICATE_COUNT_MIN = 200;
const REPLICATE_COUNT_MAX = 4000;

type Distance = (reference: Float64Array, current: Float64Array) => number;

/** Empty for a column with fewer than two cells; a metric whose distances overflow (edges near 1e308) has no table. */
export function noiseTables(column: ColumnReference, columnCount: number): readonly NoiseTable[] {
  const cells = referenceCellCounts(column);
  if (cells.filter((count) => count > 0).length < 2) return [];
  const replicateCount = Math.round(
    Math.min(REPLICATE_COUNT_MAX, Math.max(REPLICATE_COUNT_MIN, REPLICATE_COUNT_TOTAL / Math.max(1, columnCount))),
  );
  const overCells: { metric: string; distance: Distance }[] = [
    { metric: 'chebyshev', distance: chebyshev },
    { metric: 'total_variation', distance: totalVariation },
  ];
  const random = seededRandom(SEED);
  const { numeric } = column;
  if (numeric === undefined) return bootstrapNoise({ counts: cells, metrics: overCells, random, replicateCount });
  const fold = cellFolder(numeric, cells.length);
  const metrics = [
    { metric: 'wasserstein', distance: wassersteinOf(numeric) },
    { metric: 'kolmogorov_smirnov', distance: (r: Float64Array, c: Float64Array) => kolmogorovSmirnov(r, c).statistic },
    ...overCells.map(({ metric, distance }) => ({ metric, distance: fold(distance) })),
  ];
  return bootstrapNoise({ counts: numeric.counts, metrics, random, replicateCount }).filter(({ means, q999 }) =>
    [...means, ...q999].every(Number.isFinite),
  );
}

/** A distance over bins from one over cells. */
function cellFolder({ counts, cuts }: NumericReference, cellCount: number): (distance: Distance) => Distance {
  const cellOfBin = Uint16Array.from(counts, (_, bin) => cuts.filter((cut) => cut < bin).length);
  const reference = new Float64Array(cellCount);
  const current = new Float64Array(cellCount);
  return (distance) => (referenceBins, currentBins) => {
    reference.fill(0);
    current.fill(0);
    for (let bin = 0; bin < cellOfBin.length; bin++) {
      reference[cellOfBin[bin]] += referenceBins[bin];
      current[cellOfBin[bin]] += currentBins[bin];
    }
    return distance(reference, current);
  };
}

/** Drawn rows lie at the mean of their bin. */
function wassersteinOf({ edges, counts, sums, lower, upper, standardDeviation }: NumericReference): Distance {
  const means = Float64Array.from(counts, (count, bin) => (count > 0 ? sums[bin] / count : 0));
  const referenceSums = new Float64Array(counts.length);
  const currentSums = new Float64Array(counts.length);
  return (reference, current) => {
    for (let bin = 0; bin < means.length; bin++) {
      referenceSums[bin] = means[bin] * reference[bin];
      currentSums[bin] = means[bin] * current[bin];
    }
    const limits = { lower, upper, scale: standardDeviation };
    return wassersteinBinned(edges, reference, referenceSums, current, currentSums, limits);
  };
}
