/** The one fact that thresholds rest on, tried: PSI / (1/n + 1/N) is noncentral χ² with k − 1 degrees of freedom. */
import { jensenShannonDistance } from '../../packages/engine/src/compare/jensen-shannon.ts';
import { poolCells } from '../../packages/engine/src/compare/pool-cells.ts';
import { psi } from '../../packages/engine/src/compare/psi.ts';
import { drawMultinomial } from '../../packages/engine/src/special/multinomial-draw.ts';
import { noncentralChiSquareQuantile } from '../../packages/engine/src/special/noncentral-chi-square.ts';
import { type RandomSource, seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { EQUAL_SHARES, normalShape, spikeShape } from './drift-shapes.ts';
import { table, thousands } from './markdown.ts';

export const LAW_PARAMETERS = {
  seed: 101,
  alphas: [1e-2, 1e-3, 1e-4, 1e-5],
  sizes: [200, 500, 2000, 20_000],
  referenceSizes: [20_000, 1_000_000],
  windowCount: 1_000_000,
  thinCellCount: 21,
} as const;

const NO_DRIFT = { name: 'none', shares: EQUAL_SHARES };
const DRIFTS = [
  normalShape('mean + 0.3 σ', 0.3, 1),
  normalShape('spread × 1.25', 0, 1.25),
  spikeShape('spike of 9 %', 0.09),
];

type Score = (reference: Float64Array, current: Float64Array) => { readonly psi: number; readonly cellCount: number };

const asPsi: Score = (reference, current) => ({ psi: psi(reference, current), cellCount: reference.length });
const asJensenShannon: Score = (reference, current) => ({
  psi: 8 * Math.LN2 * jensenShannonDistance(reference, current) ** 2,
  cellCount: reference.length,
});
const pooled: Score = (reference, current) => {
  let size = 0;
  for (const count of current) size += count;
  const cells = poolCells(reference, current, size);
  return { psi: psi(cells.reference, cells.current), cellCount: cells.cellCount };
};

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
  const variance = 1 / n + 1 / N;
  const delta = psi(reference, drifted, 0);
  const limits = new Map<number, number[]>();
  const limitsFor = (cellCount: number): number[] => {
    const known = limits.get(cellCount);
    if (known !== undefined) return known;
    const fresh = LAW_PARAMETERS.alphas.map(
      (alpha) => variance * noncentralChiSquareQuantile(alpha, cellCount - 1, delta / variance),
    );
    limits.set(cellCount, fresh);
    return fresh;
  };
  const passed = LAW_PARAMETERS.alphas.map(() => 0);
  const referenceCounts = new Float64Array(reference.length);
  const currentCounts = new Float64Array(reference.length);
  for (let window = 0; window < windowCount; window += 1) {
    drawMultinomial(reference, N, random, referenceCounts);
    drawMultinomial(drifted, n, random, currentCounts);
    const scored = score(referenceCounts, currentCounts);
    const limit = limitsFor(scored.cellCount);
    for (let level = 0; level < passed.length && scored.psi >= limit[level]; level += 1) passed[level] += 1;
  }
  return passed.map((count, level) => (count / windowCount / LAW_PARAMETERS.alphas[level]).toFixed(2));
}

export function lawTables(scale: number): string {
  const random = seededRandom(LAW_PARAMETERS.seed);
  const windowCount = Math.round(LAW_PARAMETERS.windowCount * scale);
  const head = [
    'drift',
    'true PSI',
    'N',
    'n',
    ...LAW_PARAMETERS.alphas.map((alpha) => `α = ${alpha.toExponential(0)}`),
  ];
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

/** 21 cells, each half as frequent as the one before: at 200 rows most are expected to have fewer than 5. */
function thinCells(windowCount: number, random: RandomSource): string {
  const shares = Float64Array.from({ length: LAW_PARAMETERS.thinCellCount }, (_, cell) => 0.5 ** cell);
  const head = [
    '21 categories, shares ½, ¼, ⅛ …',
    'n',
    ...LAW_PARAMETERS.alphas.map((alpha) => `α = ${alpha.toExponential(0)}`),
  ];
  const rows = LAW_PARAMETERS.sizes.slice(0, 2).flatMap((n) =>
    (
      [
        ['as they are', asPsi],
        ['thin cells pooled', pooled],
      ] as const
    ).map(([name, score]) => [
      name,
      thousands(n),
      ...frequencies(
        { reference: shares, drifted: shares, n, N: 1_000_000, score },
        Math.round(windowCount / 2),
        random,
      ),
    ]),
  );
  return table(head, rows);
}
