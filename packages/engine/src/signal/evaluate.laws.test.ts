import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allRows, batchOf, type Cell } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { createPane, mergePane } from '../sketch/pane.ts';
import { evaluate } from './evaluate.ts';
import { DRIFT_METRICS, type DriftMetric, type Evaluation } from './evaluation.ts';
import { compilePolicy } from './policy.ts';

const stream = sampleStream(31);

function judge(
  reference: ReferenceProfile,
  columns: readonly (readonly Cell[])[],
  weights?: readonly number[],
): Evaluation {
  const layout = compileLayout(reference);
  const state = createPane(layout);
  const batch = batchOf(columns, { weights });
  observe(layout, state, batch, allRows(batch), 0, batch.rowCount);
  const policy = compilePolicy(
    reference,
    { rowsMin: 1, metrics: DRIFT_METRICS, intervals: true },
    { windowMs: 3_600_000, paneMs: 300_000 },
  );
  return evaluate(layout, policy, { startMs: 0, endMs: 3_600_000, state, filled: true });
}

const UPPER: Partial<Record<DriftMetric, number>> = {
  jensen_shannon: 1,
  kolmogorov_smirnov: 1,
  cramers_v: 1,
  chebyshev: 1,
  hellinger: 1,
  total_variation: 1,
};

/** Every number anywhere in the value. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

const column = (seed: number): { numbers: number[]; names: string[] } => {
  const own = sampleStream(seed);
  const kind = own.whole(4);
  const numbers = Array.from({ length: 400 }, () => {
    if (kind === 0) return own.normal();
    if (kind === 1) return own.whole(5);
    return kind === 2 ? Math.exp(3 * own.normal()) : own.whole(3) * 1e300 * (own.uniform() - 0.5);
  });
  return { numbers, names: Array.from({ length: 400 }, () => `n${own.whole(1 + own.whole(60))}`) };
};

describe('scores', () => {
  test('are 0 for a window that is the reference itself', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { numbers, names } = column(seed);
        const { columns } = judge(profileOf({ x: numbers, c: names }, { noiseTables: false }), [numbers, names]);
        for (const { scores } of columns)
          for (const { metric, score } of scores) expect(score, metric).toBeCloseTo(0, 9);
      }),
      { numRuns: 20 },
    );
  });

  test('and thresholds stay within their bounds, and every number is finite', () => {
    const hostile = fc.oneof(
      fc.double(),
      fc.constantFrom<Cell>(null, undefined, '', '__proto__', 'x', {}, 1e308, -1e308, Number.NaN),
      fc.integer({ min: 0, max: 60 }).map((i) => `n${i}`),
    );
    const cells = fc.array(fc.tuple(hostile, hostile), { maxLength: 300 });
    const weight = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    const references = [1, 2, 3, 4, 5, 6].map((seed) => {
      const { numbers, names } = column(seed);
      // Tables take a second: one reference has them, the others use the formulas.
      return profileOf({ x: numbers, c: names }, { noiseTables: seed === 1 });
    });
    fc.assert(
      fc.property(fc.constantFrom(...references), cells, weight, (reference, rows, heavy) => {
        const columns = [rows.map(([x]) => x), rows.map(([, c]) => c)];
        const weights = rows.map((_, i) => (i % 3 === 0 ? heavy : 1));
        const evaluation = judge(reference, columns, weights);
        expect(numbersIn(evaluation).filter((value) => !Number.isFinite(value))).toEqual([]);
        for (const { scores, quality } of evaluation.columns) {
          for (const { metric, score, noise, warning, critical } of scores) {
            expect(score, metric).toBeGreaterThanOrEqual(0);
            expect(score, metric).toBeLessThanOrEqual(UPPER[metric] ?? Number.MAX_VALUE);
            expect(noise, metric).toBeGreaterThanOrEqual(0);
            expect(critical, metric).toBeGreaterThanOrEqual(warning);
          }
          for (const { ratio } of quality) expect(ratio >= 0 && ratio <= 1).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('do not depend on how rows were cut into shards: panes of shards merge to the pane of one process', () => {
    const reference = profileOf(
      {
        x: Array.from({ length: 2000 }, () => stream.normal()),
        c: Array.from({ length: 2000 }, () => `n${stream.whole(30)}`),
      },
      { noiseTables: false },
    );
    const layout = compileLayout(reference);
    const policy = compilePolicy(reference, { metrics: DRIFT_METRICS }, { windowMs: 1000, paneMs: 1000 });
    const judged = (state: Float64Array): Evaluation =>
      evaluate(layout, policy, { startMs: 0, endMs: 1, state, filled: true });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 7 }), (seed, shardCount) => {
        const own = sampleStream(seed);
        const batch = batchOf([
          Array.from({ length: 500 }, () => (own.whole(20) === 0 ? null : own.normal() * 1.3)),
          Array.from({ length: 500 }, () => `n${own.whole(35)}`),
        ]);
        const one = createPane(layout);
        observe(layout, one, batch, allRows(batch), 0, 500);
        const merged = createPane(layout);
        for (let shard = 0; shard < shardCount; shard++) {
          const rows = allRows(batch).filter((row) => (row * 31 + seed) % shardCount === shard);
          const pane = createPane(layout);
          observe(layout, pane, batch, rows, 0, rows.length);
          mergePane(layout, merged, pane);
        }
        const [expected, found] = [judged(one), judged(merged)];
        expect(found.rowCount).toBe(500);
        expect(found.signals).toEqual(expected.signals);
        found.columns.forEach((column, i) => {
          expect(column.quality).toEqual(expected.columns[i].quality);
          column.scores.forEach((score, j) => {
            const other = expected.columns[i].scores[j];
            // Sums of values depend on their order, in the last digits; counts do not.
            if (score.metric === 'wasserstein') expect(score.score).toBeCloseTo(other.score, 12);
            else expect(score).toEqual(other);
          });
        });
      }),
      { numRuns: 50 },
    );
  });
});
