/** Quantiles from bins: exact at the edges, linear in between, so within one bin (about 1 % of the reference). */
import type { ColumnReference } from '../reference/profile.ts';
import type { ColumnLayout } from '../sketch/layout.ts';
import { QUANTILE_SHARES } from './evaluation.ts';

/** Of the window and of the reference at QUANTILE_SHARES; undefined where either has no values. */
export function quantilesOf(
  column: ColumnLayout,
  window: Float64Array,
): { readonly reference: readonly number[]; readonly current: readonly number[] } | undefined {
  const { numeric } = column;
  if (numeric === undefined) return undefined;
  const current = binnedQuantiles(
    column.reference.numeric!.edges,
    window.subarray(column.countsOffset, column.countsOffset + column.binCount),
    window[numeric.minimumOffset],
    window[numeric.maximumOffset],
  );
  const reference = referenceQuantiles(column.reference);
  return current === undefined || reference === undefined ? undefined : { reference, current };
}

function referenceQuantiles({ numeric }: ColumnReference): readonly number[] | undefined {
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
