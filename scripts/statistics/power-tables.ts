/** What the thresholds are, and what they catch: 20 features, evaluated every 5 minutes, one false alarm in 30 days. */
import { jensenShannonDistance } from '../../packages/engine/src/compare/jensen-shannon.ts';
import { psi } from '../../packages/engine/src/compare/psi.ts';
import { blockBand } from '../../packages/engine/src/signal/block-band.ts';
import { cellNoise } from '../../packages/engine/src/signal/cell-noise.ts';
import { alphaPerTest } from '../../packages/engine/src/signal/false-alarm-budget.ts';
import { noiseFloor } from '../../packages/engine/src/signal/noise-floor.ts';
import { driftThreshold } from '../../packages/engine/src/signal/threshold.ts';
import { drawMultinomial } from '../../packages/engine/src/special/multinomial-draw.ts';
import { seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { CELL_COUNT, EQUAL_SHARES, normalShape, spikeShape } from './drift-shapes.ts';
import { table, thousands } from './markdown.ts';

const DAY_MS = 86_400_000;

export const POWER_PARAMETERS = {
  seed: 202,
  falseAlarms: 1,
  periodMs: 30 * DAY_MS,
  intervalMs: 300_000,
  alarmCount: 20,
  referenceSize: 1_000_000,
  warning: { margin: 0.1, delta: 0 },
  critical: { margin: 0.25, delta: 0.1 },
  sizes: [200, 500, 1000, 5000],
  windowCount: 20_000,
  /** References with a time column: blocks, and how many references are made. */
  blockCounts: [30, 180, 720],
  referenceCount: 20,
} as const;

export const ALPHA = alphaPerTest(POWER_PARAMETERS);

const SHAPES = [
  normalShape('none', 0, 1),
  normalShape('mean + 0.2 σ', 0.2, 1),
  normalShape('mean + 0.3 σ', 0.3, 1),
  normalShape('mean + 0.5 σ', 0.5, 1),
  normalShape('mean + 0.75 σ', 0.75, 1),
  normalShape('mean + 1 σ', 1, 1),
  normalShape('spread × 1.25', 0, 1.25),
  normalShape('spread × 1.5', 0, 1.5),
  normalShape('spread × 0.6', 0, 0.6),
  spikeShape('spike of 10 %', 0.1),
  spikeShape('spike of 25 %', 0.25),
];

const threshold = (level: 'warning' | 'critical', currentSize: number, cellCount: number): number =>
  driftThreshold({
    cellCount,
    currentSize,
    referenceSize: POWER_PARAMETERS.referenceSize,
    alpha: ALPHA,
    ...POWER_PARAMETERS[level],
    noise: equalNoise(cellCount, currentSize, ALPHA),
  });

/** What whole counts add, in equal cells. */
const equalNoise = (cellCount: number, size: number, alpha: number) =>
  cellNoise('psi', new Float64Array(cellCount).fill(1), size, alpha);

export function thresholdTable(): string {
  const head = [
    'rows in the window',
    'noise, 10 cells',
    'warning',
    'critical',
    'noise, 22 cells',
    'warning',
    'critical',
  ];
  const sizes = [200, 300, 400, 500, 1000, 2000, 5000, 20_000];
  const three = (n: number, cellCount: number): string[] =>
    [
      noiseFloor(cellCount, n, POWER_PARAMETERS.referenceSize),
      threshold('warning', n, cellCount),
      threshold('critical', n, cellCount),
    ].map((value) => value.toFixed(3));
  return table(
    head,
    sizes.map((n) => [thousands(n), ...three(n, CELL_COUNT), ...three(n, 22)]),
  );
}

/** What the tables are made of, with more digits than they show: any change of a statistic changes this. */
export function probe(): string {
  const scores = SHAPES.flatMap(({ shares }) => {
    const rows = shares.map((share) => share * 500);
    return [
      psi(
        EQUAL_SHARES.map((share) => share * 5000),
        rows,
      ),
      jensenShannonDistance(EQUAL_SHARES, rows),
    ];
  });
  const thresholds = POWER_PARAMETERS.sizes.flatMap((n) => [threshold('warning', n, 22), threshold('critical', n, 22)]);
  return [...scores, ...thresholds].map((value) => value.toPrecision(10)).join(' ');
}

export function powerTable(scale: number): string {
  const random = seededRandom(POWER_PARAMETERS.seed);
  const windowCount = Math.round(POWER_PARAMETERS.windowCount * scale);
  const reference = new Float64Array(CELL_COUNT);
  const current = new Float64Array(CELL_COUNT);
  const head = ['drift', 'true PSI', ...POWER_PARAMETERS.sizes.map((n) => `n = ${thousands(n)}: warning / critical`)];
  const rows = SHAPES.map(({ name, shares }) => {
    const cells = POWER_PARAMETERS.sizes.map((n) => {
      const [warning, critical] = [threshold('warning', n, CELL_COUNT), threshold('critical', n, CELL_COUNT)];
      let warningCount = 0;
      let criticalCount = 0;
      for (let window = 0; window < windowCount; window += 1) {
        drawMultinomial(EQUAL_SHARES, POWER_PARAMETERS.referenceSize, random, reference);
        const score = psi(reference, drawMultinomial(shares, n, random, current));
        if (score >= warning) warningCount += 1;
        if (score >= critical) criticalCount += 1;
      }
      return `${(warningCount / windowCount).toFixed(2)} / ${(criticalCount / windowCount).toFixed(2)}`;
    });
    return [name, psi(EQUAL_SHARES, shares, 0).toFixed(3), ...cells];
  });
  return table(head, rows);
}

/** A reference with a time column that stands still: its band, and what the band leaves of the power. */
export function bandTable(scale: number): string {
  const random = seededRandom(POWER_PARAMETERS.seed + 2);
  const windowCount = Math.round(POWER_PARAMETERS.windowCount * scale);
  const referenceCount = Math.max(2, Math.round(POWER_PARAMETERS.referenceCount * Math.min(1, 20 * scale)));
  const { shares } = SHAPES[3];
  const reference = EQUAL_SHARES.map((share) => share * POWER_PARAMETERS.referenceSize);
  const rows = POWER_PARAMETERS.sizes.slice(0, 2).flatMap((n) => {
    const scores = Array.from({ length: windowCount }, () =>
      psi(reference, drawMultinomial(shares, n, random, new Float64Array(CELL_COUNT))),
    );
    const powerAt = (delta: number): number => {
      const level = { ...POWER_PARAMETERS.warning, delta, cellCount: CELL_COUNT, currentSize: n, alpha: ALPHA };
      const noise = equalNoise(CELL_COUNT, n, ALPHA);
      const limit = driftThreshold({ ...level, referenceSize: POWER_PARAMETERS.referenceSize, noise });
      return scores.filter((score) => score >= limit).length / Math.max(1, windowCount);
    };
    return POWER_PARAMETERS.blockCounts.map((blockCount) => {
      const bands = Array.from({ length: referenceCount }, () =>
        blockBand(
          Array.from({ length: blockCount }, () =>
            drawMultinomial(EQUAL_SHARES, n, random, new Float64Array(CELL_COUNT)),
          ),
        ),
      ).sort((a, b) => a - b);
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      return [
        thousands(n),
        String(blockCount),
        mean(bands).toFixed(4),
        bands[Math.floor(0.9 * (bands.length - 1))].toFixed(4),
        powerAt(0).toFixed(2),
        mean(bands.map(powerAt)).toFixed(2),
      ];
    });
  });
  const head = [
    'rows in a block',
    'blocks',
    'band, mean',
    'band, 9 of 10 below',
    'power without --time',
    'with --time',
  ];
  return table(head, rows);
}

/** False alarms of a model in 30 days, from how often a stable window of n rows passes a fixed and the budgeted level. */
export function monthTable(scale: number): string {
  const random = seededRandom(POWER_PARAMETERS.seed + 1);
  const windowCount = Math.round(POWER_PARAMETERS.windowCount * 30 * scale);
  const reference = new Float64Array(CELL_COUNT);
  const current = new Float64Array(CELL_COUNT);
  const testCount = (POWER_PARAMETERS.periodMs / POWER_PARAMETERS.intervalMs) * POWER_PARAMETERS.alarmCount;
  const rows = [200, 2000].map((n) => {
    const options = {
      cellCount: CELL_COUNT,
      currentSize: n,
      referenceSize: POWER_PARAMETERS.referenceSize,
      margin: 0,
      delta: 0,
    };
    const level = (alpha: number): number =>
      driftThreshold({ ...options, alpha, noise: equalNoise(CELL_COUNT, n, alpha) });
    const levels = [0.1, level(1e-4), level(ALPHA)];
    const counts = levels.map(() => 0);
    for (let window = 0; window < windowCount; window += 1) {
      drawMultinomial(EQUAL_SHARES, POWER_PARAMETERS.referenceSize, random, reference);
      const score = psi(reference, drawMultinomial(EQUAL_SHARES, n, random, current));
      for (const [index, level] of levels.entries()) if (score >= level) counts[index] += 1;
    }
    return [thousands(n), ...counts.map((count) => ((count / windowCount) * testCount).toPrecision(2))];
  });
  const head = [
    'rows in the window',
    'PSI 0.1, fixed',
    'α = 1e-4, fixed',
    `α from the budget (${ALPHA.toExponential(1)}), margin 0`,
  ];
  return table(
    head,
    rows.map(([n, ...rest]) => [n, ...rest.map((value) => String(Number(value)))]),
  );
}
