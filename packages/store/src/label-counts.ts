/** What became of predictions and labels, since the file was made. */
export const LABEL_COUNTS = [
  /** Predictions taken in. */
  'predictions',
  /** Predictions that were there already. */
  'duplicatePredictions',
  /** Predictions that left without a label: their time was over, or there was no room. */
  'expired',
  'evicted',
  /** Predictions that met their label. */
  'labelled',
  /** Labels that met their prediction, or those of several versions. */
  'matched',
  /** The same truth again. */
  'duplicate',
  /** Another truth: the last one holds. */
  'corrected',
  /** Labels of predictions that are older than any that is kept. */
  'late',
  /** Labels whose prediction never came: it was not captured, or not sent. */
  'unmatched',
  /** Labels that found no room to wait. */
  'evictedLabels',
] as const;
export type LabelCount = (typeof LABEL_COUNTS)[number];
export type LabelCounts = Readonly<Record<LabelCount, number>>;

export function noCounts(): Record<LabelCount, number> {
  return Object.fromEntries(LABEL_COUNTS.map((name) => [name, 0])) as Record<LabelCount, number>;
}
