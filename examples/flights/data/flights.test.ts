import { expect, test } from 'vitest';
import { dayOfWeekOf, hourOf, readFlights } from './flights.ts';

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

test('the calendar: hours of the day, Monday is 1', () => {
  expect(hourOf(Date.parse('2001-01-01T23:59:00Z'))).toBe(23);
  expect(dayOfWeekOf(day('2001-01-01'))).toBe(1); // a Monday
  expect(dayOfWeekOf(day('2001-01-07'))).toBe(7);
});

test('a day is read whole, in order, and nothing else', async () => {
  let rowCount = 0;
  let previous = 0;
  for await (const flights of readFlights(day('2001-03-06'), day('2001-03-07'))) {
    rowCount += flights.rowCount;
    for (const dateMs of flights.dateMs) {
      expect(dateMs).toBeGreaterThanOrEqual(Math.max(previous, day('2001-03-06')));
      previous = dateMs;
    }
    expect(flights.origin).toHaveLength(flights.rowCount);
  }
  expect(previous).toBeLessThan(day('2001-03-07'));
  expect(rowCount).toBeGreaterThan(15_000);
});

test('what the data holds at its end: 2001-07-01 has 6 rows', async () => {
  let rowCount = 0;
  for await (const flights of readFlights(day('2001-07-01'), day('2001-07-02'))) rowCount += flights.rowCount;
  expect(rowCount).toBe(6);
});
