/**
 * Three million real flights: US Department of Transportation on-time performance, January to June 2001, in the order
 * of their scheduled departure (`flights-3m.parquet` of the npm package vega-datasets). Only the row groups that are
 * asked for are read: about 0.2 s each.
 */
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

export const DAY_MS = 86_400_000;

export interface Flights {
  readonly rowCount: number;
  /** Scheduled departure in local time, written as if it were UTC. Unix milliseconds, ascending. */
  readonly dateMs: Float64Array;
  /** Minutes that the arrival was late; some values wrapped around in the source, such as −1116. */
  readonly delay: Int32Array;
  /** Miles. */
  readonly distance: Int32Array;
  readonly origin: readonly string[];
  readonly destination: readonly string[];
}

/** Hour of the day, 0 to 23. */
export function hourOf(dateMs: number): number {
  return Math.floor((dateMs % DAY_MS) / 3_600_000);
}

/** Monday is 1, Sunday 7. 1970-01-01 was a Thursday. */
export function dayOfWeekOf(dateMs: number): number {
  return ((Math.floor(dateMs / DAY_MS) + 3) % 7) + 1;
}

export function flightsPath(): string {
  // The package exports its entry only; the data stand beside it.
  return fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')));
}

/** Flights with `fromMs <= date < toMs`, row group by row group. */
export async function* readFlights(fromMs: number, toMs: number): AsyncGenerator<Flights> {
  const file = await asyncBufferFromFile(flightsPath());
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const statistics = group.columns[0].meta_data?.statistics;
    const first = Number(statistics?.min_value ?? Number.NEGATIVE_INFINITY);
    const last = Number(statistics?.max_value ?? Number.POSITIVE_INFINITY);
    if (last >= fromMs && first < toMs) {
      const columns = new Map<string, ArrayLike<unknown>>();
      await parquetRead({
        file,
        metadata,
        compressors,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData }) => columns.set(columnName, columnData),
      });
      yield between(columns, fromMs, toMs);
    }
    rowStart = rowEnd;
  }
}

function between(columns: ReadonlyMap<string, ArrayLike<unknown>>, fromMs: number, toMs: number): Flights {
  const column = (name: string): ArrayLike<unknown> => columns.get(name) ?? [];
  const dates = Float64Array.from(column('date') as ArrayLike<Date>, Number);
  let start = 0;
  let end = dates.length;
  while (start < end && dates[start] < fromMs) start++;
  while (end > start && dates[end - 1] >= toMs) end--;
  const numbers = (name: string) => Int32Array.from({ length: end - start }, (_, i) => Number(column(name)[start + i]));
  const texts = (name: string) => Array.prototype.slice.call(column(name), start, end) as string[];
  return {
    rowCount: end - start,
    dateMs: dates.slice(start, end),
    delay: numbers('delay'),
    distance: numbers('distance'),
    origin: texts('origin'),
    destination: texts('destination'),
  };
}
