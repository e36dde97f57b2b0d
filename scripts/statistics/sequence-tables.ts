/** Confidence sequences tried: how often they are wrong at any look, what a month of looks alarms, and how soon. */

import { OutcomePanes } from '../../packages/engine/src/performance/outcome-panes.ts';
import {
  type PerformanceFigures,
  performanceFigures,
} from '../../packages/engine/src/performance/performance-figures.ts';
import {
  addMeasured,
  type PerformanceLayout,
  performanceLayout,
} from '../../packages/engine/src/performance/performance-layout.ts';
import type { PerformanceMetric } from '../../packages/engine/src/performance/performance-metric.ts';
import type { PerformanceReference, ReferenceProfile } from '../../packages/engine/src/reference/profile.ts';
import { confidenceFactor } from '../../packages/engine/src/signal/confidence-sequence.ts';
import { STATUS } from '../../packages/engine/src/signal/evaluation.ts';
import { alphaPerTest } from '../../packages/engine/src/signal/false-alarm-budget.ts';
import { PerformanceMonitor } from '../../packages/engine/src/signal/performance-monitor.ts';
import { type RandomSource, seededRandom } from '../../packages/engine/src/special/seeded-random.ts';
import { percent, table, thousands } from './markdown.ts';

export const SEQUENCE_PARAMETERS = {
  seed: 501,
  streamCount: 2_000,
  firstLook: 200,
  lookEvery: 20,
  rowCount: 5_000,
  alphas: [0.05, 0.01],
  monthCount: 20,
  labelsPerPane: 25,
  delayRuns: 40,
} as const;

const NORMAL_975 = 1.959964;
const PANE_MS = 300_000;
const PANES = 12;
const MONTH_PANES = (30 * 86_400_000) / PANE_MS;
const EDGES = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/** Scores are uniform and mean what they say: the values follow by integration. */
const CLASS_TRUTHS: readonly (readonly [PerformanceMetric, number])[] = [
  ['accuracy', 3 / 4],
  ['precision', 3 / 4],
  ['recall', 3 / 4],
  ['f1', 3 / 4],
  ['auroc', 5 / 6],
  ['average_precision', 5 / 6],
  ['log_loss', 1 / 2],
  ['brier', 1 / 6],
];
/** Errors are normal with deviation 1, truths with deviation 2. */
const NUMBER_TRUTHS: readonly (readonly [PerformanceMetric, number])[] = [
  ['mae', Math.sqrt(2 / Math.PI)],
  ['rmse', 1],
  ['r2', 3 / 4],
  ['bias', 0],
];

const CLASSIFIER: PerformanceReference = {
  truth: 'truth',
  rowCount: 1_000_000,
  classification: { classes: ['no', 'yes'], scoreEdges: [EDGES], calibration: [{ scores: [], shares: [] }] },
  metrics: CLASS_TRUTHS.map(([metric, value]) => ({ metric, value, standardError: 0 })),
};
const REGRESSOR: PerformanceReference = {
  truth: 'truth',
  rowCount: 1_000_000,
  regression: {
    center: 0,
    nearZero: 1e-6,
    residualEdges: [0],
    loss: { edges: [], absolute: [1], squared: [1], signed: [0] },
  },
  metrics: [],
};

type AddRow = (layout: PerformanceLayout, state: Float64Array, random: RandomSource) => void;
const addClass: AddRow = (layout, state, random) => {
  const score = random();
  const label = random() < score ? 'yes' : 'no';
  addMeasured(layout, state, { label: undefined, value: Number.NaN, scores: [score] }, { label, value: Number.NaN }, 1);
};
const addNumber: AddRow = (layout, state, random) => {
  const truth = 2 * normal(random);
  const prediction = { label: undefined, value: truth + normal(random), scores: [] };
  addMeasured(layout, state, prediction, { label: undefined, value: truth }, 1);
};
const normal = (random: RandomSource) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Share of streams in which a metric's interval missed the truth at any look. */
export function coverageTable(scale: number): string {
  const rows = [
    ...missShares(performanceLayout(CLASSIFIER)!, CLASS_TRUTHS, addClass, scale),
    ...missShares(performanceLayout(REGRESSOR)!, NUMBER_TRUTHS, addNumber, scale),
  ];
  const head = SEQUENCE_PARAMETERS.alphas.map((alpha) => `sequence, α = ${alpha}`);
  return table(['metric', 'in truth', ...head, '95 % interval of one look'], rows);
}

