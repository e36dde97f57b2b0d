import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { cellCounts, cellLabels, referenceCellCounts } from './cells.ts';
import { compileLayout } from './layout.ts';
import { observe } from './observe.ts';
import { createPane } from './pane.ts';

const counts = (cells: Float64Array): number[] => [...cells];

describe('cells of a numeric column', () => {
  const profile = profileOf({ x: Array.from({ length: 1000 }, (_, i) => i) });

  test('are the deciles of the reference, with open ends', () => {
    expect(counts(referenceCellCounts(profile.features[0]))).toEqual(new Array(10).fill(100));
    expect(cellLabels(profile.features[0])).toEqual([
      '00 (-inf, 100)',
      '01 [100, 200)',
      '02 [200, 300)',
      '03 [300, 400)',
      '04 [400, 500)',
      '05 [500, 600)',
      '06 [600, 700)',
      '07 [700, 800)',
      '08 [800, 900)',
      '09 [900, inf)',
    ]);
  });

  test('take what is observed, values out of bounds in the outer ones', () => {
    const layout = compileLayout(profile);
    const pane = createPane(layout);
    const batch = batchOf([[-5, 0, 99.9, 100, 950, 1e9, null]]);
    observe(layout, pane, batch, allRows(batch), 0, batch.rowCount);
    expect(counts(cellCounts(layout, pane, 0))).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
  });

  test('a value with more than a tenth of the rows is a cell, and cells that the reference leaves empty are none', () => {
    const zeros = Array.from({ length: 100 }, (_, i) => (i < 60 ? 0 : i));
    const [column] = profileOf({ zeros, flags: zeros.map((value) => (value === 0 ? 0 : 1)) }).features;
    expect(cellLabels(column)[0]).toBe('00 (-inf, 0]');
    expect(counts(referenceCellCounts(column))).toEqual([60, 10, 10, 10, 10]);
    const flags = profileOf({ flags: zeros.map((value) => (value === 0 ? 0 : 1)) }).features[0];
    expect(cellLabels(flags)).toEqual(['00 (-inf, 0]', '01 (0, inf)']);
    expect(counts(referenceCellCounts(flags))).toEqual([60, 40]);
    const middle = profileOf({ x: Array.from({ length: 100 }, (_, i) => (i >= 40 && i < 60 ? 40 : i)) }).features[0];
    expect(cellLabels(middle)).toContain('04 [40]');
  });
});

describe('cells of a categorical column', () => {
  test('labels are the names, and no two cells share one', () => {
    const names = ['other', 'unseen', '', '"other"', '__proto__', 'plain'];
    const rows = names.flatMap((name, i) => new Array<string>(10 - i).fill(name));
    const labels = cellLabels(profileOf({ c: rows }).features[0]);
    expect(labels).toEqual(['"other"', '"unseen"', '""', '"\\"other\\""', '__proto__', 'plain', 'other', 'unseen']);
    expect(new Set(labels).size).toBe(labels.length);
  });

  test('twenty by name, the rest of the reference as other, unseen at the end', () => {
    const rows = Array.from({ length: 25 }, (_, i) => new Array<string>(30 - i).fill(`c${i}`)).flat();
    const profile = profileOf({ c: rows });
    const expected = [...Array.from({ length: 20 }, (_, i) => 30 - i), 10 + 9 + 8 + 7 + 6, 0];
    expect(counts(referenceCellCounts(profile.features[0]))).toEqual(expected);
    const layout = compileLayout(profile);
    const pane = createPane(layout);
    const batch = batchOf([['c0', 'c24', 'new', 'c19']]);
    observe(layout, pane, batch, allRows(batch), 0, batch.rowCount);
    const seen = counts(cellCounts(layout, pane, 0));
    expect([seen[0], seen[19], seen[20], seen[21]]).toEqual([1, 1, 1, 1]);
  });
});
