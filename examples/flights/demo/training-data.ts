/**
 * The training weeks as the model sees them, with its own scores, as CSV: what `leeway profile` makes the reference of.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { scoredFlights } from '../data/scored-flights.ts';
import { truthOf } from '../data/truth.ts';

/** Writes `date,hour,day_of_week,distance,origin,destination,label,late,arrived` and returns the number of rows. */
export async function writeTrainingData(path: string, fromMs: number, toMs: number): Promise<number> {
  const out = createWriteStream(path);
  out.write('date,hour,day_of_week,distance,origin,destination,label,late,arrived\n');
  let rowCount = 0;
  for await (const { flights, predictions, dateMs, delay } of scoredFlights(fromMs, toMs)) {
    const lines = flights.map((row, i) => {
      const date = new Date(dateMs[i]).toISOString();
      const { label, late } = predictions[i];
      return `${date},${row.hour},${row.day_of_week},${row.distance},${row.origin},${row.destination},${label},${late},${truthOf(delay[i]) ?? ''}\n`;
    });
    rowCount += flights.length;
    if (!out.write(lines.join(''))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return rowCount;
}