function missShares(layout: PerformanceLayout, truths: typeof CLASS_TRUTHS, addRow: AddRow, scale: number): string[][] {
  const { seed, alphas, firstLook, lookEvery, rowCount, streamCount } = SEQUENCE_PARAMETERS;
  const count = Math.max(1, Math.round(scale * streamCount));
  const factors = [...alphas.map((alpha) => (size: number) => confidenceFactor(size, alpha)), () => NORMAL_975];
  const missed = truths.map(() => factors.map(() => 0));
  for (let stream = 0; stream < count; stream++) {
    const random = seededRandom(seed + stream);
    const state = new Float64Array(layout.size);
    const hasMissed = truths.map(() => factors.map(() => false));
    for (let row = 1; row <= rowCount; row++) {
      addRow(layout, state, random);
      if (row < firstLook || row % lookEvery !== 0) continue;
      const figures = performanceFigures(layout, state);
      truths.forEach(([metric, truth], m) => {
        const distance = distanceIn(figures, metric, truth);
        factors.forEach((factorOf, f) => {
          if (distance > factorOf(row)) hasMissed[m][f] = true;
        });
      });
    }
    hasMissed.forEach((ofMetric, m) => {
      ofMetric.forEach((is, f) => {
        if (is) missed[m][f]++;
      });
    });
  }
  return truths.map(([metric, truth], m) => [
    metric,
    String(Number(truth.toPrecision(3))),
    ...missed[m].map((times) => percent(times / count)),
  ]);
}

/** In standard errors, as thresholds take them. */
function distanceIn(figures: PerformanceFigures, metric: PerformanceMetric, truth: number): number {
  const score = figures.scoreOf(metric);
  const error = figures.errorOf(metric);
  if (!('value' in score) || error === undefined) return 0;
  return Math.abs(score.value - truth) / Math.sqrt(Math.max(error.standardError ** 2, error.varianceAt?.(truth) ?? 0));
}

const NO_MARGIN = { warning: 0, critical: 0 };
const METRICS = ['accuracy', 'auroc', 'log_loss', 'brier'] as const;
const ALPHA = alphaPerTest({
  falseAlarms: 1,
  periodMs: 30 * 86_400_000,
  intervalMs: PANE_MS,
  alarmCount: METRICS.length,
});

function monitorOf(hasMargins: boolean): { readonly panes: OutcomePanes; readonly monitor: PerformanceMonitor } {
  const profile = { id: 'sha256:00', model: { name: 'simulated' }, performance: CLASSIFIER } as ReferenceProfile;
  const margins = hasMargins ? {} : { margins: Object.fromEntries(METRICS.map((metric) => [metric, NO_MARGIN])) };
  const policy = { metrics: METRICS, alpha: ALPHA, ...margins };
  const monitor = PerformanceMonitor.of(profile, policy, { paneMs: PANE_MS, paneCount: PANES, sinceMs: 0 })!;
  return { panes: OutcomePanes.of(profile, { paneMs: PANE_MS })!, monitor };
}

