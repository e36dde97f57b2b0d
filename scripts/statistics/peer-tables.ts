/** The peers' own methods at their usual thresholds, on windows of a column that does not change. */
import { azurePsi } from '../../packages/engine/src/compare/compat/azure.ts';
import { evidentlyPsi, evidentlyWasserstein } from '../../packages/engine/src/compare/compat/evidently.ts';
import { exactKolmogorovSmirnov } from '../../packages/engine/src/compare/compat/exact-kolmogorov-smirnov.ts';
import { nannymlJensenShannon } from '../../packages/engine/src/compare/compat/nannyml.ts';
import { psi } from '../../packages/engine/src/compare/psi.ts';
import { driftThreshold } from '../../packages/engine/src/signal/threshold.ts';
import { normalQuantile } from '../../packages/engine/src/special/normal-distribution.ts';
import { type RandomSource, seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { CELL_COUNT } from './drift-shapes.ts';
import { percent, table, thousands } from './markdown.ts';
import { ALPHA } from './power-tables.ts';

export const PEER_PARAMETERS = {
  seed: 303,
  referenceSize: 5000,
  sizes: [100, 200, 500, 1000, 5000],
  windowCount: 1000,
  /** Of the KS test, for which hours are counted. */
  featureCount: 20,
  hourCount: 2000,
} as const;

type Method = (reference: Float64Array, current: Float64Array) => boolean;

const METHODS: readonly (readonly [name: string, alarms: Method])[] = [
  ['Evidently, PSI ≥ 0.1', (r, c) => evidentlyPsi(r, c) >= 0.1],
  ['Azure’s bins, PSI ≥ 0.1', (r, c) => azurePsi(r, c) >= 0.1],
  ['NannyML, Jensen–Shannon > 0.1', (r, c) => nannymlJensenShannon(r, c) > 0.1],
  ['Evidently, W1/σ ≥ 0.1', (r, c) => evidentlyWasserstein(r, c) >= 0.1],
  ['KS, p < 0.05', (r, c) => exactKolmogorovSmirnov(r, c, 'asymptotic').pValue < 0.05],
  ['Leeway, warning', (r, c) => leewayWarns(r, c)],
];

const normals = (size: number, random: RandomSource): Float64Array =>
  Float64Array.from({ length: size }, () => normalQuantile(random() + 2 ** -54));

/** Deciles of the reference, frozen. */
function leewayWarns(reference: Float64Array, current: Float64Array): boolean {
  const sorted = reference.toSorted();
  const edges = Array.from(
    { length: CELL_COUNT - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / CELL_COUNT)],
  );
  const counts = (values: Float64Array): Float64Array => {
    const cells = new Float64Array(CELL_COUNT);
    for (const value of values) {
      let cell = 0;
      while (cell < edges.length && value >= edges[cell]) cell += 1;
      cells[cell] += 1;
    }
    return cells;
  };
  const threshold = driftThreshold({
    cellCount: CELL_COUNT,
    currentSize: current.length,
    referenceSize: reference.length,
    margin: 0.1,
    delta: 0,
    alpha: ALPHA,
  });
  return psi(counts(reference), counts(current)) >= threshold;
}

export function peerTable(scale: number): string {
  const random = seededRandom(PEER_PARAMETERS.seed);
  const windowCount = Math.max(2, Math.round(PEER_PARAMETERS.windowCount * scale));
  const alarmCounts = PEER_PARAMETERS.sizes.map((n) => {
    const counts = METHODS.map(() => 0);
    for (let window = 0; window < windowCount; window += 1) {
      const reference = normals(PEER_PARAMETERS.referenceSize, random);
      const current = normals(n, random);
      for (const [index, [, alarms]] of METHODS.entries()) if (alarms(reference, current)) counts[index] += 1;
    }
    return counts;
  });
  const rows = METHODS.map(([name], index) => [
    name,
    ...alarmCounts.map((counts) => percent(counts[index] / windowCount)),
  ]);
  return table(['method and threshold', ...PEER_PARAMETERS.sizes.map((n) => `n = ${thousands(n)}`)], rows);
}

/** Share of hours in which at least one of 20 stable features has p < .05. */
export function redHours(scale: number): string {
  const random = seededRandom(PEER_PARAMETERS.seed + 1);
  const hourCount = Math.max(5, Math.round(PEER_PARAMETERS.hourCount * scale));
  let redCount = 0;
  for (let hour = 0; hour < hourCount; hour += 1) {
    let isRed = false;
    for (let feature = 0; feature < PEER_PARAMETERS.featureCount && !isRed; feature += 1) {
      const { pValue } = exactKolmogorovSmirnov(normals(1000, random), normals(200, random), 'asymptotic');
      isRed = pValue < 0.05;
    }
    if (isRed) redCount += 1;
  }
  return percent(redCount / hourCount);
}
