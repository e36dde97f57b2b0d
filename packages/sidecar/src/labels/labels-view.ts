/** What the keeper of labels reports, as the exporter reads it. */
import type { LabelsView } from '@leeway/exporter';
import { DELAY_BOUNDS } from './label-books.ts';
import type { LabelReport } from './label-keeper.ts';

export function labelsView(
  report: (LabelReport & { readonly droppedCount: number }) | undefined,
): LabelsView | undefined {
  if (report === undefined) return undefined;
  const { models, counts, waiting, droppedCount } = report;
  return {
    models,
    delayBounds: DELAY_BOUNDS,
    unmatchedCount: counts.unmatched,
    pendingCount: waiting.predictions,
    waitingCount: waiting.labels,
    lost: {
      expired: counts.expired,
      evicted: counts.evicted,
      evicted_label: counts.evictedLabels,
      dropped: droppedCount,
    },
  };
}
