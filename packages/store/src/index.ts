/** Everything that other packages may use of the store; nothing else is public. */
export type { LabelCounts } from './label-counts.ts';
export {
  type LabelBatch,
  type LabelledOutcome,
  type PendingLabelOptions,
  PendingLabels,
  type PredictionBatch,
} from './pending-labels.ts';
