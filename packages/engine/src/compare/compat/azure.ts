/**
 * Azure Machine Learning's model monitoring, number for number: equal-width bins over both data sets together, as many
 * as the smaller one has by Sturges' rule, and 1 added to every count for PSI.
 *
 * One outlier stretches all bins (see docs: frozen edges): for parity and migration only. Nulls are dropped before.
 * Source: github.com/Azure/azureml-assets, assets/model_monitoring/components/src.
 */
import { jensenShannonDistance } from '../jensen-shannon.ts';
import { ndcgOfScores } from '../ndcg.ts';
import { psi } from '../psi.ts';
import {
  type CellCounts,
  distinctCells,
  extent,
  histogram,
  isNumeric,
  type RawValues,
  standardDeviation,
} from './cell-counts.ts';
import { exactKolmogorovSmirnov } from './exact-kolmogorov-smirnov.ts';
import { exactWasserstein } from './exact-wasserstein.ts';
import { oneSampleChiSquare } from './one-sample-chi-square.ts';

/** Their floor of the standard deviation, in the column's own unit. */
const DEVIATION_MIN = 0.001;

/** Counts on Azure's bins; of categories: every category of either side. */
export function azureCells(reference: RawValues, current: RawValues): CellCounts {
  if (!isNumeric(reference) || !isNumeric(current)) return distinctCells(reference, current);
  const edges = azureEdges(reference, current);
  return { reference: histogram(reference, edges), current: histogram(current, edges) };
}

/** PSI with 1 added to every count. Range: 0 upwards. */
export function azurePsi(reference: RawValues, current: RawValues): number {
  const cells = azureCells(reference, current);
  return psi(cells.reference, cells.current, 1);
}

/** Jensen–Shannon distance, base 2. Range: 0 to 1. */
export function azureJensenShannon(reference: RawValues, current: RawValues): number {
  const cells = azureCells(reference, current);
  return jensenShannonDistance(cells.reference, cells.current);
}

/** W1 / σ of the reference (ddof 1, at least .001), nothing winsorised. Range: 0 upwards. */
export function azureWasserstein(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return exactWasserstein(reference, current) / Math.max(standardDeviation(reference, 1), DEVIATION_MIN);
}

/** p-value of the two-sample Kolmogorov–Smirnov test. */
export function azureKolmogorovSmirnov(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return exactKolmogorovSmirnov(reference, current).pValue;
}

/** p-value of the one-sample χ² test. */
export function azureChiSquare(reference: RawValues, current: RawValues): number {
  const cells = distinctCells(reference, current);
  return oneSampleChiSquare(cells.reference, cells.current);
}

/**
 * NDCG of importances by position: rows of the two tables are paired as they stand, whatever their feature names say,
 * row counts among them. Range: 0 to 1.
 */
export function azureNdcg(reference: readonly number[], current: readonly number[]): number {
  return ndcgOfScores(reference, current);
}

function azureEdges(reference: ArrayLike<number>, current: ArrayLike<number>): Float64Array {
  const [min, max] = extent(reference, current);
  if (!(min <= max)) return Float64Array.of(0, 1);
  if (min === max) {
    const delta = min === 0 ? 0.005 : Math.abs(min * 0.005);
    return Float64Array.of(min - delta, min + delta);
  }
  const binCount = Math.max(1, Math.ceil(Math.log2(Math.min(reference.length, current.length)) + 1));
  const width = (max - min) / binCount;
  return Float64Array.from({ length: binCount + 1 }, (_, index) => min + index * width);
}
