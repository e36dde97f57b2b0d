import { describe, expect, test } from 'vitest';
import { allRows, type BatchOptions, batchOf, type Cell } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { compileLayout, type PaneLayout } from './layout.ts';
import { observe } from './observe.ts';
import { type ColumnCounts, columnCounts, createPane, paneCounts } from './pane.ts';

const numbers = profileOf({ x: Array.from({ length: 101 }, (_, i) => i) });
const categories = profileOf({ c: ['a', 'a', 'b', '7', '7'] });

function count(layout: PaneLayout, cells: readonly Cell[], options?: BatchOptions): ColumnCounts {
  const pane = createPane(layout);
  const batch = batchOf([cells], options);
  observe(layout, pane, batch, allRows(batch), 0, batch.rowCount);
  return columnCounts(layout, pane, 0);
}

describe('a numeric column', () => {
  const layout = compileLayout(numbers);

  test('counts numbers, missing values, type errors and values out of bounds apart', () => {
    const cells: Cell[] = [
      1,
      2.5,
      '3',
      true,
      null,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      'abc',
      '',
      {},
      -1,
      100.5,
      undefined,
    ];
    const counts = count(layout, cells);
    expect(counts).toMatchObject({ rows: 12, okRows: 6, missingRows: 4, typeErrorRows: 2, outsideRows: 2 });
  });

  test('bounds belong to the reference: only values strictly beyond them are out', () => {
    expect(count(layout, [0, 100, -0]).outsideRows).toBe(0);
    expect(count(layout, [-5e-324, 100.00000000000001]).outsideRows).toBe(2);
  });

  test('keeps minimum, maximum, mean and deviation', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    // Population deviation 2, the usual textbook example; central moments 4, 5.25, 44.5.
    const { numeric } = count(layout, values);
    expect(numeric?.min).toBe(2);
    expect(numeric?.max).toBe(9);
    expect(numeric?.mean).toBeCloseTo(5, 12);
    expect(numeric?.standardDeviation).toBeCloseTo(2, 12);
    expect(numeric?.skewness).toBeCloseTo(5.25 / 4 ** 1.5, 8);
    expect(numeric?.excessKurtosis).toBeCloseTo(44.5 / 16 - 3, 8);
  });

  test('a huge value stays in its own bin and leaves every sum finite', () => {
    const pane = createPane(layout);
    const batch = batchOf([[1e308, -1e308, 50, Number.MAX_VALUE, 1e-320]]);
    observe(layout, pane, batch, allRows(batch), 0, 5);
    expect([...pane].every(Number.isFinite)).toBe(true);
    const counts = columnCounts(layout, pane, 0);
    expect(counts).toMatchObject({ okRows: 5, outsideRows: 3 });
    expect(Object.values(counts.numeric ?? {}).every(Number.isFinite)).toBe(true);
  });

  test('without values there are no moments', () => {
    expect(count(layout, [null, 'x']).numeric).toBeUndefined();
  });
});

describe('a categorical column', () => {
  const layout = compileLayout(categories);

  test('takes texts and numbers, and counts what is neither', () => {
    const cells: Cell[] = ['a', 7, '7', 'new', 8, null, Number.NaN, {}, undefined];
    const counts = count(layout, cells);
    expect(counts).toMatchObject({ rows: 8, okRows: 5, missingRows: 2, typeErrorRows: 1, outsideRows: 2 });
  });
});

describe('weights', () => {
  const layout = compileLayout(numbers);

  test('weigh every count, and rows stay rows', () => {
    const counts = count(layout, [1, 200, null, 'x'], { weights: [2, 4, 8, 16] });
    expect(counts).toMatchObject({ rows: 4, weight: 30, squaredWeight: 4 + 16 + 64 + 256 });
    expect(counts).toMatchObject({
      okWeight: 6,
      okSquaredWeight: 20,
      outsideWeight: 4,
      missingWeight: 8,
      typeErrorWeight: 16,
    });
    expect(counts.okEffectiveSize).toBeCloseTo(36 / 20, 12);
  });

  test('a weight that is no positive number counts as one, a huge one is clamped', () => {
    const weights = [Number.NaN, 0, -3, Number.POSITIVE_INFINITY];
    expect(count(layout, [1, 1, 1, 1], { weights }).okWeight).toBe(3 + 1e12);
  });
});

describe('a batch', () => {
  test('more rows than a chunk are all counted', () => {
    const layout = compileLayout(numbers);
    const counts = count(
      layout,
      Array.from({ length: 5000 }, (_, i) => i % 100),
    );
    expect(counts.okRows).toBe(5000);
    expect(counts.numeric?.mean).toBeCloseTo(49.5, 9);
  });

  test('columns that it lacks are absent, columns beyond the reference are ignored', () => {
    const layout = compileLayout(profileOf({ a: [1, 2, 3], b: [1, 2, 3] }));
    const pane = createPane(layout);
    const short = batchOf([[1, 2]]);
    observe(layout, pane, short, allRows(short), 0, 2);
    const long = batchOf([[1], [2], [3]]);
    observe(layout, pane, long, allRows(long), 0, 1);
    expect([0, 1].map((column) => columnCounts(layout, pane, column).rows)).toEqual([3, 1]);
    expect(paneCounts(pane)).toMatchObject({ rows: 3, weight: 3, squaredWeight: 3, effectiveSize: 3 });
  });
});
