/**
 * Counts a batch of rows into a pane: the hot path.
 *
 * Rows are taken in chunks, each chunk column by column: the values of one column are gathered, all their bins found,
 * then added. Short loops over typed arrays; nothing is allocated.
 *
 * Bounds, so that no value from outside can turn a sum into an infinity: weights are clamped to [1e-12, 1e12] (a
 * weight that is no positive number counts as 1), values in sums to ±1e150, standardised values in moments to ±1e9.
 * Counts, minimum and maximum see the value as it is.
 */
import { CELL, type Column, type ColumnBatch, type TextDictionary } from '../observe/column-batch.ts';
import { findBins } from './bin-search.ts';
import { type ColumnLayout, FIELD, type NumericLayout, PANE, type PaneLayout } from './layout.ts';

const CHUNK_ROW_COUNT = 1024;
const WEIGHT_MIN = 1e-12;
const WEIGHT_MAX = 1e12;
const SUMMED_VALUE_MAX = 1e150;
const STANDARD_VALUE_MAX = 1e9;

/** Of the chunk's rows, and of the column's usable values among them. */
const rowWeights = new Float64Array(CHUNK_ROW_COUNT);
const values = new Float64Array(CHUNK_ROW_COUNT);
const weights = new Float64Array(CHUNK_ROW_COUNT);
const bins = new Uint16Array(CHUNK_ROW_COUNT);

/**
 * Adds the rows `rows[start … end)` of `batch` to `pane`. The batch's columns stand in the order of the layout's;
 * columns that the batch lacks are absent.
 */
export function observe(
  layout: PaneLayout,
  pane: Float64Array,
  batch: ColumnBatch,
  rows: Int32Array,
  start: number,
  end: number,
): void {
  const columnCount = Math.min(layout.columns.length, batch.columns.length);
  for (let from = start; from < end; from += CHUNK_ROW_COUNT) {
    const to = Math.min(end, from + CHUNK_ROW_COUNT);
    gatherWeights(pane, batch.weights, rows, from, to);
    for (let c = 0; c < columnCount; c++) {
      const column = layout.columns[c];
      const { numeric } = column;
      if (numeric === undefined) countCategories(column, pane, batch.columns[c], batch.texts, rows, from, to);
      else {
        const count = gatherNumbers(column, pane, batch.columns[c], batch.texts, rows, from, to);
        findBins(numeric.search, values, count, bins);
        addToBins(column, numeric, pane, count);
        addMoments(column, numeric, pane, count);
      }
    }
  }
}

function gatherWeights(pane: Float64Array, given: Float64Array, rows: Int32Array, from: number, to: number): void {
  let sum = 0;
  let squares = 0;
  for (let i = from; i < to; i++) {
    let weight = given[rows[i]];
    if (weight !== 1) weight = weight > 0 ? Math.min(WEIGHT_MAX, Math.max(WEIGHT_MIN, weight)) : 1;
    rowWeights[i - from] = weight;
    sum += weight;
    squares += weight * weight;
  }
  pane[PANE.rows] += to - from;
  pane[PANE.weight] += sum;
  pane[PANE.squaredWeight] += squares;
}

/** Numbers of the column into `values` and `weights`; counts what is no number. Returns how many there are. */
function gatherNumbers(
  column: ColumnLayout,
  pane: Float64Array,
  cells: Column,
  texts: TextDictionary,
  rows: Int32Array,
  from: number,
  to: number,
): number {
  const { kinds, values: given } = cells;
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    const kind = kinds[row];
    if (kind === CELL.absent) continue;
    let value = given[row];
    if (kind !== CELL.number) {
      if (kind === CELL.missing) value = Number.NaN;
      else {
        value = kind === CELL.text ? texts.numberAt(value) : Number.NaN;
        if (Number.isNaN(value)) {
          countFault(pane, column.offset, FIELD.typeErrorRows, rowWeights[i - from]);
          continue;
        }
      }
    }
    // Not finite: x − x is NaN.
    if (value - value !== 0) {
      countFault(pane, column.offset, FIELD.missingRows, rowWeights[i - from]);
      continue;
    }
    values[count] = value;
    weights[count] = rowWeights[i - from];
    count++;
  }
  return count;
}

