/** The metrics without a formula: how often noise alone passes their thresholds at a given alpha. */
import { chebyshev } from '../../packages/engine/src/compare/chebyshev.ts';
import { kolmogorovSmirnov } from '../../packages/engine/src/compare/kolmogorov-smirnov.ts';
import { totalVariation } from '../../packages/engine/src/compare/total-variation.ts';
import { wassersteinBinned } from '../../packages/engine/src/compare/wasserstein.ts';
import { buildProfile } from '../../packages/engine/src/reference/build-profile.ts';
import type { ColumnReference } from '../../packages/engine/src/reference/profile.ts';
import { scoreLevels } from '../../packages/engine/src/signal/score-levels.ts';
import { referenceCellCounts } from '../../packages/engine/src/sketch/cells.ts';
import { drawMultinomial } from '../../packages/engine/src/special/multinomial-draw.ts';
import { normalQuantile } from '../../packages/engine/src/special/normal-distribution.ts';
import { type RandomSource, seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { table, thousands } from './markdown.ts';

export const METRIC_PARAMETERS = {
  seed: 404,
  referenceSize: 100_000,
  alphas: [1e-2, 1e-3, 1e-4],
  sizes: [200, 2000],
  windowCount: 50_000,
} as const;

const METRICS = ['kolmogorov_smirnov', 'wasserstein', 'total_variation', 'chebyshev'] as const;

const COLUMNS: readonly (readonly [string, (z: number) => number])[] = [
  ['normal', (z) => z],
  ['log-normal', (z) => Math.exp(z)],
  ['normal, whole numbers', (z) => Math.round(z)],
];

/** Rows at the quantiles of the law, so that the page does not hang on one draw. */
function columnOf(transform: (z: number) => number): ColumnReference {
  const size = METRIC_PARAMETERS.referenceSize;
  const values = Float64Array.from({ length: size }, (_, i) => transform(normalQuantile((i + 0.5) / size)));
  const rows = { scan: (visit: (values: Float64Array, count: number) => void) => visit(values, size) };
  const column = { name: 'x', role: 'feature' as const, type: 'numeric' as const, rows };
  return buildProfile({ name: '', createdAt: '', model: { name: '' }, dataset: {}, columns: [column] }).features[0];
}

/** Scores of one drawn window, in the order of METRICS. */
function scorer(column: ColumnReference): (bins: Float64Array) => number[] {
  const { edges, counts, sums, cuts, lower, upper, standardDeviation: scale } = column.numeric!;
  const cells = referenceCellCounts(column);
  const cellOfBin = counts.map((_, bin) => cuts.filter((cut) => cut < bin).length);
  const drawnSums = new Float64Array(counts.length);
  const drawnCells = new Float64Array(cells.length);
  return (bins) => {
    drawnCells.fill(0);
    bins.forEach((count, bin) => {
      drawnSums[bin] = counts[bin] > 0 ? (sums[bin] / counts[bin]) * count : 0;
      drawnCells[cellOfBin[bin]] = drawnCells[cellOfBin[bin]] + count;
    });
    return [
      kolmogorovSmirnov(counts, bins).statistic,
      wassersteinBinned(edges, counts, sums, bins, drawnSums, { lower, upper, scale }),
      totalVariation(cells, drawnCells),
      chebyshev(cells, drawnCells),
    ];
  };
}

function rowsOf(name: string, column: ColumnReference, windowCount: number, random: RandomSource): string[][] {
  const { referenceSize, alphas, sizes } = METRIC_PARAMETERS;
  const referenceCells = referenceCellCounts(column);
  const counts = column.numeric!.counts;
  const scoresOf = scorer(column);
  const bins = new Float64Array(counts.length);
  return sizes.map((n) => {
    const levels = METRICS.map((metric) =>
      alphas.map((alpha) => {
        const sizesOf = { cellCount: referenceCells.length, referenceCells, currentSize: n, referenceSize };
        const context = { ...sizesOf, alpha, band: 0, tolerated: 0, tables: column.noise ?? [] };
        return scoreLevels(metric, { warning: 0, critical: 0 }, context).warning;
      }),
    );
    const passed = levels.map((own) => own.map(() => 0));
    for (let window = 0; window < windowCount; window += 1) {
      const scores = scoresOf(drawMultinomial(counts, n, random, bins));
      for (const [metric, own] of levels.entries())
        for (const [level, limit] of own.entries()) if (scores[metric] >= limit) passed[metric][level] += 1;
    }
    const cells = passed.map((own) =>
      own.map((count, level) => (count / windowCount / alphas[level]).toFixed(2)).join(' / '),
    );
    return [name, thousands(n), ...cells];
  });
}

export function metricTable(scale: number): string {
  const random = seededRandom(METRIC_PARAMETERS.seed);
  const windowCount = Math.round(METRIC_PARAMETERS.windowCount * scale);
  const head = ['column', 'n', 'KS', 'W1/σ', 'total variation', 'Chebyshev'];
  return table(
    head,
    COLUMNS.flatMap(([name, transform]) => rowsOf(name, columnOf(transform), windowCount, random)),
  );
}
