/** One pane: made, cleared, merged, and read. */
import { COLUMN_HEADER_SIZE, FIELD, type NumericLayout, PANE, type PaneLayout } from './layout.ts';

export function createPane(layout: PaneLayout): Float64Array {
  const pane = new Float64Array(layout.stride);
  clearPane(layout, pane);
  return pane;
}

export function clearPane(layout: PaneLayout, pane: Float64Array): void {
  const { addedSize, numericCount } = layout;
  pane.fill(0, 0, addedSize);
  pane.fill(Number.POSITIVE_INFINITY, addedSize, addedSize + numericCount);
  pane.fill(Number.NEGATIVE_INFINITY, addedSize + numericCount);
}

/** Adds `from` to `into`. Exact where weights are 1, but for sums and moments: those to about 1e-15 an addition. */
export function mergePane(layout: PaneLayout, into: Float64Array, from: Float64Array): void {
  const { addedSize, numericCount, stride } = layout;
  for (let i = 0; i < addedSize; i++) into[i] += from[i];
  const maximumOffset = addedSize + numericCount;
  for (let i = addedSize; i < maximumOffset; i++) if (from[i] < into[i]) into[i] = from[i];
  for (let i = maximumOffset; i < stride; i++) if (from[i] > into[i]) into[i] = from[i];
}

export interface PaneCounts {
  readonly rows: number;
  readonly weight: number;
  readonly squaredWeight: number;
  /** (Σw)² / Σw²; 0 without rows. */
  readonly effectiveSize: number;
}

export function paneCounts(pane: Float64Array): PaneCounts {
  const rows = pane[PANE.rows];
  const weight = pane[PANE.weight];
  const squaredWeight = pane[PANE.squaredWeight];
  return { rows, weight, squaredWeight, effectiveSize: effectiveSize(weight, squaredWeight) };
}

/** Counts of one column. `*Rows` are unweighted, `*Weight` weighted. Everything is finite. */
export interface ColumnCounts {
  /** Rows that say anything of the column: ok + missing + type errors. */
  readonly rows: number;
  readonly weight: number;
  readonly squaredWeight: number;
  /** Of all those rows. */
  readonly effectiveSize: number;
  /** Values that converted; they lie in the bins. */
  readonly okRows: number;
  readonly okWeight: number;
  readonly okSquaredWeight: number;
  /** Of the ok rows: the n of every drift score. */
  readonly okEffectiveSize: number;
  readonly missingRows: number;
  readonly missingWeight: number;
  readonly typeErrorRows: number;
  readonly typeErrorWeight: number;
  /** Part of the ok rows: out of the reference's bounds (numeric) or unseen in it (categorical). */
  readonly outsideRows: number;
  readonly outsideWeight: number;
  /** Of the ok values of a numeric column; absent when there are none. */
  readonly numeric?: NumericCounts;
}

export interface NumericCounts {
  readonly min: number;
  readonly max: number;
  /** Weighted; values are winsorised at 1e9 reference deviations. */
  readonly mean: number;
  /** Population (ddof 0). */
  readonly standardDeviation: number;
  readonly skewness: number;
  /** Excess over the normal's. */
  readonly excessKurtosis: number;
}

export function columnCounts(layout: PaneLayout, pane: Float64Array, columnIndex: number): ColumnCounts {
  const column = layout.columns[columnIndex];
  const at = (field: number): number => pane[column.offset + field];
  const okWeight = at(FIELD.okWeight);
  const okSquaredWeight = at(FIELD.okSquaredWeight);
  const weight = okWeight + at(FIELD.missingWeight) + at(FIELD.typeErrorWeight);
  const squaredWeight = okSquaredWeight + at(FIELD.faultSquaredWeight);
  return {
    rows: at(FIELD.okRows) + at(FIELD.missingRows) + at(FIELD.typeErrorRows),
    weight,
    squaredWeight,
    effectiveSize: effectiveSize(weight, squaredWeight),
    okRows: at(FIELD.okRows),
    okWeight,
    okSquaredWeight,
    okEffectiveSize: effectiveSize(okWeight, okSquaredWeight),
    missingRows: at(FIELD.missingRows),
    missingWeight: at(FIELD.missingWeight),
    typeErrorRows: at(FIELD.typeErrorRows),
    typeErrorWeight: at(FIELD.typeErrorWeight),
    outsideRows: at(FIELD.outsideRows),
    outsideWeight: at(FIELD.outsideWeight),
    ...(column.numeric !== undefined && okWeight > 0
      ? { numeric: numericCounts(column.numeric, pane, column.offset + COLUMN_HEADER_SIZE, okWeight) }
      : {}),
  };
}

function effectiveSize(weight: number, squaredWeight: number): number {
  return squaredWeight > 0 ? (weight * weight) / squaredWeight : 0;
}

function numericCounts(layout: NumericLayout, pane: Float64Array, moments: number, weight: number): NumericCounts {
  const mean = pane[moments] / weight;
  const second = pane[moments + 1] / weight;
  const third = pane[moments + 2] / weight;
  const fourth = pane[moments + 3] / weight;
  const variance = Math.max(0, second - mean * mean);
  const deviation = Math.sqrt(variance);
  const central3 = third - 3 * mean * second + 2 * mean ** 3;
  const central4 = fourth - 4 * mean * third + 6 * mean * mean * second - 3 * mean ** 4;
  const spread = variance > 1e-12 * Math.max(1, second);
  const largest = Number.MAX_VALUE;
  return {
    min: pane[layout.minimumOffset],
    max: pane[layout.maximumOffset],
    mean: Math.min(largest, Math.max(-largest, layout.center + layout.scale * mean)),
    standardDeviation: Math.min(largest, layout.scale * deviation),
    skewness: spread ? central3 / (variance * deviation) : 0,
    excessKurtosis: spread ? central4 / (variance * variance) - 3 : 0,
  };
}
