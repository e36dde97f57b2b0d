import { expect, test } from 'vitest';
import { calendarReason } from './calendar.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const shape = (name: string, distinctCount: number, whole = true) => ({ name, distinctCount, whole });

test('calendar features are recognised by name and number of values', () => {
  for (const name of ['day_of_week', 'dayOfWeek', 'DOW', 'weekday', 'flight.day_of_week']) {
    expect(calendarReason(shape(name, 7), DAY), name).toMatch(/day of week/);
  }
  for (const name of ['hour', 'hour_of_day', 'hr', 'Hour'])
    expect(calendarReason(shape(name, 24), HOUR), name).toMatch(/hour/);
  expect(calendarReason(shape('month', 12), DAY)).toBe(
    'calendar: a window of 1 d sees only a part of the cycle of month',
  );
});

test('a name alone is not enough', () => {
  expect(calendarReason(shape('month', 300), DAY)).toBeUndefined();
  expect(calendarReason(shape('hour', 24, false), HOUR)).toBeUndefined();
  for (const name of ['hours_worked', 'rush_hour_factor', 'monthly_income', 'weekday_sales', 'distance']) {
    expect(calendarReason(shape(name, 5), HOUR), name).toBeUndefined();
  }
});

test('a window that covers the cycle may monitor it', () => {
  expect(calendarReason(shape('hour', 24), DAY)).toBeUndefined();
  expect(calendarReason(shape('hour', 24), DAY - 1)).toBeDefined();
  expect(calendarReason(shape('day_of_week', 7), 7 * DAY)).toBeUndefined();
});
