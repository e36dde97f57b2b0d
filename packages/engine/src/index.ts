/** Everything that other packages may use of the engine; nothing else is public. */
export { CELL, type Column, type ColumnBatch, type TextDictionary } from './observe/column-batch.ts';
export {
  type BlockBand,
  type CategoricalReference,
  COLUMN_ROLES,
  COLUMN_TYPES,
  type ColumnReference,
  type ColumnRole,
  type ColumnType,
  type DatasetDescription,
  type ModelDescription,
  type NoiseTable,
  type NumericReference,
  PROFILE_SCHEMA_VERSION,
  type ReferenceProfile,
  type TimeDescription,
} from './reference/profile.ts';
export {
  type ColumnEvaluation,
  DRIFT_METRICS,
  type DriftMetric,
  type DriftScore,
  type Evaluation,
  QUALITY_RULES,
  type QualityEvaluation,
  type QualityRule,
  REASONS,
  type Reason,
  SIGNALS,
  type Signal,
  type SignalEvaluation,
  STATUS,
  type Status,
} from './signal/evaluation.ts';
export { WindowRing, type WindowRingOptions, type WindowView } from './signal/window-ring.ts';
export { TOP_CATEGORY_COUNT_MAX } from './sketch/categories.ts';
export { cellCounts, cellLabels, OTHER_LABEL, referenceCellCounts, UNSEEN_LABEL } from './sketch/cells.ts';
export { type ColumnLayout, compileLayout, type PaneLayout } from './sketch/layout.ts';
export { observe } from './sketch/observe.ts';
export {
  type ColumnCounts,
  clearPane,
  columnCounts,
  createPane,
  mergePane,
  type NumericCounts,
  type PaneCounts,
  paneCounts,
} from './sketch/pane.ts';
export { type DecodedPane, decodePane, encodePane, PANE_FAULTS, type PaneFault } from './sketch/pane-codec.ts';
export {
  type AppendCounts,
  type ClosedPane,
  type ClosedPanes,
  LATENESS_MS,
  PANES_PER_WINDOW,
  PaneSet,
  type PaneSetOptions,
  SKEW_MS,
  WINDOW_MS,
} from './sketch/pane-set.ts';
