/** Quantiles from bins: exact at the edges, linear in between, so within one bin (about 1 % of the reference). */
import type { ColumnReference } from '../reference/profile.ts';
import type { ColumnLayout } from '../sketch/layout.ts';
import { QUANTILE_SHARES } from './evaluation.ts';

/** Of the window at QUANTILE_SHARES; undefined without values, and for categories. */
export function windowQuantiles(column: ColumnLayout, window: Float64Array): readonly number[] | undefined {
  const { numeric, countsOffset, binCount } = column;
  if (numeric === undefined) return undefined;
  const counts = window.subarray(countsOffset, countsOffset + binCount);
  const { edges } = column.reference.numeric!;
  return binnedQuantiles(edges, counts, window[numeric.minimumOffset], window[numeric.maximumOffset]);
}

/** The same of the reference. */
export function referenceQuantiles({ numeric }: ColumnReference): readonly number[] | undefined {
  return numeric === undefined ? undefined : binnedQuantiles(numeric.edges, numeric.counts, numeric.min, numeric.max);
}

/** Bins k + 1 on k edges; the outer ones end at `min` and `max`. Undefined without rows. */
function binnedQuantiles(
  edges: ArrayLike<number>,
  counts: ArrayLike<number>,
  min: number,
  max: number,
): readonly number[] | undefined {
  let size = 0;
  for (let bin = 0; bin < counts.length; bin++) size += counts[bin];
  if (!(size > 0)) return undefined;
  const within = (value: number): number => Math.min(max, Math.max(min, value));
  let bin = 0;
  let below = 0;
  return QUANTILE_SHARES.map((share) => {
    const target = share * size;
    while (bin < counts.length - 1 && below + counts[bin] < target) below += counts[bin++];
    const low = within(bin === 0 ? min : edges[bin - 1]);
    const high = within(bin === counts.length - 1 ? max : edges[bin]);
    const part = counts[bin] > 0 ? Math.min(1, Math.max(0, (target - below) / counts[bin])) : 0;
    // Both products first: the difference of two huge bounds may not be finite.
    return within(low * (1 - part) + high * part);
  });
}
