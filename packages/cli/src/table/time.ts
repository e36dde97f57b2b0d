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
export function timeOf(cell: Cell, unit: TimeUnit): number {
  if (cell instanceof Date) return cell.getTime();
  if (typeof cell === 'string' && !/^\s*-?\d+(\.\d+)?\s*$/.test(cell)) {
    const text = cell.trim().replace(' ', 'T');
    return Date.parse(/(Z|[+-]\d\d:?\d\d)$|^\d{4}(-\d\d){0,2}$/.test(text) ? text : `${text}Z`);
  }
  return numberOf(cell) * TIME_UNITS[unit];
}
