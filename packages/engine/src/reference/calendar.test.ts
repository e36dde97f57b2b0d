import { expect, test } from 'vitest';
import { type ColumnShape, calendarFeature, calendarReason } from './calendar.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const shape = (name: string, distinctCount: number, whole = true) => ({ name, distinctCount, whole });
const reasonOf = (column: ColumnShape, windowMs: number): string | undefined => {
  const calendar = calendarFeature(column);
  return calendar === undefined ? undefined : calendarReason(calendar, windowMs);
};

test('calendar features are recognised by name and number of values', () => {
  for (const name of ['day_of_week', 'dayOfWeek', 'DOW', 'weekday', 'flight.day_of_week']) {
    expect(reasonOf(shape(name, 7), DAY), name).toMatch(/day of week/);
  }
  for (const name of ['hour', 'hour_of_day', 'hr', 'Hour'])
    expect(reasonOf(shape(name, 24), HOUR), name).toMatch(/hour/);
  expect(reasonOf(shape('month', 12), DAY)).toBe('calendar: a window of 1 d sees only a part of the cycle of month');
});

test('a name alone is not enough', () => {
  expect(reasonOf(shape('month', 300), DAY)).toBeUndefined();
  expect(reasonOf(shape('hour', 24, false), HOUR)).toBeUndefined();
  for (const name of ['hours_worked', 'rush_hour_factor', 'monthly_income', 'weekday_sales', 'distance']) {
    expect(reasonOf(shape(name, 5), HOUR), name).toBeUndefined();
  }
});

test('a window that covers the cycle may monitor it', () => {
  expect(reasonOf(shape('hour', 24), DAY)).toBeUndefined();
  expect(reasonOf(shape('hour', 24), DAY - 1)).toBeDefined();
  expect(reasonOf(shape('day_of_week', 7), 7 * DAY)).toBeUndefined();
});
