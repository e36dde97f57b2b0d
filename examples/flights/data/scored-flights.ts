/** Flights as the model sees them, each with what it predicts. */
import { type Flight, loadModel, type Prediction } from '../service/model.ts';
import { dayOfWeekOf, type Flights, hourOf, readFlights } from './flights.ts';

const BATCH_ROWS = 20_000;

export interface ScoredFlights {
  readonly flights: readonly Flight[];
  readonly predictions: readonly Prediction[];
  readonly dateMs: readonly number[];
  /** Minutes. */
  readonly delay: readonly number[];
}

/** Flights with `fromMs <= date < toMs`, every `step`-th of them, in batches. */
export async function* scoredFlights(fromMs: number, toMs: number, step = 1): AsyncGenerator<ScoredFlights> {
  const predict = await loadModel();
  for await (const all of readFlights(fromMs, toMs)) {
    const indexes = Array.from({ length: Math.ceil(all.rowCount / step) }, (_, i) => i * step);
    for (let start = 0; start < indexes.length; start += BATCH_ROWS) {
      const batch = indexes.slice(start, start + BATCH_ROWS);
      const flights = batch.map((index) => flightAt(all, index));
      yield {
        flights,
        predictions: await predict(flights),
        dateMs: batch.map((index) => all.dateMs[index]),
        delay: batch.map((index) => all.delay[index]),
      };
    }
  }
}

function flightAt({ dateMs, distance, origin, destination }: Flights, index: number): Flight {
  return {
    hour: hourOf(dateMs[index]),
    day_of_week: dayOfWeekOf(dateMs[index]),
    distance: distance[index],
    origin: origin[index],
    destination: destination[index],
  };
}
