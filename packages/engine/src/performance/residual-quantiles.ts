/** By how much predictions miss: quantiles of prediction − truth, from the bins that the reference's residuals made. */
import { type RegressionLayout, residualCounts } from './regression-outcomes.ts';

export const RESIDUAL_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/**
 * One a share, ascending; undefined without rows, or where the reference has fewer than two edges. Within a bin rows are
 * taken as evenly spread; beyond the outermost edges nothing is known, and the edge is the answer.
 */
export function residualQuantiles({ residuals }: RegressionLayout, state: Float64Array): readonly number[] | undefined {
  const { edges, edgeCount } = residuals;
  if (edgeCount < 2) return undefined;
  const counts = residualCounts(state).map((count) => Math.max(0, count));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) return undefined;
  return RESIDUAL_SHARES.map((share) => {
    let below = 0;
    let bin = 0;
    while (bin < edgeCount && below + counts[bin] < share * total) below += counts[bin++];
    if (bin === 0) return edges[0];
    if (bin === edgeCount) return edges[edgeCount - 1];
    const part = counts[bin] > 0 ? (share * total - below) / counts[bin] : 0;
    return edges[bin - 1] + part * (edges[bin] - edges[bin - 1]);
  });
}

/** Of the reference, whose edges are its own quantiles, evenly spread. */
export function referenceResidualQuantiles({ residuals }: RegressionLayout): readonly number[] | undefined {
  const { edges, edgeCount } = residuals;
  if (edgeCount < 2) return undefined;
  return RESIDUAL_SHARES.map((share) => {
    const at = Math.min(edgeCount - 1, Math.max(0, share * (edgeCount + 1) - 1));
    const low = Math.floor(at);
    return low === edgeCount - 1 ? edges[low] : edges[low] + (at - low) * (edges[low + 1] - edges[low]);
  });
}