/** `field` is the fault's row count; its weight stands behind it. */
function countFault(pane: Float64Array, offset: number, field: number, weight: number): void {
  pane[offset + field]++;
  pane[offset + field + 1] += weight;
  pane[offset + FIELD.faultSquaredWeight] += weight * weight;
}

function addToBins(column: ColumnLayout, numeric: NumericLayout, pane: Float64Array, count: number): void {
  const { countsOffset } = column;
  const { sumsOffset } = numeric;
  for (let i = 0; i < count; i++) {
    const weight = weights[i];
    const bin = bins[i];
    let value = values[i];
    if (value > SUMMED_VALUE_MAX) value = SUMMED_VALUE_MAX;
    else if (value < -SUMMED_VALUE_MAX) value = -SUMMED_VALUE_MAX;
    pane[countsOffset + bin] += weight;
    pane[sumsOffset + bin] += weight * value;
  }
}

function addMoments(column: ColumnLayout, numeric: NumericLayout, pane: Float64Array, count: number): void {
  const { center, referenceMin, referenceMax } = numeric;
  const perScale = 1 / numeric.scale;
  let min = pane[numeric.minimumOffset];
  let max = pane[numeric.maximumOffset];
  let sum = 0;
  let squares = 0;
  let outsideRows = 0;
  let outsideWeight = 0;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const weight = weights[i];
    sum += weight;
    squares += weight * weight;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value < referenceMin || value > referenceMax) {
      outsideRows++;
      outsideWeight += weight;
    }
    let z = (value - center) * perScale;
    if (z > STANDARD_VALUE_MAX) z = STANDARD_VALUE_MAX;
    else if (z < -STANDARD_VALUE_MAX) z = -STANDARD_VALUE_MAX;
    const weighted = weight * z;
    const square = z * z;
    first += weighted;
    second += weighted * z;
    third += weighted * square;
    fourth += weight * square * square;
  }
  const { offset } = column;
  pane[numeric.minimumOffset] = min;
  pane[numeric.maximumOffset] = max;
  pane[offset + FIELD.okRows] += count;
  pane[offset + FIELD.okWeight] += sum;
  pane[offset + FIELD.okSquaredWeight] += squares;
  pane[offset + FIELD.outsideRows] += outsideRows;
  pane[offset + FIELD.outsideWeight] += outsideWeight;
  pane[numeric.momentsOffset] += first;
  pane[numeric.momentsOffset + 1] += second;
  pane[numeric.momentsOffset + 2] += third;
  pane[numeric.momentsOffset + 3] += fourth;
}

function countCategories(
  column: ColumnLayout,
  pane: Float64Array,
  cells: Column,
  texts: TextDictionary,
  rows: Int32Array,
  from: number,
  to: number,
): void {
  const { offset, countsOffset } = column;
  const categories = column.categorical!;
  const cellOfText = categories.textCache(texts);
  const unseenCell = categories.unseenCell === categories.otherCell ? -1 : categories.unseenCell;
  let okRows = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i];
    const kind = cells.kinds[row];
    if (kind === CELL.absent) continue;
    const value = cells.values[row];
    const weight = rowWeights[i - from];
    let cell: number;
    if (kind === CELL.text) {
      const known = cellOfText[value];
      cell = known > 0 ? known - 1 : categories.cellOfTextId(texts, value);
    } else if (kind === CELL.number && value - value === 0) cell = categories.cellOfNumber(value);
    else {
      const isMissing = kind === CELL.missing || kind === CELL.number;
      countFault(pane, offset, isMissing ? FIELD.missingRows : FIELD.typeErrorRows, weight);
      continue;
    }
    okRows++;
    pane[offset + FIELD.okWeight] += weight;
    pane[offset + FIELD.okSquaredWeight] += weight * weight;
    pane[countsOffset + cell] += weight;
    if (cell === unseenCell) {
      pane[offset + FIELD.outsideRows]++;
      pane[offset + FIELD.outsideWeight] += weight;
    }
  }
  pane[offset + FIELD.okRows] += okRows;
}
