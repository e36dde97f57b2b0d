/** Against scipy 1.14.1 (fixtures/special-functions.json, scripts/statistics/make-fixtures.py) at 1e-9 relative. */
import { describe, expect, test } from 'vitest';
import { readFixture, relativeError } from '../../test/read-fixture.ts';
import { chiSquareCdf, chiSquareQuantile, chiSquareSurvival } from './chi-square-distribution.ts';
import { binomialSurvival, incompleteBeta } from './incomplete-beta.ts';
import { lowerIncompleteGamma, upperIncompleteGamma } from './incomplete-gamma.ts';
import { kolmogorovSurvival } from './kolmogorov-distribution.ts';
import { kolmogorovOneSampleSurvival } from './kolmogorov-one-sample.ts';
import { logGamma } from './log-gamma.ts';
import {
  noncentralChiSquareCdf,
  noncentralChiSquareQuantile,
  noncentralChiSquareSurvival,
  noncentralChiSquareTailBound,
} from './noncentral-chi-square.ts';
import { normalQuantile, normalSurvival } from './normal-distribution.ts';
import { poissonDensity } from './poisson-density.ts';

type Rows = readonly (readonly number[])[];
const oracle = readFixture<Record<string, Rows>>('special-functions.json');

/** Largest relative error over the rows; the last column is scipy's answer. */
function worst(rows: Rows, compute: (...args: number[]) => number): number {
  expect(rows.length).toBeGreaterThan(5);
  return Math.max(...rows.map((row) => relativeError(compute(...row.slice(0, -1)), row.at(-1)!)));
}

describe('special functions equal scipy', () => {
  test('logarithm of gamma', () => {
    expect(worst(oracle.logGamma, logGamma)).toBeLessThan(1e-12);
  });

  test('incomplete gamma, either tail', () => {
    const rows = oracle.incompleteGamma;
    expect(
      worst(
        rows.map(([a, x, p]) => [a, x, p!]),
        lowerIncompleteGamma,
      ),
    ).toBeLessThan(1e-10);
    expect(
      worst(
        rows.map(([a, x, , q]) => [a, x, q!]),
        upperIncompleteGamma,
      ),
    ).toBeLessThan(1e-10);
  });

  test('incomplete beta and the binomial tail', () => {
    expect(worst(oracle.incompleteBeta, incompleteBeta)).toBeLessThan(1e-10);
    expect(worst(oracle.binomialSurvival, binomialSurvival)).toBeLessThan(1e-9);
  });

  test('Kolmogorov’s limiting distribution', () => {
    expect(worst(oracle.kolmogorov, kolmogorovSurvival)).toBeLessThan(1e-12);
  });

  test('Kolmogorov–Smirnov distribution of n values', () => {
    expect(worst(oracle.kolmogorovOneSample, kolmogorovOneSampleSurvival)).toBeLessThan(1e-9);
    expect(kolmogorovOneSampleSurvival(1, 5)).toBe(0);
    expect(kolmogorovOneSampleSurvival(0.1, 5)).toBe(1);
    // Beyond a million values it is the limit.
    const [t, n] = [1.2, 2e6];
    expect(kolmogorovOneSampleSurvival(t / Math.sqrt(n), n)).toBeCloseTo(kolmogorovSurvival(t), 12);
  });

  test('normal distribution and its inverse', () => {
    expect(worst(oracle.normalQuantile, normalQuantile)).toBeLessThan(1e-13);
    expect(worst(oracle.normalSurvival, normalSurvival)).toBeLessThan(1e-12);
  });

  test('quantiles of chi-square, alpha from .9 to 1e-9', () => {
    expect(worst(oracle.chiSquareQuantile, chiSquareQuantile)).toBeLessThan(1e-10);
  });

  test('quantiles of noncentral chi-square, alpha from .9 to 1e-9, noncentrality to a million', () => {
    expect(oracle.noncentralQuantile.length).toBeGreaterThan(500);
    expect(worst(oracle.noncentralQuantile, noncentralChiSquareQuantile)).toBeLessThan(1e-9);
  });

  test('tails of noncentral chi-square', () => {
    const rows = oracle.noncentralTails;
    expect(
      worst(
        rows.map(([x, k, nc, sf]) => [x, k, nc, sf!]),
        noncentralChiSquareSurvival,
      ),
    ).toBeLessThan(1e-9);
    expect(
      worst(
        rows.map(([x, k, nc, , cdf]) => [x, k, nc, cdf!]),
        noncentralChiSquareCdf,
      ),
    ).toBeLessThan(1e-9);
  });
});

test('the saddlepoint formula continues the sum without a step', () => {
  // 5,000 is where one hands over to the other; the quantile grows with the noncentrality by 1 in the mean.
  for (const alpha of [0.3, 1e-3, 5.8e-6, 1e-9]) {
    const below = noncentralChiSquareQuantile(alpha, 9, 5000);
    const above = noncentralChiSquareQuantile(alpha, 9, 5000 * (1 + 1e-12));
    expect(relativeError(above, below)).toBeLessThan(1e-11);
  }
});

test('the cheap bound is never below the tail', () => {
  for (const [x, k, noncentrality, survival] of oracle.noncentralTails) {
    expect(noncentralChiSquareTailBound(x, k, noncentrality)).toBeGreaterThanOrEqual(survival * (1 - 1e-12));
  }
});

test('the two tails sum to 1 far from the mean of a large noncentrality', () => {
  for (const noncentrality of [1e5, 4e6]) {
    for (const share of [0.2, 0.9, 0.999, 1, 1.001, 1.1, 5]) {
      const x = share * (noncentrality + 9);
      const both = noncentralChiSquareSurvival(x, 9, noncentrality) + noncentralChiSquareCdf(x, 9, noncentrality);
      expect(Math.abs(both - 1)).toBeLessThan(1e-9);
    }
  }
});

test('arguments beyond the range give the limits, never NaN', () => {
  expect(noncentralChiSquareSurvival(0, 9, 5)).toBe(1);
  expect(noncentralChiSquareSurvival(-1, 9, 5)).toBe(1);
  expect(noncentralChiSquareCdf(0, 9, 5)).toBe(0);
  expect(noncentralChiSquareSurvival(1e9, 9, 5)).toBe(0);
  expect(noncentralChiSquareQuantile(1, 9, 5)).toBe(0);
  expect(noncentralChiSquareQuantile(0, 9, 5)).toBeNaN();
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  expect(kolmogorovSurvival(-1)).toBe(1);
  expect(binomialSurvival(0, 10, 0.5)).toBe(1);
  expect(binomialSurvival(11, 10, 0.5)).toBe(0);
  expect(incompleteBeta(1, 2, 3)).toBe(1);
  expect(poissonDensity(0, 0)).toBe(1);
  expect(chiSquareCdf(3.841458820694124, 1) + chiSquareSurvival(3.841458820694124, 1)).toBeCloseTo(1, 14);
});
