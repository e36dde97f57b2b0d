/**
 * Replays real days as requests to the service, sped up: one day takes `daySeconds`, and within it each flight is sent
 * at its own time of day. Every n-th flight is sent, so that a day has about `rowsPerDay` rows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, dayOfWeekOf, type Flights, hourOf, readFlights } from '../data/flights.ts';
import { truthOf } from '../data/truth.ts';
import type { Flight } from '../service/model.ts';

export interface ReplayOptions {
  readonly url: string;
  /** Start of the first day that is replayed, Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly daySeconds: number;
  readonly rowsPerDay: number;
  readonly signal: AbortSignal;
  /** Applied to each flight just before it is sent. */
  readonly upstream: (flight: Flight) => Flight;
  /** Told of each request that was answered: what was sent, and what will have been true of it. */
  readonly onScored: (flights: readonly (Flight & { readonly truth: string | undefined })[]) => void;
}

interface ReplayedFlight {
  readonly dateMs: number;
  readonly flight: Flight;
  readonly truth: string | undefined;
}

/** How often requests are sent. */
const TICK_MS = 100;

export class Replay {
  readonly #options: ReplayOptions;
  #day: string;
  /** Read before the first is sent: decoding between two requests would hold back the days. */
  readonly #flights: ReplayedFlight[] = [];
  #sentCount = 0;
  #failedCount = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#day = dayName(options.fromMs);
  }

  /** The day whose flights are being sent. */
  get day(): string {
    return this.#day;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  /** Flights in requests that were not answered. */
  get failedCount(): number {
    return this.#failedCount;
  }

  /** Reads the days that will be replayed. To be called before `run`. */
  async load(): Promise<void> {
    const { fromMs, toMs } = this.#options;
    for await (const one of this.#sampled(readFlights(fromMs, toMs))) this.#flights.push(one);
  }

  /** Resolves when the last day was sent or the signal aborted. */
  async run(): Promise<void> {
    const { fromMs, daySeconds, signal } = this.#options;
    const perMs = DAY_MS / (daySeconds * 1000);
    const started = performance.now();
    const flights = this.#flights;
    let next = 0;
    while (next < flights.length && !signal.aborted) {
      const untilMs = fromMs + (performance.now() - started) * perMs;
      const batch: Flight[] = [];
      const truths: (string | undefined)[] = [];
      for (; next < flights.length && flights[next].dateMs < untilMs; next++) {
        batch.push(this.#options.upstream(flights[next].flight));
        truths.push(flights[next].truth);
        this.#day = dayName(flights[next].dateMs);
      }
      if (batch.length > 0) void this.#send(batch, truths);
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async *#sampled(chunks: AsyncIterable<Flights>): AsyncGenerator<ReplayedFlight> {
    // About 16,500 flights a day.
    const every = Math.max(1, Math.floor(16_500 / this.#options.rowsPerDay));
    for await (const flights of chunks) {
      for (let i = 0; i < flights.rowCount; i += every) {
        const dateMs = flights.dateMs[i];
        const flight = {
          hour: hourOf(dateMs),
          day_of_week: dayOfWeekOf(dateMs),
          distance: flights.distance[i],
          origin: flights.origin[i],
          destination: flights.destination[i],
        };
        yield { dateMs, flight, truth: truthOf(flights.delay[i]) };
      }
    }
  }

  async #send(flights: readonly Flight[], truths: readonly (string | undefined)[]): Promise<void> {
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(flights),
        signal: this.#options.signal,
      });
      await response.arrayBuffer();
      if (response.ok) {
        this.#sentCount += flights.length;
        this.#options.onScored(flights.map((flight, i) => ({ ...flight, truth: truths[i] })));
      } else this.#failedCount += flights.length;
    } catch {
      if (!this.#options.signal.aborted) this.#failedCount += flights.length;
    }
  }
}

export function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
