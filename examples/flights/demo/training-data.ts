/**
 * The training weeks as the model sees them, with its own scores, as CSV: what `leeway profile` makes the reference of.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { dayOfWeekOf, hourOf, readFlights } from '../data/flights.ts';
import { type Flight, loadModel } from '../service/model.ts';

const BATCH_ROWS = 20_000;

/** Writes `date,hour,day_of_week,distance,origin,destination,label,late` and returns the number of rows. */
export async function writeTrainingData(path: string, fromMs: number, toMs: number): Promise<number> {
  const predict = await loadModel();
  const out = createWriteStream(path);
  out.write('date,hour,day_of_week,distance,origin,destination,label,late\n');
  let rowCount = 0;
  for await (const flights of readFlights(fromMs, toMs)) {
    for (let start = 0; start < flights.rowCount; start += BATCH_ROWS) {
      const end = Math.min(flights.rowCount, start + BATCH_ROWS);
      const rows: Flight[] = [];
      for (let i = start; i < end; i++) {
        rows.push({
          hour: hourOf(flights.dateMs[i]),
          day_of_week: dayOfWeekOf(flights.dateMs[i]),
          distance: flights.distance[i],
          origin: flights.origin[i],
          destination: flights.destination[i],
        });
      }
      const predictions = await predict(rows);
      const lines = rows.map((row, i) => {
        const date = new Date(flights.dateMs[start + i]).toISOString();
        const { label, late } = predictions[i];
        return `${date},${row.hour},${row.day_of_week},${row.distance},${row.origin},${row.destination},${label},${late}\n`;
      });
      rowCount += rows.length;
      if (!out.write(lines.join(''))) await once(out, 'drain');
    }
  }
  out.end();
  await once(out, 'finish');
  return rowCount;
}
