/** Time columns: ISO 8601, Unix seconds, milliseconds, microseconds or nanoseconds, timestamps of Parquet. */
import { type Cell, numberOf } from './cell.ts';

/** Milliseconds in one unit of the column's numbers. */
export const TIME_UNITS = { seconds: 1000, milliseconds: 1, microseconds: 1e-3, nanoseconds: 1e-6 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

/** By magnitude: what would otherwise lie before 1990 or after 2100. */
export function detectTimeUnit(value: number): TimeUnit {
  const magnitude = Math.abs(value);
  if (magnitude < 1e11) return 'seconds';
  if (magnitude < 1e14) return 'milliseconds';
  return magnitude < 1e17 ? 'microseconds' : 'nanoseconds';
}

/** Unix milliseconds, or NaN. A date without a zone is read as UTC: profiles must not depend on who makes them. */
export function timeOf(cell: Cell, unit: TimeUnit | undefined): number {
  if (cell instanceof Date) return cell.getTime();
  const number = numberOf(cell);
  if (!Number.isNaN(number)) return unit === undefined ? Number.NaN : number * TIME_UNITS[unit];
  if (typeof cell !== 'string') return Number.NaN;
  const parts = ISO_8601.exec(cell.trim());
  if (parts === null) return Number.NaN;
  const [, date, time, zone] = parts;
  if (time === undefined) return Date.parse(date);
  return Date.parse(
    `${date}T${time}${zone === undefined ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2').toUpperCase()}`,
  );
}

/** Other notations are ambiguous (01/02/2001) and would be read as the engine's authors please. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?)?$/i;
