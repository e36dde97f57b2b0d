import { describe, expect, test } from 'vitest';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { nextUp } from '../sketch/next-up.ts';
import type { NumericReference } from './profile.ts';

const referenceOf = (values: readonly number[]): NumericReference => profileOf({ x: values }).features[0].numeric!;
const stream = sampleStream(3);
const normals = Array.from({ length: 20_000 }, () => stream.normal());

describe('edges', () => {
  test('of a continuous column are minimum, tails, percentiles, maximum: 109', () => {
    const { edges, counts, min, max, lower, upper } = referenceOf(normals);
    const sorted = normals.toSorted((a, b) => a - b);
    expect(edges).toHaveLength(109);
    expect([edges[0], edges[108], min, max]).toEqual([sorted[0], sorted[19_999], sorted[0], sorted[19_999]]);
    expect([edges[1], edges[4], edges[5], edges[54]]).toEqual([sorted[10], sorted[100], sorted[200], sorted[10_000]]);
    expect([lower, upper]).toEqual([sorted[20], sorted[19_980]]);
    // (−∞, min) is empty, [max, ∞) holds the maximum, a percentile is 1 % of the rows.
    expect([counts[0], counts[1], counts[6], counts[109]]).toEqual([0, 10, 200, 1]);
  });

  test('a value with several ranks is an atom: a bin of its own', () => {
    const { edges, counts } = referenceOf([...normals, ...new Array<number>(3000).fill(0.5)]);
    const atom = edges.indexOf(0.5);
    expect(edges[atom + 1]).toBe(nextUp(0.5));
    expect(counts[atom + 1]).toBe(3000);
  });

  test('are ascending and complete for columns with few values', () => {
    for (const values of [[5], [0, 0, 0], [1, 2], [-0, 0], [1e308, -1e308], [Number.MAX_VALUE, Number.MAX_VALUE]]) {
      const { edges, counts } = referenceOf(values);
      expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1])).toBe(true);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
    }
  });
});

describe('cells', () => {
  const cellsOf = ({ counts, cuts }: NumericReference): number[] =>
    [...cuts, counts.length - 1].map((cut, i) =>
      counts.slice(i === 0 ? 0 : cuts[i - 1] + 1, cut + 1).reduce((sum, count) => sum + count, 0),
    );

  test('of a continuous column are ten tenths', () => {
    expect(cellsOf(referenceOf(normals))).toEqual(new Array(10).fill(2000));
  });

  test('are never empty in the reference, whatever the ties', () => {
    for (let distinct = 1; distinct <= 40; distinct++) {
      const values = Array.from({ length: 1000 }, () => stream.whole(distinct) * (stream.uniform() < 0.3 ? 0 : 1));
      const cells = cellsOf(referenceOf(values));
      expect(cells.every((count) => count > 0)).toBe(true);
      expect(cells.length).toBeLessThanOrEqual(20);
      expect(cells.reduce((sum, count) => sum + count, 0)).toBe(1000);
    }
  });

  test('a column of one value has one cell, a yes-or-no column two', () => {
    expect(cellsOf(referenceOf([3, 3, 3]))).toEqual([3]);
    expect(cellsOf(referenceOf([0, 1, 0, 0, 1]))).toEqual([3, 2]);
    expect(cellsOf(referenceOf([...new Array<number>(97).fill(0), 1, 1, 1]))).toEqual([97, 3]);
  });
});
