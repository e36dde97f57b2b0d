/** Counts of one reference in the cells of another: what the sidecar would have counted, had it seen the same rows. */
import {
  type ColumnReference,
  type NumericReference,
  referenceCellCounts,
  TOP_CATEGORY_COUNT_MAX,
} from '@leeway/engine';

/** A bin whose mean is its lower end, but for rounding, holds that one value: whole numbers between wider edges. */
const POINT_SHARE = 1e-9;

/** `after` in the cells of `before`, which is of the same type; in the order of `referenceCellCounts(before)`. */
export function afterInCellsOf(before: ColumnReference, after: ColumnReference): Float64Array {
  return before.numeric === undefined || after.numeric === undefined
    ? categoriesInCells(before, after)
    : numbersInCells(before.numeric, after.numeric);
}

function categoriesInCells(before: ColumnReference, after: ColumnReference): Float64Array {
  const { categories, open, restCount } = before.categorical!;
  const cells = new Float64Array(referenceCellCounts(before).length);
  const other = Math.min(categories.length, TOP_CATEGORY_COUNT_MAX);
  // With an open set nobody can tell a rare category from one that was never seen.
  const unseen = open ? other : other + 1;
  const cellOf = new Map(categories.map(({ name }, rank) => [name, Math.min(rank, other)]));
  for (const { name, count } of after.categorical!.categories) cells[cellOf.get(name) ?? unseen] += count;
  // The rest is known by hashes only: it is taken for the same rare categories, if there were any.
  cells[restCount > 0 || categories.length > TOP_CATEGORY_COUNT_MAX ? other : unseen] += after.categorical!.restCount;
  return cells;
}

/** Fine bins that lie across a cut are divided as if their values were spread evenly, unless all of them are equal. */
function numbersInCells(before: NumericReference, after: NumericReference): Float64Array {
  const cuts = before.cuts.map((cut) => before.edges[cut]);
  const cells = new Float64Array(cuts.length + 1);
  const cellOf = (value: number) => cuts.filter((cut) => cut <= value).length;
  after.counts.forEach((count, bin) => {
    if (count === 0) return;
    const from = Math.max(after.min, after.edges[bin - 1] ?? after.min);
    const to = Math.max(from, Math.min(after.max, after.edges[bin] ?? after.max));
    const mean = after.sums[bin] / count;
    if (mean - from <= POINT_SHARE * (to - from)) {
      cells[cellOf(from)] += count;
      return;
    }
    let low = from;
    for (let cell = cellOf(from); low < to; cell++) {
      const end = Math.min(to, cuts[cell] ?? to);
      cells[cell] += (count * (end - low)) / (to - from);
      low = end;
    }
  });
  return cells;
}
