import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { excusesIn, isExcused, medianOfRuns } from './judge.ts';
import type { BenchResult } from './result.ts';

const result = (value: number, direction: BenchResult['direction'] = 'at least'): BenchResult => ({
  name: 'scan',
  value,
  unit: '×',
  bar: 15,
  direction,
});

test('regression: of several runs the median counts, not the best', () => {
  expect(medianOfRuns([[result(9)], [result(16)], [result(11)]])).toEqual([{ ...result(11), runCount: 3 }]);
  expect(medianOfRuns([[result(9)]])).toEqual([result(9)]);
});

test('regression: an excuse holds down to its floor only, and one without a floor not at all', () => {
  const excuse = { file: 'x.md', floor: 9 };
  expect([9, 8.9].map((value) => isExcused(result(value), excuse))).toEqual([true, false]);
  expect([9, 9.1].map((value) => isExcused(result(value, 'at most'), excuse))).toEqual([true, false]);
  expect(isExcused(result(14.9), { file: 'x.md', floor: undefined })).toBe(false);
  expect(isExcused(result(14.9), undefined)).toBe(false);
});

test('the floor stands in the item that names the bench, not in its neighbour', () => {
  const text =
    'Two:\n\n- `scan`: 10 × (floor: 9 ×), because\n  it is so.\n- `http`: 3 ×, because.\n\nElsewhere (floor: 1 ×).\n';
  const excuses = excusesIn([{ file: 'd.md', text }], ['scan', 'http', 'other']);
  expect([...excuses]).toEqual([
    ['scan', { file: 'd.md', floor: 9 }],
    ['http', { file: 'd.md', floor: undefined }],
  ]);
});

test('every bench that a decision names has its floor', () => {
  const folder = new URL('../../docs/decisions/', import.meta.url);
  const pages = readdirSync(folder).map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') }));
  const names = [
    'scan protobuf against protobufjs',
    'HTTP end to end against protobufjs',
    'scan JSON against JSON.parse',
    'in process, a span with 20 features',
    'monitoring, unsampled span',
    'monitoring against a span by hand',
    'onnxruntime: metrics only',
    'onnxruntime: unsampled span',
    'onnxruntime: recorded span without values',
    'onnxruntime: recorded with 20 features',
    'onnxruntime: recorded with 20 features and scores, against by hand',
  ];
  const excuses = [...excusesIn(pages, names).values()];
  expect(excuses.filter(({ floor }) => floor === undefined)).toEqual([]);
});
