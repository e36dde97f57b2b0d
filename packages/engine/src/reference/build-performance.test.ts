import { describe, expect, test } from 'vitest';
import { profileOf, toyHash } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { exactAuroc } from '../performance/auroc.ts';
import { calibrated } from '../performance/isotonic.ts';
import {
  type ClassifiedChunk,
  classificationReference,
  type RegressedChunk,
  type Rows,
  regressionReference,
} from './build-performance.ts';
import { parseProfile } from './parse-profile.ts';
import type { PerformanceReference } from './profile.ts';
import { sealProfile } from './seal-profile.ts';

const CHUNK = 1_000;
function chunked<C extends { readonly count: number }>(
  rowCount: number,
  chunkOf: (from: number, to: number) => C,
): Rows<C> {
  return {
    scan(visit) {
      for (let from = 0; from < rowCount; from += CHUNK) visit(chunkOf(from, Math.min(rowCount, from + CHUNK)));
    },
  };
}
/** Over-confident: the true chance is the square of the score. */
function overConfident(rowCount: number) {
  const stream = sampleStream(5);
  const scores = Float64Array.from({ length: rowCount }, () => stream.uniform());
  const actual = Int32Array.from(scores, (score) => (stream.uniform() < score * score ? 1 : 0));
  const predicted = Int32Array.from(scores, (score) => (score >= 0.5 ? 1 : 0));
  const rows = chunked(rowCount, (from, to): ClassifiedChunk => {
    return {
      count: to - from,
      actual: actual.subarray(from, to),
      predicted: predicted.subarray(from, to),
      scores: [scores.subarray(from, to)],
    };
  });
  return { scores, actual, predicted, rows };
}
const metricOf = ({ metrics }: PerformanceReference, name: string) => metrics.find(({ metric }) => metric === name)!;

/** What the reader of profiles says of one that has it. */
function accepted(performance: PerformanceReference) {
  const { id: _, ...draft } = profileOf({ x: [1, 2, 3] }, { noiseTables: false });
  return parseProfile(sealProfile({ ...draft, schemaVersion: 3, performance }, toyHash), { sha256: toyHash });
}

describe('of two classes', () => {
  const { scores, actual, predicted, rows } = overConfident(20_000);
  const reference = classificationReference('truth', ['no', 'yes'], 1, rows)!;

  test('metrics are those of all rows, with errors of about 1/√n', () => {
    const hits = actual.filter((of, row) => of === predicted[row]).length;
    expect(reference.rowCount).toBe(20_000);
    expect(metricOf(reference, 'accuracy').value).toBeCloseTo(hits / 20_000, 12);
    const exact = exactAuroc(scores, actual);
    expect(metricOf(reference, 'auroc').value).toBeCloseTo('value' in exact ? exact.value : Number.NaN, 3);
    for (const { standardError } of reference.metrics) {
      expect(standardError).toBeGreaterThan(0.0005);
      expect(standardError).toBeLessThan(0.012);
    }
  });

  test('calibration is kept, because it helps, and says what a score is worth', () => {
    const [map] = reference.classification!.calibration;
    expect(map.scores.length).toBeGreaterThan(10);
    for (const score of [0.2, 0.5, 0.8]) expect(Math.abs(calibrated(map, score) - score * score)).toBeLessThan(0.05);
  });

  test('a profile with it can be read, and its sums have about a thousand bins', () => {
    expect(reference.classification!.scoreEdges[0].length).toBe(999);
    expect(accepted(reference)).toMatchObject({ ok: true });
  });
});

test('whatever calibration is kept of scores that are worth what they say, it leaves them nearly as they are', () => {
  const stream = sampleStream(6);
  const scores = Float64Array.from({ length: 5_000 }, () => Math.round(stream.uniform() * 10) / 10);
  const actual = Int32Array.from(scores, (score) => (stream.uniform() < score ? 1 : 0));
  const rows = chunked(
    5_000,
    (from, to): ClassifiedChunk => ({
      count: to - from,
      actual: actual.subarray(from, to),
      predicted: actual.subarray(from, to),
      scores: [scores.subarray(from, to)],
    }),
  );
  const { classification } = classificationReference('truth', ['no', 'yes'], 1, rows)!;
  const [map] = classification!.calibration;
  // 500 rows a score: two standard errors are .04.
  for (const score of [0.3, 0.7]) expect(Math.abs(calibrated(map, score) - score)).toBeLessThan(0.05);
  expect(classification!.scoreEdges[0].length).toBeLessThanOrEqual(11);
});

test('rows without a truth are left out; without any there is no reference', () => {
  const chunk = (actual: number[]): Rows<ClassifiedChunk> =>
    chunked(3, () => ({ count: 3, actual, predicted: [0, 1, -1], scores: [] }));
  expect(classificationReference('truth', ['no', 'yes'], 0, chunk([0, 0, 1]))).toMatchObject({
    rowCount: 2,
    classification: { scoreEdges: [], calibration: [] },
  });
  expect(classificationReference('truth', ['no', 'yes'], 0, chunk([-1, -1, 1]))).toBeUndefined();
});

describe('of numbers', () => {
  const stream = sampleStream(7);
  const truth = Float64Array.from({ length: 8_000 }, () => 50 + 10 * stream.normal());
  const prediction = truth.map((value) => value + 2 + stream.normal());
  truth[5] = Number.NaN;
  const rows = chunked(8_000, (from, to): RegressedChunk => {
    return { count: to - from, truth: truth.subarray(from, to), prediction: prediction.subarray(from, to) };
  });
  const reference = regressionReference('truth', rows)!;

  test('metrics, residuals and losses are those of the rows', () => {
    expect(reference.rowCount).toBe(7_999);
    expect(metricOf(reference, 'bias').value).toBeCloseTo(2, 1);
    expect(metricOf(reference, 'rmse').value).toBeCloseTo(Math.sqrt(5), 1);
    expect(reference.metrics.map(({ metric }) => metric)).toEqual(['mae', 'mse', 'rmse', 'mape', 'r2', 'bias']);
    const { center, residualEdges, loss } = reference.regression!;
    expect(center).toBeCloseTo(50, 0);
    expect(residualEdges[Math.floor(residualEdges.length / 2)]).toBeCloseTo(2, 0);
    expect(loss.absolute.length).toBe(loss.edges.length + 1);
    expect(accepted(reference)).toMatchObject({ ok: true });
  });

  test('a constant truth has no R², and no truth no reference', () => {
    const constant = regressionReference(
      'truth',
      chunked(50, () => ({ count: 50, truth: Array(50).fill(3), prediction: Array.from({ length: 50 }, (_, i) => i) })),
    )!;
    expect(constant.metrics.map(({ metric }) => metric)).not.toContain('r2');
    const none = chunked(2, () => ({ count: 2, truth: [Number.NaN, 1], prediction: [1, Number.POSITIVE_INFINITY] }));
    expect(regressionReference('truth', none)).toBeUndefined();
  });
});