/** Of the rows `noise` have a truth that the score does not know of. */
function feed(
  watched: ReturnType<typeof monitorOf>,
  pane: number,
  labels: number,
  noise: number,
  random: RandomSource,
) {
  const outcomes = Array.from({ length: labels }, (_, i) => {
    const score = random();
    const chance = random() < noise ? 0.5 : score;
    const at = (pane + i / labels) * PANE_MS;
    const truth = { label: random() < chance ? 'yes' : 'no', value: Number.NaN };
    const row = { label: undefined, value: Number.NaN, scores: [score], segments: 0, weight: 1, truth };
    return { ...row, eventMs: at, arrivedMs: at };
  });
  watched.panes.addOutcomes(outcomes);
  watched.monitor.take(watched.panes.takeClosed((pane + 1) * PANE_MS));
  watched.monitor.advance((pane + 1) * PANE_MS);
  return watched.monitor.next();
}

/** Alarms in a month of looks at a model that is as right as its reference. */
export function monthTable(scale: number): string {
  const { seed, monthCount, labelsPerPane } = SEQUENCE_PARAMETERS;
  const months = Math.max(1, Math.round(scale * monthCount));
  const panesPerMonth = scale === 1 ? MONTH_PANES : 50;
  const rows = ([false, true] as const).map((hasMargins) => {
    let alarmCount = 0;
    for (let month = 0; month < months; month++) {
      const random = seededRandom(seed + 7_919 * month);
      const watched = monitorOf(hasMargins);
      let isHeld = false;
      for (let pane = 0; pane < panesPerMonth; pane++) {
        const evaluation = feed(watched, pane, labelsPerPane, 0, random);
        const isAlarm = evaluation !== undefined && evaluation.status >= STATUS.warning;
        if (isAlarm && !isHeld) alarmCount++;
        isHeld = isAlarm;
      }
    }
    return [hasMargins ? 'the default ones' : 'none: any drop counts', String(months), String(alarmCount)];
  });
  return table(['margins', 'model-months', 'alarms'], rows);
}

/** How long until a model that became worse is known to be. */
export function delayTable(scale: number): string {
  const { seed, delayRuns } = SEQUENCE_PARAMETERS;
  const runs = Math.max(1, Math.round(scale * delayRuns));
  const rows = [0.2, 0.4, 0.6, 0.8, 1].flatMap((noise) =>
    [25, 100, 400].map((labels) => {
      const delays = Array.from({ length: runs }, (_, run) => delaysOf(noise, labels, seededRandom(seed + run)));
      const median = (of: (one: Delays) => number) => delays.map(of).sort((a, b) => a - b)[Math.floor(runs / 2)];
      return [
        (3 / 4 - noise / 4).toFixed(2),
        thousands(labels * PANES),
        delayText(median(({ warning }) => warning)),
        delayText(median(({ critical }) => critical)),
        delayText(median(({ gap }) => gap)),
      ];
    }),
  );
  return table(['accuracy falls to', 'labels a window', 'warning', 'critical', 'gap to the estimate'], rows);
}

interface Delays {
  warning: number;
  critical: number;
  gap: number;
}
const WATCHED_PANES = 36;

function delaysOf(noise: number, labels: number, random: RandomSource): Delays {
  const watched = monitorOf(true);
  const delays = {
    warning: Number.POSITIVE_INFINITY,
    critical: Number.POSITIVE_INFINITY,
    gap: Number.POSITIVE_INFINITY,
  };
  for (let pane = 0; pane < PANES; pane++) feed(watched, pane, labels, 0, random);
  for (let after = 1; after <= WATCHED_PANES; after++) {
    const evaluation = feed(watched, PANES + after - 1, labels, noise, random);
    if (evaluation === undefined) continue;
    if (evaluation.status >= STATUS.warning) delays.warning = Math.min(delays.warning, after);
    if (evaluation.status === STATUS.critical) delays.critical = Math.min(delays.critical, after);
    if (evaluation.concept.status >= STATUS.warning) delays.gap = Math.min(delays.gap, after);
  }
  return delays;
}

function delayText(panes: number): string {
  return Number.isFinite(panes) ? `${(panes * PANE_MS) / 60_000} min` : 'not within 3 h';
}
