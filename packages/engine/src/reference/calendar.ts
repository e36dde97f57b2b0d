/**
 * Calendar features, recognised by name and range: a window that is shorter than their cycle sees only a part of it,
 * so that they drift in every window and say nothing (day of week has a PSI of about 9 on each daily window).
 */

import type { CalendarFeature } from './profile.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Names with everything but letters removed, how many values there can be, and the length of the cycle. */
const CALENDAR = [
  { what: 'minute', names: /^minute(ofhour)?$/, valueCountMax: 60, cycleMs: HOUR_MS },
  { what: 'hour', names: /^(hour|hr|hourofday|deptimehour|timehour)$/, valueCountMax: 25, cycleMs: DAY_MS },
  {
    what: 'day of week',
    names: /^(dayofweek|weekday|dow|wday|dayname|isweekend)$/,
    valueCountMax: 7,
    cycleMs: 7 * DAY_MS,
  },
  { what: 'day of month', names: /^(dayofmonth|monthday|dom|mday)$/, valueCountMax: 31, cycleMs: 31 * DAY_MS },
  { what: 'day of year', names: /^(dayofyear|yearday|doy|yday)$/, valueCountMax: 366, cycleMs: 366 * DAY_MS },
  { what: 'week of year', names: /^(week|weekofyear|isoweek)$/, valueCountMax: 54, cycleMs: 366 * DAY_MS },
  { what: 'month', names: /^(month|monthofyear|monthname)$/, valueCountMax: 12, cycleMs: 366 * DAY_MS },
  { what: 'quarter', names: /^(quarter|quarterofyear)$/, valueCountMax: 4, cycleMs: 366 * DAY_MS },
] as const;

export interface ColumnShape {
  readonly name: string;
  /** Numeric columns: whole numbers only, and their range. Categorical: how many there are. */
  readonly whole: boolean;
  readonly distinctCount: number;
}

/** What the column counts, and how long until it begins anew; undefined when it is no calendar feature. */
export function calendarFeature({ name, whole, distinctCount }: ColumnShape): CalendarFeature | undefined {
  // The last part of a qualified name, and the whole name: `flight.hour`, `day_of_week`.
  const spellings = [name, name.split(/[./:]/).at(-1) ?? name].map((text) => text.toLowerCase().replace(/[^a-z]/g, ''));
  const entry = CALENDAR.find(({ names }) => spellings.some((spelling) => names.test(spelling)));
  if (entry === undefined || !whole || distinctCount > entry.valueCountMax) return undefined;
  return { what: entry.what, cycleMs: entry.cycleMs };
}

/** Why it should not be monitored in windows of this length; undefined when it may be. */
export function calendarReason({ what, cycleMs }: CalendarFeature, windowMs: number): string | undefined {
  if (windowMs >= cycleMs) return undefined;
  return `calendar: a window of ${spanText(windowMs)} sees only a part of the cycle of ${what}`;
}

/** For people: 1 d, 6 h, 5 min, 20 s. */
export function spanText(ms: number): string {
  if (ms >= DAY_MS) return `${Number((ms / DAY_MS).toPrecision(3))} d`;
  if (ms >= HOUR_MS) return `${Number((ms / HOUR_MS).toPrecision(3))} h`;
  if (ms >= 60_000) return `${Number((ms / 60_000).toPrecision(3))} min`;
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
