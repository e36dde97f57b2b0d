import { expect, test } from 'vitest';
import { detectTimeUnit, timeOf } from './time.ts';

// 2001-02-03T04:05:06Z is Unix second 981173106 (date -u -d @981173106).
const MS = 981_173_106_000;

test.each([
  ['2001-02-03T04:05:06Z', MS],
  ['2001-02-03 04:05:06', MS],
  ['2001-02-03T04:05:06.789', MS + 789],
  ['2001-02-03T05:05:06+01:00', MS],
  ['2001-02-03 05:05:06 +0100', MS],
  ['2001-02-03T04:05', MS - 6000],
  ['2001-02-03', Date.UTC(2001, 1, 3)],
])('%s is read as UTC unless it says another zone', (text, expected) => {
  expect(timeOf(text, undefined)).toBe(expected);
});

test.each([
  '02/03/2001',
  '2001-13-01',
  '2001-02-30',
  '2024-02-30 10:00',
  '1969-12-31',
  '2101-01-01',
  '2001-02-03T25:00:00',
  'yesterday',
  '',
])('%j is no time', (text) => {
  expect(timeOf(text, 'seconds')).toBeNaN();
});

test.each([
  ['seconds', 981_173_106],
  ['milliseconds', 981_173_106_000],
  ['microseconds', 981_173_106_000_000],
  ['nanoseconds', 981_173_106_000_000_000],
] as const)('numbers of that size are %s', (unit, value) => {
  expect(detectTimeUnit(value)).toBe(unit);
  expect(timeOf(value, unit)).toBe(MS);
  expect(timeOf(String(value), unit)).toBe(MS);
  expect(timeOf(BigInt(value), unit)).toBe(MS);
});

test('dates of Parquet are times already', () => {
  expect(timeOf(new Date(MS), undefined)).toBe(MS);
});
