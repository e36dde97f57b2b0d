import { extent, standardDeviation, sumOf } from './cell-counts.ts';

/** numpy refuses such counts with a MemoryError; here the bins become coarser. */
const BIN_COUNT_MAX = 1_000_000;

export type BinRule = 'sturges' | 'doane';

/**
 * Edges of `numpy.histogram_bin_edges(values, bins=rule)`: equal widths from the smallest to the largest value.
 *
 * `integer`: the column has an integer type, for which numpy never makes bins narrower than 1. Equal values get one bin
 * of ± ½. Source: numpy 2.1, `_histograms_impl.py`.
 *
 * @example numpyEdges([1, 2, 3, 4], 'sturges') // [1, 2, 3, 4]
 */
export function numpyEdges(values: ArrayLike<number>, rule: BinRule, integer = false): Float64Array {
  const [min, max] = extent(values);
  if (!(min <= max)) return Float64Array.of(0, 1);
  if (min === max) return linspace(min - 0.5, max + 0.5, 1);
  let width = (max - min) / (rule === 'sturges' ? Math.log2(values.length) + 1 : doaneBins(values));
  if (integer && width < 1) width = 1;
  const binCount = width > 0 ? Math.min(BIN_COUNT_MAX, Math.ceil((max - min) / width)) : 1;
  return linspace(min, max, binCount);
}

/** `numpy.linspace(first, last, binCount + 1)`, to the last bit. */
export function linspace(first: number, last: number, binCount: number): Float64Array {
  const step = (last - first) / binCount;
  const edges = Float64Array.from({ length: binCount + 1 }, (_, index) => index * step + first);
  edges[binCount] = last;
  return edges;
}

/** 1 + log₂ n + log₂(1 + |skewness| / its standard error); Infinity (one bin) where there is no spread. */
function doaneBins(values: ArrayLike<number>): number {
  const n = values.length;
  const deviation = standardDeviation(values, 0);
  if (n <= 2 || deviation === 0) return Number.POSITIVE_INFINITY;
  const mean = sumOf(values) / n;
  let cubes = 0;
  for (let index = 0; index < n; index += 1) cubes += ((values[index] - mean) / deviation) ** 3;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return 1 + Math.log2(n) + Math.log2(1 + Math.abs(cubes / n) / error);
}
