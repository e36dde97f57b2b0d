/**
 * A histogram whose values wait in a small buffer of each set of attributes. An SDK's `record` hashes the attributes each
 * time, more than a microsecond, and two to three where it comes between native runs and its code is cold; in a burst of
 * its own it costs the least it can, and not on the way of a request.
 *
 * Invariants
 * 1. Every value is recorded: when its buffer is full, or when metrics are collected, whichever comes first. What a
 *    process does not collect before it dies is lost, as all metrics are.
 * 2. Series beyond the limit have no buffer and are recorded at once.
 */
import type { Attributes, Histogram } from '@opentelemetry/api';

const BUFFER_LENGTH = 64;
const CELLS_MAX = 1_900;

export interface HistogramCell {
  record(value: number): void;
}

export class BufferedHistogram {
  readonly #histogram: Histogram;
  readonly #cells = new Map<string, BufferedCell>();

  constructor(histogram: Histogram) {
    this.#histogram = histogram;
  }

  cell(attributes: Attributes): HistogramCell {
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const isBuffered = this.#cells.size < CELLS_MAX;
    const made = new BufferedCell(this.#histogram, { ...attributes }, isBuffered ? BUFFER_LENGTH : 1);
    if (isBuffered) this.#cells.set(key, made);
    return made;
  }

  /** At once: for what happens seldom. */
  record(value: number, attributes: Attributes): void {
    this.#histogram.record(value, attributes);
  }

  /** Before a collection. */
  flush(): void {
    for (const cell of this.#cells.values()) cell.flush();
  }
}

class BufferedCell implements HistogramCell {
  readonly #histogram: Histogram;
  readonly #attributes: Attributes;
  readonly #values: Float64Array;
  #count = 0;

  constructor(histogram: Histogram, attributes: Attributes, length: number) {
    this.#histogram = histogram;
    this.#attributes = attributes;
    this.#values = new Float64Array(length);
  }

  record(value: number): void {
    this.#values[this.#count++] = value;
    if (this.#count === this.#values.length) this.flush();
  }

  flush(): void {
    for (let i = 0; i < this.#count; i++) this.#histogram.record(this.#values[i], this.#attributes);
    this.#count = 0;
  }
}
