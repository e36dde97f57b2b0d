/**
 * How right a model was in its reference: from rows that can be scanned again and again, so that memory does not grow
 * with them.
 *
 * Metrics are of all rows that have a truth. Edges, calibration and losses are made from at most SAMPLE_ROWS_MAX of them,
 * evenly spread over the rows.
 */
import { calibrationOf } from '../performance/calibration.ts';
import {
  type ClassificationLayout,
  classificationLayout,
  SCORE_BINS_MAX,
} from '../performance/classification-layout.ts';
import { addClassified, emptyOutcomes, mergeOutcomes } from '../performance/classification-outcomes.ts';
import { classificationScores } from '../performance/classification-scores.ts';
import type { CalibrationMap } from '../performance/isotonic.ts';
import { jackknifeError } from '../performance/jackknife.ts';
import { fitLossModel } from '../performance/loss-model.ts';
import { TASK_METRICS } from '../performance/performance-figures.ts';
import type { PerformanceMetric, PerformanceScore } from '../performance/performance-metric.ts';
import {
  addRegressed,
  RESIDUAL_BINS_MAX,
  regressionLayout,
  regressionScores,
} from '../performance/regression-outcomes.ts';
import { PROFILE_LIMITS } from './limits.ts';
import type { PerformanceReference } from './profile.ts';

/** Rows in chunks; arrays may be reused from one to the next. */
export interface Rows<C extends { readonly count: number }> {
  scan(visit: (chunk: C) => void): void;
}

export interface ClassifiedChunk {
  readonly count: number;
  /** Index of the class that was true, −1 where it is not known; and of the one that was predicted. */
  readonly actual: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** The positive class's probability of two classes, each class's of more; none without scores. */
  readonly scores: readonly ArrayLike<number>[];
}

export interface RegressedChunk {
  readonly count: number;
  /** NaN where it is not known. */
  readonly truth: ArrayLike<number>;
  readonly prediction: ArrayLike<number>;
}

export const SAMPLE_ROWS_MAX = 200_000;
/** Parts of the jackknife: stretches of rows, for neighbours are alike. */
const PARTS = 20;
const NEAR_ZERO = 1e-6;

/**
 * @param classes of two the positive one last
 * @param scoreCount scores in a chunk: 1 of two classes, one a class of more, 0 without
 * @returns undefined when no row has a truth and a prediction
 */
export function classificationReference(
  truth: string,
  classes: readonly string[],
  scoreCount: number,
  rows: Rows<ClassifiedChunk>,
): PerformanceReference | undefined {
  const isJudged = ({ actual, predicted }: ClassifiedChunk, row: number) => actual[row] >= 0 && predicted[row] >= 0;
  const rowCount = countRows(rows, isJudged);
  if (rowCount === 0) return undefined;
  const sample = { actual: [] as number[], scores: Array.from({ length: scoreCount }, () => [] as number[]) };
  eachSampled(rows, rowCount, isJudged, ({ actual, scores }, row) => {
    sample.actual.push(actual[row]);
    for (let i = 0; i < scoreCount; i++) sample.scores[i].push(scores[i][row]);
  });
  const scoreEdges = sample.scores.map((scores) => quantileEdges(scores.filter(isProbability), SCORE_BINS_MAX - 1));
  const layout = classificationLayout(classes, scoreEdges);
  const parts = Array.from({ length: PARTS }, () => emptyOutcomes(layout));
  eachJudged(rows, isJudged, ({ actual, predicted, scores }, row, i) => {
    const outcome = { actual: actual[row], predicted: predicted[row], scores: scores.map((column) => column[row]) };
    addClassified(layout, parts[Math.floor((i * PARTS) / rowCount)], outcome);
  });
  const metrics = metricsOf('classification', parts, (state) => classificationScores(layout, state));
  const calibration = layout.scores.map(({ of }, i) => mapOf(layout, sample.scores[i], sample.actual, of));
  return { truth, rowCount, classification: { classes, scoreEdges, calibration }, metrics };
}

