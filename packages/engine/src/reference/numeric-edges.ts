/**
 * The frozen edges of a numeric column, from order statistics of the reference.
 *
 * Fine edges: minimum, the .05, .1, .2 and .5 % quantiles, percentiles 1 to 99, the mirrored tail, maximum; equal ones
 * once. A value that holds several of these ranks is an atom and gets a bin of its own, [v, nextUp(v)). Quantile p is
 * the value at rank ⌊p n⌋: without ties exactly ⌊p n⌋ rows lie below it.
 *
 * Cuts: the deciles among them are the borders of the cells that are compared (B = 10). Equal deciles are one; a value
 * with more than 1/B of the mass is a cell; a cell that is empty in the reference joins its neighbour, and the outer
 * ones are open.
 */
import { nextUp } from '../sketch/next-up.ts';

export const CELL_COUNT = 10;
const TAIL_SHARES = [0.0005, 0.001, 0.002, 0.005] as const;
/** The winsorising limits of the Wasserstein distance. */
const LOWER_SHARE = 0.001;

const SHARES: readonly number[] = [
  ...TAIL_SHARES,
  ...Array.from({ length: 99 }, (_, i) => (i + 1) / 100),
  ...TAIL_SHARES.map((share) => 1 - share).reverse(),
];

/** Ascending ranks, each once, whose values make the edges of `count` values. */
export function edgeRanks(count: number): readonly number[] {
  if (count === 0) return [];
  const ranks = SHARES.map((share) => rankOf(share, count));
  return [...new Set([0, ...ranks, count - 1])].sort((a, b) => a - b);
}

export interface NumericEdges {
  readonly edges: readonly number[];
  readonly lower: number;
  readonly upper: number;
  /** Values of the deciles, ascending, each once. */
  readonly deciles: readonly number[];
}

/** `values[i]` is the value at `ranks[i]` of `edgeRanks(count)`; `count` is at least 1. */
export function edgesFromRanks(ranks: readonly number[], values: Float64Array, count: number): NumericEdges {
  const valueAt = (share: number): number => values[ranks.indexOf(rankOf(share, count))];
  const edges: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === edges.at(-1)) {
      const above = nextUp(value);
      if (Number.isFinite(above)) edges.push(above);
      while (values[i + 1] === value) i++;
    } else if (edges.length === 0 || value > edges[edges.length - 1]) edges.push(value);
  }
  const deciles = Array.from({ length: CELL_COUNT - 1 }, (_, i) => valueAt((i + 1) / CELL_COUNT));
  return { edges, lower: valueAt(LOWER_SHARE), upper: valueAt(1 - LOWER_SHARE), deciles: [...new Set(deciles)] };
}

/** Indexes into `edges` of the borders between compared cells, from the counts of the bins between the edges. */
export function cutsFor({ edges, deciles }: NumericEdges, counts: ArrayLike<number>): readonly number[] {
  const size = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const candidates: number[] = [];
  for (const decile of deciles) {
    const edge = edges.indexOf(decile);
    candidates.push(edge);
    // Bin edge + 1 lies above the edge.
    const isAtom = edges[edge + 1] === nextUp(decile);
    if (isAtom && counts[edge + 1] > size / CELL_COUNT) candidates.push(edge + 1);
  }
  const cuts: number[] = [];
  let first = 0;
  let rest = size;
  for (const edge of [...new Set(candidates)].sort((a, b) => a - b)) {
    let mass = 0;
    for (let bin = first; bin <= edge; bin++) mass += counts[bin];
    if (mass === 0 || mass === rest) continue;
    cuts.push(edge);
    first = edge + 1;
    rest -= mass;
  }
  return cuts;
}

function rankOf(share: number, count: number): number {
  return Math.min(count - 1, Math.floor(share * count));
}
