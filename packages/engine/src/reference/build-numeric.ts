/** A numeric column's reference from its rows: edges, exact counts and sums, moments. Three scans, rarely up to six. */
import { compileBinSearch, findBins } from '../sketch/bin-search.ts';
import { BLOCK_ROW_COUNT, type ColumnInput, type ColumnSource } from './column-source.ts';
import { cutsFor, edgeRanks, edgesFromRanks, type NumericEdges } from './numeric-edges.ts';
import type { NumericReference } from './profile.ts';
import { countTop, type SelectionBuffers, selectRanks } from './rank-selection.ts';

/** As in the sketch: larger magnitudes count as this in sums, so that no sum becomes infinite. */
const SUMMED_VALUE_MAX = 1e150;

export interface BuiltNumeric {
  readonly numeric: NumericReference;
  readonly rowCount: number;
  /** Rows with a finite value. */
  readonly valueCount: number;
  /** All values are whole numbers. */
  readonly whole: boolean;
}

export function buildNumeric({ rows, frozen }: ColumnInput, buffers: SelectionBuffers): BuiltNumeric {
  const survey = surveyNumbers(rows, buffers.top);
  const { rowCount, valueCount, whole } = survey;
  if (valueCount === 0 && frozen?.numeric === undefined) return { numeric: EMPTY, rowCount, valueCount, whole: false };
  const fresh = frozen?.numeric === undefined ? freshEdges(rows, valueCount, buffers) : undefined;
  const edges = fresh?.edges ?? frozen!.numeric!.edges;
  const counted = countBins(rows, edges, survey.mean);
  const numeric: NumericReference = {
    edges,
    counts: counted.counts,
    sums: counted.sums,
    cuts: fresh === undefined ? frozen!.numeric!.cuts : cutsFor(fresh, counted.counts),
    min: valueCount > 0 ? survey.min : 0,
    max: valueCount > 0 ? survey.max : 0,
    mean: counted.mean,
    standardDeviation: counted.standardDeviation,
    lower: fresh?.lower ?? frozen!.numeric!.lower,
    upper: fresh?.upper ?? frozen!.numeric!.upper,
  };
  return { numeric, rowCount, valueCount, whole };
}

/** A column without a single value: one bin, nothing in it. */
const EMPTY: NumericReference = {
  edges: [],
  counts: [0],
  sums: [0],
  cuts: [],
  min: 0,
  max: 0,
  mean: 0,
  standardDeviation: 0,
  lower: 0,
  upper: 0,
};

function freshEdges(rows: ColumnSource, valueCount: number, buffers: SelectionBuffers): NumericEdges {
  const ranks = edgeRanks(valueCount);
  return edgesFromRanks(ranks, selectRanks(rows, ranks, buffers), valueCount);
}

/** First scan: how many, how large, and the counts that selection begins with. */
function surveyNumbers(rows: ColumnSource, top: Float64Array) {
  top.fill(0);
  let rowCount = 0;
  let valueCount = 0;
  let whole = true;
  // Lowest, highest and sum in an array: a captured variable that changes with every value is a new object every time.
  const extent = Float64Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0);
  rows.scan((values, count) => {
    countTop(top, values, count);
    rowCount += count;
    valueCount += extend(extent, values, count);
    whole = whole && areWhole(values, count);
  });
  const [min, max, sum] = extent;
  return { rowCount, valueCount, min, max, mean: valueCount > 0 ? sum / valueCount : 0, whole };
}

/** Takes the finite ones of the first `count` values into lowest, highest and sum; returns how many they are. */
function extend(extent: Float64Array, values: Float64Array, count: number): number {
  let size = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] + 0;
    if (value - value !== 0) continue;
    size++;
    if (value < extent[0]) extent[0] = value;
    if (value > extent[1]) extent[1] = value;
    extent[2] += clamp(value);
  }
  return size;
}

function areWhole(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (values[i] - values[i] === 0 && values[i] % 1 !== 0) return false;
  return true;
}

/** Last scan: exact counts and sums a bin, deviation around the mean that the first scan found. */
function countBins(rows: ColumnSource, edges: readonly number[], roughMean: number) {
  const search = compileBinSearch(edges);
  const counts = new Float64Array(edges.length + 1);
  const sums = new Float64Array(edges.length + 1);
  const dense = new Float64Array(BLOCK_ROW_COUNT);
  const bins = new Uint16Array(BLOCK_ROW_COUNT);
  let valueCount = 0;
  let difference = 0;
  let squares = 0;
  rows.scan((values, count) => {
    for (let from = 0; from < count; from += BLOCK_ROW_COUNT) {
      const to = Math.min(count, from + BLOCK_ROW_COUNT);
      let size = 0;
      for (let i = from; i < to; i++) if (values[i] - values[i] === 0) dense[size++] = values[i] + 0;
      findBins(search, dense, size, bins);
      let offSum = difference;
      let offSquares = squares;
      for (let i = 0; i < size; i++) {
        const value = clamp(dense[i]);
        const off = value - roughMean;
        counts[bins[i]]++;
        sums[bins[i]] += value;
        offSum += off;
        offSquares += off * off;
      }
      difference = offSum;
      squares = offSquares;
      valueCount += size;
    }
  });
  const correction = valueCount > 0 ? difference / valueCount : 0;
  const variance = valueCount > 1 ? Math.max(0, squares - difference * correction) / (valueCount - 1) : 0;
  return {
    counts: Array.from(counts),
    sums: Array.from(sums),
    mean: roughMean + correction,
    standardDeviation: Math.sqrt(variance),
  };
}

function clamp(value: number): number {
  return Math.min(SUMMED_VALUE_MAX, Math.max(-SUMMED_VALUE_MAX, value));
}
