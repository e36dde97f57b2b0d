/** The one fact that thresholds rest on, tried: PSI / (1/n + 1/N) is noncentral χ² with k − 1 degrees of freedom. */
import { jensenShannonDistance } from '../../packages/engine/src/compare/jensen-shannon.ts';
import { type PooledCells, poolCells } from '../../packages/engine/src/compare/pool-cells.ts';
import { psi } from '../../packages/engine/src/compare/psi.ts';
import { type CellTerm, cellNoise } from '../../packages/engine/src/signal/cell-noise.ts';
import { driftThreshold } from '../../packages/engine/src/signal/threshold.ts';
import { drawMultinomial } from '../../packages/engine/src/special/multinomial-draw.ts';
import { type RandomSource, seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { EQUAL_SHARES, normalShape, spikeShape } from './drift-shapes.ts';
import { table, thousands } from './markdown.ts';

export const LAW_PARAMETERS = {
  seed: 101,
  alphas: [1e-2, 1e-3, 1e-4],
  /** At which the law without the correction is shown. */
  plainAlpha: 1e-4,
  sizes: [200, 500, 2000, 20_000],
  referenceSizes: [20_000, 1_000_000],
  windowCount: 400_000,
  thinCellCount: 21,
} as const;

const NO_DRIFT = { name: 'none', shares: EQUAL_SHARES };
const DRIFTS = [
  normalShape('mean + 0.3 σ', 0.3, 1),
  normalShape('spread × 1.25', 0, 1.25),
  spikeShape('spike of 9 %', 0.09),
];

interface Score {
  /** What whole counts add to its law; none: the plain χ² law. */
  readonly term?: CellTerm;
  cells(reference: Float64Array, current: Float64Array, size: number): PooledCells;
  of(cells: PooledCells): number;
}

const asTheyAre: Score['cells'] = (reference, current) => ({ reference, current, cellCount: reference.length });
const plainPsi: Score['of'] = ({ reference, current }) => psi(reference, current);
const asPsi: Score = { term: 'psi', cells: asTheyAre, of: plainPsi };
const asJensenShannon: Score = {
  term: 'jensen_shannon',
  cells: asTheyAre,
  of: ({ reference, current }) => 8 * Math.LN2 * jensenShannonDistance(reference, current) ** 2,
};
const unpooled: Score = { cells: asTheyAre, of: plainPsi };
const pooled: Score = { term: 'psi', cells: poolCells, of: plainPsi };

/** How often a score passes the quantile of each alpha, over that alpha. */
function frequencies(
  {
    reference,
    drifted,
    n,
    N,
    score,
  }: { reference: Float64Array; drifted: Float64Array; n: number; N: number; score: Score },
  windowCount: number,
  random: RandomSource,
): string[] {
  const delta = psi(reference, drifted, 0);
  const { term } = score;
  const limits = new Map<number, number[]>();
  /** Limits of each alpha, then the plain law's at the alpha that the last column shows. */
  const limitsFor = (cells: PooledCells): number[] => {
    const known = limits.get(cells.cellCount);
    if (known !== undefined) return known;
    const options = { cellCount: cells.cellCount, currentSize: n, referenceSize: N, margin: 0, delta };
    const fresh = LAW_PARAMETERS.alphas.map((alpha) => {
      const noise = term === undefined ? {} : { noise: cellNoise(term, cells.reference, Math.min(n, N), alpha) };
      return driftThreshold({ ...options, alpha, ...noise });
    });
    limits.set(cells.cellCount, [...fresh, driftThreshold({ ...options, alpha: LAW_PARAMETERS.plainAlpha })]);
    return limits.get(cells.cellCount)!;
  };
  const passed = new Array<number>(LAW_PARAMETERS.alphas.length + 1).fill(0);
  const referenceCounts = new Float64Array(reference.length);
  const currentCounts = new Float64Array(reference.length);
  for (let window = 0; window < windowCount; window += 1) {
    drawMultinomial(reference, N, random, referenceCounts);
    drawMultinomial(drifted, n, random, currentCounts);
    const cells = score.cells(referenceCounts, currentCounts, Math.min(n, N));
    const value = score.of(cells);
    const limit = limitsFor(cells);
    for (let level = 0; level < passed.length; level += 1) if (value >= limit[level]) passed[level] += 1;
  }
  const alphas = [...LAW_PARAMETERS.alphas, LAW_PARAMETERS.plainAlpha];
  return passed.map((count, level) => (count / windowCount / alphas[level]).toFixed(2));
}

const ALPHA_HEADS = [
  ...LAW_PARAMETERS.alphas.map((alpha) => `α = ${alpha.toExponential(0)}`),
  `plain χ², ${LAW_PARAMETERS.plainAlpha.toExponential(0)}`,
];

export function lawTables(scale: number): string {
  const random = seededRandom(LAW_PARAMETERS.seed);
  const windowCount = Math.round(LAW_PARAMETERS.windowCount * scale);
  const head = ['drift', 'true PSI', 'N', 'n', ...ALPHA_HEADS];
  const rows: string[][] = [];
  const add = (name: string, shares: Float64Array, N: number, n: number, score: Score): void => {
    const delta = psi(EQUAL_SHARES, shares, 0);
    const counted = frequencies({ reference: EQUAL_SHARES, drifted: shares, n, N, score }, windowCount, random);
    rows.push([name, delta.toFixed(3), thousands(N), thousands(n), ...counted]);
  };
  const [smallN, largeN] = LAW_PARAMETERS.referenceSizes;
  for (const N of LAW_PARAMETERS.referenceSizes) {
    for (const n of LAW_PARAMETERS.sizes) add(NO_DRIFT.name, NO_DRIFT.shares, N, n, asPsi);
  }
  for (const { name, shares } of DRIFTS)
    for (const n of LAW_PARAMETERS.sizes.slice(0, 3)) add(name, shares, largeN, n, asPsi);
  for (const n of LAW_PARAMETERS.sizes.slice(0, 2))
    add('none, as 8 ln 2 · JS²', EQUAL_SHARES, smallN, n, asJensenShannon);
  return `${table(head, rows)}\n\n${thinCells(windowCount, random)}`;
}

const THIN_SHAPES = [
  {
    name: 'halving: ½, ¼, ⅛ …',
    shares: Float64Array.from({ length: LAW_PARAMETERS.thinCellCount }, (_, i) => 0.5 ** i),
  },
  {
    name: 'Zipf: 1, ½, ⅓ …',
    shares: Float64Array.from({ length: LAW_PARAMETERS.thinCellCount }, (_, i) => 1 / (i + 1)),
  },
  { name: 'equal', shares: new Float64Array(LAW_PARAMETERS.thinCellCount).fill(1) },
  { name: '80 % and four of 5 %', shares: Float64Array.of(0.8, 0.05, 0.05, 0.05, 0.05) },
] as const;

/** Shares that leave some cells with few rows: the worst that the law meets. */
function thinCells(windowCount: number, random: RandomSource): string {
  const head = ['categories', 'n', ...ALPHA_HEADS];
  const row = (name: string, shares: Float64Array, n: number, score: Score): string[] => [
    name,
    thousands(n),
    ...frequencies({ reference: shares, drifted: shares, n, N: 1_000_000, score }, Math.round(windowCount / 2), random),
  ];
  const [halving] = THIN_SHAPES;
  const rows = [
    row(`${halving.name}, no cells pooled, plain χ²`, halving.shares, LAW_PARAMETERS.sizes[0], unpooled),
    ...THIN_SHAPES.flatMap(({ name, shares }) =>
      LAW_PARAMETERS.sizes.slice(0, 3).map((n) => row(name, shares, n, pooled)),
    ),
  ];
  return table(head, rows);
}
