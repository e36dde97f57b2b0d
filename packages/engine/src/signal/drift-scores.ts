/** All distances of one column's window from its reference, each with its noise and thresholds. */
import { chebyshev } from '../compare/chebyshev.ts';
import { chiSquareTwoSample } from '../compare/chi-square.ts';
import { cramersV } from '../compare/cramers-v.ts';
import { hellinger } from '../compare/hellinger.ts';
import { jensenShannonDistance } from '../compare/jensen-shannon.ts';
import { kolmogorovSmirnov } from '../compare/kolmogorov-smirnov.ts';
import { kullbackLeibler } from '../compare/kullback-leibler.ts';
import { type PooledCells, poolCells } from '../compare/pool-cells.ts';
import { psi } from '../compare/psi.ts';
import { totalVariation } from '../compare/total-variation.ts';
import { withUnseenExpected } from '../compare/unseen-cells.ts';
import { wassersteinBinned } from '../compare/wasserstein.ts';
import { cellCounts } from '../sketch/cells.ts';
import type { ColumnLayout, PaneLayout } from '../sketch/layout.ts';
import { confidenceInterval } from './confidence-interval.ts';
import type { DriftMetric, DriftScore } from './evaluation.ts';
import type { CompiledColumnPolicy, CompiledPolicy } from './policy.ts';
import { type LevelContext, scoreLevels } from './score-levels.ts';

export interface DriftScores {
  readonly scores: readonly DriftScore[];
  /** Cells that were compared, after pooling. */
  readonly cellCount: number;
}

/** The ok rows of a column's window: Σw, and the effective n that its counts are scaled to. */
export interface WindowSize {
  readonly weight: number;
  readonly effectiveSize: number;
  /** How much the reference drifts against itself in such a window. */
  readonly band: number;
}

/**
 * Counts are scaled to the effective size, cells that are too thin (expected below 5 in the smaller of the two
 * samples) are pooled. No scores when fewer than two cells remain; a score that is not finite is left out.
 */
export function driftScores(
  layout: PaneLayout,
  window: Float64Array,
  columnIndex: number,
  policy: CompiledPolicy,
  { weight, effectiveSize, band }: WindowSize,
): DriftScores {
  const column = layout.columns[columnIndex];
  const own = policy.columns[columnIndex];
  const scale = effectiveSize / weight;
  const current = cellCounts(layout, window, columnIndex).map((count) => count * scale);
  const smaller = Math.min(effectiveSize, own.referenceSize);
  const cells = poolCells(own.referenceCells, current, smaller, { keep: own.kept });
  if (cells.cellCount < 2) return { scores: [], cellCount: cells.cellCount };
  const context: LevelContext = {
    cellCount: cells.cellCount,
    referenceCells: cells.reference,
    currentSize: effectiveSize,
    referenceSize: own.referenceSize,
    alpha: policy.alpha,
    band,
    tolerated: own.margins.psi.warning,
    tables: column.reference.noise ?? [],
  };
  const scores = own.metrics.flatMap((metric): DriftScore[] => {
    const score = distance(metric, column, own, window, cells, effectiveSize);
    const levels = scoreLevels(metric, own.margins[metric], context);
    if (![score, levels.noise, levels.warning, levels.critical].every(Number.isFinite)) return [];
    const interval =
      policy.intervals && metric === 'psi' ? { interval: confidenceInterval({ score, ...context }) } : undefined;
    return [{ metric, score, ...levels, badSide: 'above', alarms: metric === own.alarmMetric, ...interval }];
  });
  return { scores, cellCount: cells.cellCount };
}

/** What is pooled already is compared as it is: the noise and the thresholds are those of these cells. */
const POOLED = { expectedMin: 0 } as const;

function distance(
  metric: DriftMetric,
  column: ColumnLayout,
  own: CompiledColumnPolicy,
  window: Float64Array,
  cells: PooledCells,
  currentSize: number,
): number {
  const { reference, current } = cells;
  const expecting = (floor: 0 | 5): PooledCells =>
    withUnseenExpected(cells, { currentSize, referenceSize: own.referenceSize, floor });
  switch (metric) {
    case 'psi':
      return psi(reference, current);
    case 'jensen_shannon':
      return jensenShannonDistance(reference, current);
    case 'chi_square':
      return chiSquareTwoSample(expecting(5).reference, current, POOLED).statistic;
    case 'cramers_v':
      return cramersV(expecting(0).reference, current, POOLED);
    case 'chebyshev':
      return chebyshev(reference, current);
    case 'hellinger':
      return hellinger(reference, current);
    case 'total_variation':
      return totalVariation(reference, current);
    case 'kullback_leibler':
      return kullbackLeibler(reference, current);
    case 'kolmogorov_smirnov':
      return kolmogorovSmirnov(column.reference.numeric!.counts, binsOf(column, window), {
        referenceSize: own.referenceSize,
        currentSize,
      }).statistic;
    case 'wasserstein':
      return wasserstein(column, window);
  }
}

function wasserstein(column: ColumnLayout, window: Float64Array): number {
  const { edges, counts, sums, lower, upper, standardDeviation } = column.reference.numeric!;
  const { sumsOffset } = column.numeric!;
  const currentSums = window.subarray(sumsOffset, sumsOffset + column.binCount);
  const limits = { lower, upper, scale: standardDeviation };
  return wassersteinBinned(edges, counts, sums, binsOf(column, window), currentSums, limits);
}

function binsOf(column: ColumnLayout, window: Float64Array): Float64Array {
  return window.subarray(column.countsOffset, column.countsOffset + column.binCount);
}
