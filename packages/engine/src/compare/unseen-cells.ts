import { EXPECTED_MIN, type PooledCells } from './pool-cells.ts';

/**
 * The pooled cells of a window as a contingency table, in which a cell that the reference lacks counts for what it is.
 *
 * Pearson's statistic divides by what is expected. Where the reference has no row at all, one row of the window would
 * count N/n times, and page at the first new category. So such a cell is compared with as many rows as came when they
 * are fewer than 5, and with `floor` rows otherwise: with 5 the statistic measures (c − 5)²/5, with 0 it is left as it
 * is (right for Cramér's V, which divides by the rows of both).
 *
 * `currentSize`, `referenceSize` are effective rows. Cells and their number stay; the input is not changed.
 */
export function withUnseenExpected(
  cells: PooledCells,
  { currentSize, referenceSize, floor }: { currentSize: number; referenceSize: number; floor: 0 | typeof EXPECTED_MIN },
): PooledCells {
  const unseen = cells.reference.findIndex((count, cell) => count === 0 && cells.current[cell] > 0);
  if (unseen < 0 || !(currentSize > 0)) return cells;
  const expected = cells.current[unseen] < EXPECTED_MIN ? cells.current[unseen] : floor;
  const reference = cells.reference.slice();
  reference[unseen] = (expected * referenceSize) / currentSize;
  return { ...cells, reference };
}
