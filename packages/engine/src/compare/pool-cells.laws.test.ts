import fc from 'fast-check';
import { expect, test } from 'vitest';
import { poolCells } from './pool-cells.ts';

const cells = fc.array(fc.tuple(fc.nat(2000), fc.nat(300)), { minLength: 1, maxLength: 30 });
const total = (counts: ArrayLike<number>): number => Array.from(counts).reduce((sum, count) => sum + count, 0);

test('pooling keeps both totals', () =>
  fc.assert(
    fc.property(cells, fc.nat(5000), (rows, size) => {
      const reference = rows.map(([count]) => count);
      const current = rows.map(([, count]) => count);
      const pooled = poolCells(reference, current, size);
      expect(total(pooled.reference)).toBe(total(reference));
      expect(total(pooled.current)).toBe(total(current));
      expect(pooled.reference.length).toBe(pooled.cellCount);
      expect(pooled.current.length).toBe(pooled.cellCount);
    }),
  ));

test('what remains is expected to have 5 rows, unless it is all there is', () =>
  fc.assert(
    fc.property(cells, fc.integer({ min: 1, max: 5000 }), (rows, size) => {
      const reference = rows.map(([count]) => count);
      const pooled = poolCells(
        reference,
        rows.map(([, count]) => count),
        size,
      );
      if (pooled.cellCount < 2) return;
      const scale = size / total(reference);
      for (const count of pooled.reference) expect(count * scale).toBeGreaterThanOrEqual(5 - 1e-9);
    }),
  ));

test('no cell of the result is empty on both sides', () =>
  fc.assert(
    fc.property(cells, fc.nat(5000), (rows, size) => {
      const pooled = poolCells(
        rows.map(([count]) => count),
        rows.map(([, count]) => count),
        size,
        { keep: [0] },
      );
      for (let cell = 0; cell < pooled.cellCount; cell += 1) {
        expect(pooled.reference[cell] + pooled.current[cell]).toBeGreaterThan(0);
      }
    }),
  ));

test('pooling what is pooled changes nothing', () =>
  fc.assert(
    fc.property(cells, fc.integer({ min: 1, max: 5000 }), (rows, size) => {
      const once = poolCells(
        rows.map(([count]) => count),
        rows.map(([, count]) => count),
        size,
      );
      const twice = poolCells(once.reference, once.current, size);
      expect([...twice.reference]).toEqual([...once.reference]);
      expect([...twice.current]).toEqual([...once.current]);
    }),
  ));

test('thin cells become one', () => {
  const { reference, current, cellCount } = poolCells([500, 440, 30, 30], [50, 40, 4, 6], 100);
  expect([[...reference], [...current], cellCount]).toEqual([[500, 440, 60], [50, 40, 10], 3]);
});

test('a pooled cell that is still thin joins the smallest other', () => {
  const { reference, current } = poolCells([500, 100, 480, 20], [50, 10, 48, 2], 110);
  expect([...reference]).toEqual([500, 120, 480]);
  expect([...current]).toEqual([50, 12, 48]);
});

test('the unseen cell stays its own when it holds a row, and vanishes when it does not', () => {
  expect([...poolCells([500, 500, 0], [40, 50, 10], 100, { keep: [2] }).current]).toEqual([40, 50, 10]);
  expect([...poolCells([500, 500, 0], [50, 50, 0], 100, { keep: [2] }).current]).toEqual([50, 50]);
  // Without `keep` it is expected to have 0 rows and joins the smallest other.
  expect(poolCells([500, 490, 0], [40, 50, 10], 100).cellCount).toBe(2);
  // Nothing is ever pooled into it.
  expect([...poolCells([1000, 1, 0], [90, 5, 5], 100, { keep: [2] }).current]).toEqual([95, 5]);
});

test('empty input gives no cells', () => {
  expect(poolCells([], [], 0).cellCount).toBe(0);
  expect(poolCells([0, 0], [0, 0], 100).cellCount).toBe(0);
  // A reference without rows expects nothing anywhere: all is one cell.
  expect(poolCells([0, 0], [3, 4], 7)).toMatchObject({ cellCount: 1 });
});
