/** Time columns: ISO 8601, Unix seconds, milliseconds, microseconds or nanoseconds, timestamps of Parquet. */
import { type Cell, numberOf } from './cell.ts';

/** Milliseconds in one unit of the column's numbers. */
export const TIME_UNITS = { seconds: 1000, milliseconds: 1, microseconds: 1e-3, nanoseconds: 1e-6 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

/** Times of predictions lie between these: Unix milliseconds. */
export const TIME_MIN_MS = 0;
export const TIME_MAX_MS = Date.UTC(2101, 0, 1);

/** By the magnitude of the largest number of a sample: what would otherwise lie after 2100. */
export function detectTimeUnit(value: number): TimeUnit {
  const magnitude = Math.abs(value);
  const maximum = TIME_MAX_MS;
  if (magnitude < maximum / TIME_UNITS.seconds) return 'seconds';
  if (magnitude < maximum) return 'milliseconds';
  return magnitude < maximum / TIME_UNITS.microseconds ? 'microseconds' : 'nanoseconds';
}

/** Unix milliseconds, or NaN for what is no time from 1970 to 2100. A date without a zone is read as UTC: profiles must not depend on who makes them. */
export function timeOf(cell: Cell, unit: TimeUnit | undefined): number {
  const ms = anyTimeOf(cell, unit);
  return ms >= TIME_MIN_MS && ms < TIME_MAX_MS ? ms : Number.NaN;
}

function anyTimeOf(cell: Cell, unit: TimeUnit | undefined): number {
  if (cell instanceof Date) return cell.getTime();
  const number = numberOf(cell);
  if (!Number.isNaN(number)) return unit === undefined ? Number.NaN : number * TIME_UNITS[unit];
  if (typeof cell !== 'string') return Number.NaN;
  const parts = ISO_8601.exec(cell.trim());
  if (parts === null) return Number.NaN;
  const [, date, time, zone] = parts;
  // The 30th of February would be read as the 2nd of March.
  const day = Date.parse(date);
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(date)) return Number.NaN;
  if (time === undefined) return day;
  return Date.parse(
    `${date}T${time}${zone === undefined ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2').toUpperCase()}`,
  );
}

/** Other notations are ambiguous (01/02/2001) and would be read as the engine's authors please. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/i;
