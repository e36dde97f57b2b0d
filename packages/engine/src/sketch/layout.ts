/**
 * How one pane of one model lies in memory: a single Float64Array, all columns side by side, so that merging two
 * panes is adding two arrays.
 *
 * ```
 * rows weight squaredWeight │ column 0: header, moments, counts, sums │ column 1: header, counts │ … │ mins │ maxs
 * └───────────────────────────── added ───────────────────────────────────────────────────────────┘ └ not added ┘
 * ```
 * Minimum and maximum do not merge by addition: they stand behind everything else, numeric columns only.
 */
import type { ColumnReference, ColumnRole, ColumnType, ReferenceProfile } from '../reference/profile.ts';
import { type BinSearch, compileBinSearch } from './bin-search.ts';
import { CategoryCells } from './categories.ts';

/** Head of the pane: every row that it counted, whichever columns the row had. */
export const PANE = { rows: 0, weight: 1, squaredWeight: 2 } as const;
export const PANE_HEADER_SIZE = 3;

/**
 * Head of a column. Rows are unweighted. A row that says nothing of the column counts nowhere. `ok` values converted
 * and lie in the bins; `outside` ones are a part of them: out of the reference's bounds, or an unseen category.
 */
export const FIELD = {
  okRows: 0,
  okWeight: 1,
  okSquaredWeight: 2,
  missingRows: 3,
  missingWeight: 4,
  typeErrorRows: 5,
  typeErrorWeight: 6,
  /** Of missing values and type errors together. */
  faultSquaredWeight: 7,
  outsideRows: 8,
  outsideWeight: 9,
} as const;
export const COLUMN_HEADER_SIZE = 10;
/** Numeric columns: Σ w zⁱ for i = 1 to 4, behind the header. */
export const MOMENT_COUNT = 4;

export interface PaneLayout {
  readonly profileId: string;
  /** Doubles in one pane. */
  readonly stride: number;
  /** The first `addedSize` doubles merge by addition; then come the minima, then the maxima. */
  readonly addedSize: number;
  readonly numericCount: number;
  /** Features, then outputs, in the order of the reference. */
  readonly columns: readonly ColumnLayout[];
}

export interface ColumnLayout {
  readonly index: number;
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
  readonly reference: ColumnReference;
  /** Index of the column's header in the pane. */
  readonly offset: number;
  /** Index of the first of `binCount` weighted counts. Categorical: of the cells. */
  readonly countsOffset: number;
  readonly binCount: number;
  /** Cells that are compared and exported. */
  readonly cellCount: number;
  readonly numeric?: NumericLayout;
  readonly categorical?: CategoryCells;
}

export interface NumericLayout {
  readonly search: BinSearch;
  readonly momentsOffset: number;
  /** Index of the first of `binCount` weighted sums. */
  readonly sumsOffset: number;
  readonly minimumOffset: number;
  readonly maximumOffset: number;
  /** Moments are of z = (x − center) / scale: the reference's mean and deviation, so that nothing cancels. */
  readonly center: number;
  readonly scale: number;
  readonly referenceMin: number;
  readonly referenceMax: number;
}

/**
 * Compiles a validated profile. Do it once in each thread: the layout holds look-up tables and caches and cannot be
 * cloned to another.
 */
export function compileLayout(reference: ReferenceProfile): PaneLayout {
  const roles = [
    ...reference.features.map((column) => ({ column, role: 'feature' as const })),
    ...reference.outputs.map((column) => ({ column, role: 'output' as const })),
  ];
  const numericCount = roles.filter(({ column }) => column.numeric !== undefined).length;
  const addedSize = roles.reduce((size, { column }) => size + addedSizeOf(column), PANE_HEADER_SIZE);
  let offset = PANE_HEADER_SIZE;
  let numericIndex = 0;
  const columns = roles.map(({ column, role }, index): ColumnLayout => {
    const base = { index, name: column.name, role, type: column.type, reference: column, offset };
    const layout =
      column.numeric === undefined
        ? { ...base, ...categoricalPart(column, offset) }
        : { ...base, ...numericPart(column, offset, addedSize + numericIndex++, numericCount) };
    offset += addedSizeOf(column);
    return layout;
  });
  return { profileId: reference.id, stride: addedSize + 2 * numericCount, addedSize, numericCount, columns };
}

/** At most, of one categorical column: top categories, other, unseen. */
function addedSizeOf(column: ColumnReference): number {
  if (column.numeric !== undefined) return COLUMN_HEADER_SIZE + MOMENT_COUNT + 2 * column.numeric.counts.length;
  return COLUMN_HEADER_SIZE + cellsOf(column).cellCount;
}

function cellsOf(column: ColumnReference): CategoryCells {
  return new CategoryCells(column.categorical ?? { categories: [], restCount: 0, distinctCount: 0, open: false });
}

function categoricalPart(column: ColumnReference, offset: number) {
  const categorical = cellsOf(column);
  const { cellCount } = categorical;
  return { countsOffset: offset + COLUMN_HEADER_SIZE, binCount: cellCount, cellCount, categorical };
}

function numericPart(column: ColumnReference, offset: number, minimumOffset: number, numericCount: number) {
  const numeric = column.numeric!;
  const binCount = numeric.counts.length;
  const momentsOffset = offset + COLUMN_HEADER_SIZE;
  const countsOffset = momentsOffset + MOMENT_COUNT;
  const deviation = numeric.standardDeviation;
  const layout: NumericLayout = {
    search: compileBinSearch(numeric.edges),
    momentsOffset,
    sumsOffset: countsOffset + binCount,
    minimumOffset,
    maximumOffset: minimumOffset + numericCount,
    center: numeric.mean,
    scale: deviation > 0 && Number.isFinite(1 / deviation) ? deviation : 1,
    referenceMin: numeric.min,
    referenceMax: numeric.max,
  };
  return { countsOffset, binCount, cellCount: numeric.cuts.length + 1, numeric: layout };
}
