import { CELL } from '@leeway/engine';
import { expect, test } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { Texts } from './texts.ts';

test('cells keep their row and column while the batch grows, and rows that are dropped close up', () => {
  const builder = new BatchBuilder(
    [
      { name: 'a', role: 'feature', type: 'numeric' },
      { name: 'b', role: 'feature', type: 'numeric' },
      { name: 'label', role: 'output', type: 'categorical' },
    ],
    new Texts([1, 2]),
  );
  const rowCount = 1_500;
  for (let row = 0; row < rowCount; row++) {
    // One row at a time and several at once take different ways.
    const count = row % 10 === 0 && row + 3 <= rowCount ? 3 : 1;
    const first = builder.addRows(count, CELL.missing, 1, 0);
    for (let i = first; i < first + count; i++) {
      builder.allValues[i] = i;
      builder.columns[1].values[i] = -i;
      builder.columns[1].kinds[i] = CELL.number;
      builder.weights[i] = i + 0.5;
    }
    row += count - 1;
  }
  expect(builder.rowCount).toBe(rowCount);
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const [a, b, label] = builder.columns;
  expect([...a.values.subarray(0, rowCount)]).toEqual(rows);
  expect([...b.values.subarray(0, rowCount)]).toEqual(rows.map((row) => -row));
  expect(new Set(a.kinds.subarray(0, rowCount))).toEqual(new Set([CELL.missing]));
  expect(new Set(b.kinds.subarray(0, rowCount))).toEqual(new Set([CELL.number]));
  expect(new Set(label.kinds.subarray(0, rowCount))).toEqual(new Set([CELL.absent]));
  expect([...builder.weights.subarray(0, rowCount)]).toEqual(rows.map((row) => row + 0.5));

  builder.keepOnly(1_497, Uint8Array.of(0, 1, 0));
  expect(builder.rowCount).toBe(1_498);
  expect(a.values[1_497]).toBe(1_498);
  expect(b.values[1_497]).toBe(-1_498);
});
