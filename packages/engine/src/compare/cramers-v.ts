import { contingencyStatistic, poolContingency } from './chi-square.ts';
import type { PoolOptions } from './pool-cells.ts';

/**
 * Cramér's V of the 2 × k table of reference and current counts, corrected for bias: how strongly the cell depends on
 * which of the two a row comes from, without the growth with n that χ² itself has.
 *
 * Cells are pooled as for `chiSquareTwoSample`. Range: 0 (no dependence beyond noise) to 1; symmetric. 0 when either
 * side has no rows or fewer than two cells remain.
 * Source: W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T" (2013).
 *
 * @example cramersV([50, 50], [90, 10]) // 0.4317…
 */
export function cramersV(reference: ArrayLike<number>, current: ArrayLike<number>, options: PoolOptions = {}): number {
  const cells = poolContingency(reference, current, options);
  if (cells.cellCount < 2) return 0;
  let rowCount = 0;
  for (let cell = 0; cell < cells.cellCount; cell += 1) rowCount += cells.reference[cell] + cells.current[cell];
  if (!(rowCount > 2)) return 0;
  const columns = cells.cellCount - 1;
  const association = contingencyStatistic(cells.reference, cells.current) / rowCount - columns / (rowCount - 1);
  if (!(association > 0)) return 0;
  // The two sides are the smaller dimension: min(r̃, k̃) − 1 with r̃ = 2 − 1/(n − 1) and k̃ = k − (k − 1)²/(n − 1).
  const dimension = Math.min(1 - 1 / (rowCount - 1), columns - (columns * columns) / (rowCount - 1));
  return dimension > 0 ? Math.min(1, Math.sqrt(association / dimension)) : 0;
}
