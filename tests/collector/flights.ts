/** Rows of the flights data (vega-datasets; US Department of Transportation, January to June 2001), in time order. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

export interface Flight {
  readonly timeMs: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const FILE = join(dirname(fileURLToPath(import.meta.resolve('vega-datasets'))), '..', 'data', 'flights-3m.parquet');
/** Rows read at a time. */
const SLICE_ROWS = 20_000;

/** Every `step`-th of the rows [fromRow, toRow). */
export async function flights(fromRow: number, toRow: number, step: number): Promise<Flight[]> {
  const file = await asyncBufferFromFile(FILE);
  const rows: Flight[] = [];
  for (let rowStart = fromRow; rowStart < toRow; rowStart += SLICE_ROWS) {
    const rowEnd = Math.min(rowStart + SLICE_ROWS, toRow);
    const slice = await parquetReadObjects({ file, compressors, rowStart, rowEnd });
    for (let i = (step - ((rowStart - fromRow) % step)) % step; i < slice.length; i += step) {
      const { date, distance, origin, destination } = slice[i];
      rows.push({ timeMs: date.getTime(), distance: Number(distance), origin, destination });
    }
  }
  return rows;
}
