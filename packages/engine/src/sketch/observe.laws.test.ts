import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allRows, batchOf, type Cell } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { CELL, type ColumnBatch } from '../observe/column-batch.ts';
import { compileLayout, FIELD, type PaneLayout } from './layout.ts';
import { observe } from './observe.ts';
import { createPane, mergePane } from './pane.ts';

const stream = sampleStream(11);
const layout = compileLayout(
  profileOf({
    x: Array.from({ length: 2000 }, () => stream.normal()),
    hour: Array.from({ length: 2000 }, () => stream.whole(24)),
    city: Array.from({ length: 2000 }, () => `city ${stream.whole(40) % (1 + stream.whole(40))}`),
  }),
);

interface Row {
  readonly cells: readonly Cell[];
  readonly weight: number;
}

const hostileNumber = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  1e308,
  -1.7e308,
  5e-324,
  2 ** 53,
);
const hostileText = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '\u0000',
  '\ud800',
  'NaN',
  '1e999',
);
const cell: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: -4, max: 4, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 26 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }).map((i) => `city ${i}`) },
  { weight: 1, arbitrary: hostileNumber },
  { weight: 1, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, {}) },
);
const cells = fc.tuple(cell, cell, cell);
const unweighted: fc.Arbitrary<Row> = cells.map((row) => ({ cells: row, weight: 1 }));
const weighted: fc.Arbitrary<Row> = fc.record({ cells, weight: fc.double({ min: 0.5, max: 1000, noNaN: true }) });
const rowsOf = (row: fc.Arbitrary<Row>): fc.Arbitrary<Row[]> => fc.array(row, { maxLength: 120 });

function toBatch(rows: readonly Row[]): ColumnBatch {
  const columns = [0, 1, 2].map((column) => rows.map((row) => row.cells[column]));
  return batchOf(columns, { weights: rows.map((row) => row.weight) });
}

function fill(rows: readonly Row[]): Float64Array {
  const pane = createPane(layout);
  const batch = toBatch(rows);
  observe(layout, pane, batch, allRows(batch), 0, batch.rowCount);
  return pane;
}

function merged(panes: readonly Float64Array[]): Float64Array {
  const into = createPane(layout);
  for (const pane of panes) mergePane(layout, into, pane);
  return into;
}

/** Sums of values and moments, whose rounding depends on the order; counts do not. */
const isSum = sumIndexes(layout);

/** Exact for counts at weight 1; sums within 1e-12 of the magnitude that was summed. */
function expectSame(actual: Float64Array, expected: Float64Array, rows: readonly Row[], exactCounts: boolean): void {
  const magnitude = sumMagnitudes(rows);
  for (let i = 0; i < layout.stride; i++) {
    if (actual[i] === expected[i]) continue;
    const allowed = isSum[i] ? magnitude[i] : exactCounts ? 0 : Math.abs(expected[i]);
    if (!(Math.abs(actual[i] - expected[i]) <= 1e-12 * allowed)) {
      expect.fail(`double ${i} is ${actual[i]}, expected ${expected[i]} within 1e-12 of ${allowed}`);
    }
  }
}

describe('panes', () => {
  test.each([
    ['at weight 1', unweighted, true],
    ['weighted', weighted, false],
  ])('merging two equals sketching both, %s', (_, row, exact) => {
    fc.assert(
      fc.property(rowsOf(row), rowsOf(row), (a, b) => {
        expectSame(merged([fill(a), fill(b)]), fill([...a, ...b]), [...a, ...b], exact);
      }),
    );
  });

  test.each([
    ['at weight 1', unweighted, true],
    ['weighted', weighted, false],
  ])('do not depend on the order of rows, %s', (_, row, exact) => {
    const shuffled = rowsOf(row).chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(fc.property(shuffled, ([rows, other]) => expectSame(fill(other), fill(rows), rows, exact)));
  });

  test.each([
    ['at weight 1', unweighted, true],
    ['weighted', weighted, false],
  ])('of N shards merged equal one process, %s', (_, row, exact) => {
    fc.assert(
      fc.property(rowsOf(row), fc.integer({ min: 1, max: 9 }), (rows, shardCount) => {
        const shards = Array.from({ length: shardCount }, (_unused, s) =>
          fill(rows.filter((__, i) => i % shardCount === s)),
        );
        expectSame(merged(shards), fill(rows), rows, exact);
      }),
    );
  });

  test('count every row once: rows of a column are ok, missing or type errors', () => {
    fc.assert(
      fc.property(rowsOf(unweighted), (rows) => {
        const pane = fill(rows);
        layout.columns.forEach((column, c) => {
          const present = rows.filter((row) => row.cells[c] !== undefined).length;
          const { okRows, missingRows, typeErrorRows } = FIELD;
          const counted = [okRows, missingRows, typeErrorRows].map((field) => pane[column.offset + field]);
          expect(counted[0] + counted[1] + counted[2]).toBe(present);
          const bins = pane.subarray(column.countsOffset, column.countsOffset + column.binCount);
          expect(bins.reduce((sum, count) => sum + count, 0)).toBe(counted[0]);
        });
      }),
    );
  });

  test('a hostile value changes one count of its own column and nothing of its neighbours', () => {
    const hostile = fc.oneof(hostileNumber, hostileText, fc.constantFrom(null, {}));
    fc.assert(
      fc.property(rowsOf(unweighted), hostile, fc.integer({ min: 0, max: 2 }), (rows, value, target) => {
        const before = fill(rows);
        const added = [0, 1, 2].map((column) => (column === target ? value : undefined));
        const after = fill([...rows, { cells: added, weight: 1 }]);
        layout.columns.forEach((column, c) => {
          const from = column.offset;
          const to = layout.columns[c + 1]?.offset ?? layout.addedSize;
          if (c !== target) expect([...after.subarray(from, to)]).toEqual([...before.subarray(from, to)]);
          else {
            const changed = (at: number): number => after[at] - before[at];
            const bins = Array.from({ length: column.binCount }, (_, i) => changed(column.countsOffset + i));
            expect(bins.filter((change) => change !== 0).length).toBeLessThanOrEqual(1);
            expect(bins.every((change) => change === 0 || change === 1)).toBe(true);
          }
        });
        expect(after.subarray(0, layout.addedSize).every(Number.isFinite)).toBe(true);
        expect(after.some(Number.isNaN)).toBe(false);
      }),
    );
  });

  test('kinds from nowhere are type errors, never a crash', () => {
    const batch = batchOf([[1], [1], ['city 1']]);
    for (const column of batch.columns) column.kinds[0] = 200;
    const pane = createPane(layout);
    observe(layout, pane, batch, allRows(batch), 0, 1);
    expect(layout.columns.map((column) => pane[column.offset + FIELD.typeErrorRows])).toEqual([1, 1, 1]);
    expect(CELL.other).toBeLessThan(200);
  });
});

function sumIndexes({ columns, stride }: PaneLayout): Uint8Array {
  const marks = new Uint8Array(stride);
  for (const { numeric, binCount } of columns) {
    if (numeric === undefined) continue;
    marks.fill(1, numeric.momentsOffset, numeric.momentsOffset + 4);
    marks.fill(1, numeric.sumsOffset, numeric.sumsOffset + binCount);
  }
  return marks;
}

/** What the sums would be if no term cancelled another: |w z|ⁱ and |w x|. */
function sumMagnitudes(rows: readonly Row[]): Float64Array {
  const total = createPane(layout).fill(0);
  for (const row of rows) {
    const one = fill([row]);
    for (let i = 0; i < layout.addedSize; i++) if (isSum[i]) total[i] += Math.abs(one[i]);
  }
  return total;
}
