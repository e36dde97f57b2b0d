/**
 * The truth of flights, which is known when they have arrived: half a day to two days after they were scored, in the
 * time of the replay. Sent as any client would, as OTLP log records with the event name `ml.ground_truth`.
 */
import type { Warehouse } from './warehouse.ts';

export interface ScoredFlight {
  readonly origin: string | null;
  readonly destination: string | null;
  readonly truth: string | undefined;
}

interface Batch {
  readonly dueSeconds: number;
  readonly flights: readonly ScoredFlight[];
}

const DELAY_DAYS_MIN = 0.5;
const DELAY_DAYS_MAX = 2;
/** Records of one request. */
const RECORDS_MAX = 2_000;

export class LateLabels {
  readonly #warehouse: Warehouse;
  readonly #url: string;
  readonly #model: string;
  readonly #daySeconds: number;
  /** Ascending by when they are due, nearly. */
  #batches: Batch[] = [];
  #batchCount = 0;
  sentCount = 0;

  /** @param otlpUrl base URL of the sidecar's receiver */
  constructor(warehouse: Warehouse, otlpUrl: string, model: string, daySeconds: number) {
    this.#warehouse = warehouse;
    this.#url = `${otlpUrl}/v1/logs`;
    this.#model = model;
    this.#daySeconds = daySeconds;
  }

  /** Flights of one request, as they were sent. */
  add(flights: readonly ScoredFlight[], nowSeconds: number): void {
    // As good as chance, and the same every time: the golden ratio spreads the delays evenly.
    const share = (this.#batchCount++ * 0.618_033_988_75) % 1;
    const days = DELAY_DAYS_MIN + share * (DELAY_DAYS_MAX - DELAY_DAYS_MIN);
    this.#batches.push({ dueSeconds: nowSeconds + days * this.#daySeconds, flights });
  }

  /** Sends what is due; what was not taken is sent again with the next. */
  async send(nowSeconds: number): Promise<void> {
    const due = this.#batches.filter(({ dueSeconds }) => dueSeconds <= nowSeconds);
    this.#batches = this.#batches.filter(({ dueSeconds }) => dueSeconds > nowSeconds);
    const records = due.flatMap(({ flights }) => this.#recordsOf(flights));
    for (let i = 0; i < records.length; i += RECORDS_MAX) await this.#post(records.slice(i, i + RECORDS_MAX));
  }

  #recordsOf(flights: readonly ScoredFlight[]): object[] {
    const id = this.#warehouse.take(
      flights.map(({ origin }) => origin),
      flights.map(({ destination }) => destination),
    );
    if (id === undefined) return [];
    return flights.flatMap(({ truth }, row) => (truth === undefined ? [] : [this.#recordOf(id, row, truth)]));
  }

  #recordOf(id: string, row: number, truth: string): object {
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    return {
      timeUnixNano: `${Date.now()}000000`,
      eventName: 'ml.ground_truth',
      attributes: [
        text('ml.model.name', this.#model),
        text('ml.inference.id', id),
        { key: 'ml.inference.row', value: { intValue: String(row) } },
        text('ml.ground_truth.label', truth),
      ],
    };
  }

  async #post(logRecords: readonly object[]): Promise<void> {
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.#url, { method: 'POST', headers, body }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) this.sentCount += logRecords.length;
  }
}