/** @returns undefined when no row has a truth and a prediction */
export function regressionReference(truth: string, rows: Rows<RegressedChunk>): PerformanceReference | undefined {
  const isJudged = (chunk: RegressedChunk, row: number) =>
    Number.isFinite(chunk.truth[row]) && Number.isFinite(chunk.prediction[row]);
  const rowCount = countRows(rows, isJudged);
  if (rowCount === 0) return undefined;
  let mean = 0;
  let squares = 0;
  const sample = { truths: [] as number[], predictions: [] as number[] };
  eachJudged(rows, isJudged, (chunk, row, i) => {
    const before = chunk.truth[row] - mean;
    mean += before / (i + 1);
    squares += before * (chunk.truth[row] - mean);
  });
  eachSampled(rows, rowCount, isJudged, (chunk, row) => {
    sample.truths.push(chunk.truth[row]);
    sample.predictions.push(chunk.prediction[row]);
  });
  const residualEdges = quantileEdges(
    sample.predictions.map((prediction, i) => prediction - sample.truths[i]).filter(Number.isFinite),
    RESIDUAL_BINS_MAX - 1,
  );
  const loss = fitLossModel(sample.predictions, sample.truths);
  if (loss === undefined || !Number.isFinite(mean + squares)) return undefined;
  const nearZero = NEAR_ZERO * Math.sqrt(squares / rowCount);
  const layout = regressionLayout(mean, nearZero, residualEdges);
  const parts = Array.from({ length: PARTS }, () => emptyOutcomes(layout));
  eachJudged(rows, isJudged, (chunk, row, i) => {
    addRegressed(layout, parts[Math.floor((i * PARTS) / rowCount)], chunk.prediction[row], chunk.truth[row]);
  });
  const { bins, absolute, squared, signed } = loss;
  const losses = { edges: [...bins.edges.subarray(0, bins.edgeCount)], absolute, squared, signed };
  return {
    truth,
    rowCount,
    regression: { center: mean, nearZero, residualEdges, loss: losses },
    metrics: metricsOf('regression', parts, regressionScores),
  };
}

/** What has a value, each with its error by the grouped jackknife. */
function metricsOf(
  task: keyof typeof TASK_METRICS,
  parts: readonly Float64Array[],
  scoresOf: (state: Float64Array) => Readonly<Partial<Record<PerformanceMetric, PerformanceScore>>>,
): PerformanceReference['metrics'] {
  const whole = new Float64Array(parts[0].length);
  for (const part of parts) mergeOutcomes(whole, part);
  const none = { reason: 'no_rows' } as const;
  const scores = scoresOf(whole);
  return TASK_METRICS[task].flatMap((metric) => {
    const score = scores[metric] ?? none;
    if (!('value' in score)) return [];
    const standardError = jackknifeError(parts, (state) => scoresOf(state)[metric] ?? none);
    return [{ metric, value: score.value, ...(standardError === undefined ? {} : { standardError }) }];
  });
}

function mapOf(
  { classes }: ClassificationLayout,
  scores: readonly number[],
  actual: readonly number[],
  of: number,
): CalibrationMap {
  const rows = scores.flatMap((score, row) => (isProbability(score) ? [row] : []));
  const map = calibrationOf(
    rows.map((row) => scores[row]),
    rows.map((row) => (actual[row] === of ? 1 : 0)),
  );
  // Of a hundred classes no map may make the profile large.
  const most = Math.max(20, Math.floor(PROFILE_LIMITS.calibrationPointCountMax / Math.max(1, classes.length / 10)));
  return thinned(map, Math.min(most, PROFILE_LIMITS.calibrationPointCountMax));
}

/** Points evenly chosen, the ends among them: between points a map is linear. */
function thinned({ scores, shares }: CalibrationMap, most: number): CalibrationMap {
  if (scores.length <= most) return { scores, shares };
  const chosen = Array.from({ length: most }, (_, i) => Math.round((i * (scores.length - 1)) / (most - 1)));
  return { scores: chosen.map((i) => scores[i]), shares: chosen.map((i) => shares[i]) };
}

function isProbability(score: number): boolean {
  return score >= 0 && score <= 1;
}

/** At most `most` different ones, evenly spread over the values. */
function quantileEdges(values: readonly number[], most: number): number[] {
  const sorted = Float64Array.from(values).sort();
  const edges = new Set<number>();
  for (let i = 1; i <= most && sorted.length > 0; i++) edges.add(sorted[Math.floor((i * sorted.length) / (most + 1))]);
  return [...edges];
}

type IsJudged<C> = (chunk: C, row: number) => boolean;

function countRows<C extends { readonly count: number }>(rows: Rows<C>, isJudged: IsJudged<C>): number {
  let count = 0;
  eachJudged(rows, isJudged, () => count++);
  return count;
}

/** `i` counts the rows that are judged. */
function eachJudged<C extends { readonly count: number }>(
  rows: Rows<C>,
  isJudged: IsJudged<C>,
  visit: (chunk: C, row: number, i: number) => void,
): void {
  let i = 0;
  rows.scan((chunk) => {
    for (let row = 0; row < chunk.count; row++) if (isJudged(chunk, row)) visit(chunk, row, i++);
  });
}

function eachSampled<C extends { readonly count: number }>(
  rows: Rows<C>,
  rowCount: number,
  isJudged: IsJudged<C>,
  visit: (chunk: C, row: number) => void,
): void {
  const stride = Math.max(1, rowCount / SAMPLE_ROWS_MAX);
  let next = 0;
  eachJudged(rows, isJudged, (chunk, row, i) => {
    if (i < next) return;
    visit(chunk, row);
    next += stride;
  });
}
