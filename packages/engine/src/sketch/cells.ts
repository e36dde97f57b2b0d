/**
 * The cells that are compared and exported (B = 10 for numbers, top 20 for categories), as a view of the finer state.
 */
import type { ColumnReference, NumericReference } from '../reference/profile.ts';
import { TOP_CATEGORY_COUNT_MAX } from './categories.ts';
import type { PaneLayout } from './layout.ts';
import { nextUp } from './next-up.ts';

export const OTHER_LABEL = 'other';
export const UNSEEN_LABEL = 'unseen';

/** Weighted counts of one column by cell, in the order of `cellLabels`. */
export function cellCounts(layout: PaneLayout, pane: Float64Array, columnIndex: number): Float64Array {
  const column = layout.columns[columnIndex];
  const bins = pane.subarray(column.countsOffset, column.countsOffset + column.binCount);
  const { numeric } = column.reference;
  return numeric === undefined ? bins.slice() : foldBins(bins, numeric.cuts);
}

/** The reference's own counts by cell, in the order of `cellLabels`. Unseen is 0. */
export function referenceCellCounts(reference: ColumnReference): Float64Array {
  if (reference.numeric !== undefined) return foldBins(reference.numeric.counts, reference.numeric.cuts);
  const { categories, restCount, open } = reference.categorical!;
  const top = categories.slice(0, TOP_CATEGORY_COUNT_MAX).map(({ count }) => count);
  const other = categories.slice(TOP_CATEGORY_COUNT_MAX).reduce((sum, { count }) => sum + count, restCount);
  return Float64Array.from(open ? [...top, other] : [...top, other, 0]);
}

/**
 * Labels of the cells: for numbers sortable intervals (`03 [200, 310)`, `04 [310]` for a single value), for
 * categories their names. A category that is called `other` or `unseen`, that is empty, or that begins with a quote
 * is quoted as in JSON, so that no two cells share a label.
 */
export function cellLabels(reference: ColumnReference): readonly string[] {
  if (reference.numeric !== undefined) return intervalLabels(reference.numeric);
  const { categories, open } = reference.categorical!;
  const names = categories.slice(0, TOP_CATEGORY_COUNT_MAX).map(({ name }) => categoryLabel(name));
  return open ? [...names, OTHER_LABEL] : [...names, OTHER_LABEL, UNSEEN_LABEL];
}

function categoryLabel(name: string): string {
  const reserved = name === '' || name === OTHER_LABEL || name === UNSEEN_LABEL || name.startsWith('"');
  return reserved ? JSON.stringify(name) : name;
}

/** `cuts` are indexes of edges; bin b lies below edge b. */
function foldBins(bins: ArrayLike<number>, cuts: readonly number[]): Float64Array {
  const cells = new Float64Array(cuts.length + 1);
  let cell = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    while (cell < cuts.length && bin > cuts[cell]) cell++;
    cells[cell] += bins[bin];
  }
  return cells;
}

function intervalLabels(reference: NumericReference): readonly string[] {
  const { cuts } = reference;
  const digits = Math.max(2, String(cuts.length).length);
  return Array.from({ length: cuts.length + 1 }, (_, cell) => {
    const text = interval(reference, cuts[cell - 1], cuts[cell]);
    return `${String(cell).padStart(digits, '0')} ${text}`;
  });
}

/** Between two edges by index. An edge just above the edge before it belongs to a single value: it is written as that. */
function interval({ edges }: NumericReference, low: number | undefined, high: number | undefined): string {
  const afterValue = (edge: number): boolean => edge > 0 && edges[edge] === nextUp(edges[edge - 1]);
  if (low !== undefined && high === low + 1 && afterValue(high)) return `[${boundText(edges[low])}]`;
  let from = '(-inf';
  if (low !== undefined) from = afterValue(low) ? `(${boundText(edges[low - 1])}` : `[${boundText(edges[low])}`;
  if (high === undefined) return `${from}, inf)`;
  return afterValue(high) ? `${from}, ${boundText(edges[high - 1])}]` : `${from}, ${boundText(edges[high])})`;
}

/** Six digits tell neighbouring cells apart well enough for a reader; the number in front keeps labels distinct. */
function boundText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
