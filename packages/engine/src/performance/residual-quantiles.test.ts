import { expect, test } from 'vitest';
import { sampleStream } from '../../test/sample-stream.ts';
import { emptyOutcomes } from './classification-outcomes.ts';
import { addRegressed, regressionLayout } from './regression-outcomes.ts';
import { RESIDUAL_SHARES, referenceResidualQuantiles, residualQuantiles } from './residual-quantiles.ts';

/** Quantiles of the standard normal law at i / 200: scipy.stats.norm.ppf at the shares of interest is ±1.644854, ±0.674490. */
const NORMAL = [-1.644854, -0.67449, 0, 0.67449, 1.644854];
const stream = sampleStream(31);
const reference = Float64Array.from({ length: 100_000 }, () => stream.normal()).sort();
const edges = Array.from({ length: 199 }, (_, i) => reference[Math.floor(((i + 1) * reference.length) / 200)]);
const layout = regressionLayout(0, 0, edges);

test('of residuals as the reference has them: those of the normal law, in both', () => {
  const state = emptyOutcomes(layout);
  for (let i = 0; i < 50_000; i++) addRegressed(layout, state, stream.normal(), 0);
  for (const values of [residualQuantiles(layout, state)!, referenceResidualQuantiles(layout)!])
    RESIDUAL_SHARES.forEach((_, i) => {
      expect(Math.abs(values[i] - NORMAL[i])).toBeLessThan(0.03);
    });
});

test('residuals that moved move their quantiles, as far as the edges go', () => {
  const state = emptyOutcomes(layout);
  for (let i = 0; i < 50_000; i++) addRegressed(layout, state, stream.normal() + 1, 0);
  const [, low, middle, , high] = residualQuantiles(layout, state)!;
  expect(low).toBeCloseTo(1 - 0.67449, 1);
  expect(middle).toBeCloseTo(1, 1);
  expect(high).toBe(edges.at(-1));
});

test('without rows, or without edges, there are none', () => {
  expect(residualQuantiles(layout, emptyOutcomes(layout))).toBeUndefined();
  const none = regressionLayout(0, 0, []);
  expect([residualQuantiles(none, emptyOutcomes(none)), referenceResidualQuantiles(none)]).toEqual([
    undefined,
    undefined,
  ]);
});
