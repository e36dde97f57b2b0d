/**
 * A counter that keeps its own sums and hands them over when metrics are collected. A pre-bound cell costs a few
 * nanoseconds an addition, where an SDK's `add` hashes its attributes: more than a microsecond.
 *
 * Invariants
 * 1. One cell a set of attributes; cells beyond the limit share one that says `otel.metric.overflow`, as an SDK does.
 * 2. A cell lives as long as its tally, and a tally as long as the MeterProvider it was made for.
 */
import type { Attributes, ObservableResult } from '@opentelemetry/api';

export interface TallyCell {
  readonly attributes: Attributes;
  value: number;
}

/** Below the SDK's own limit of series an instrument, 2,000. */
const CELLS_MAX = 1_900;

export class Tally {
  readonly #cells = new Map<string, TallyCell>();

  /** The sum of these attributes, to be added to in place. */
  cell(attributes: Attributes): TallyCell {
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    if (this.#cells.size >= CELLS_MAX) return this.#cellOf('overflow', { 'otel.metric.overflow': true });
    return this.#cellOf(key, attributes);
  }

  add(value: number, attributes: Attributes): void {
    this.cell(attributes).value += value;
  }

  /** For `addCallback` of an observable instrument. */
  readonly observe = (result: ObservableResult): void => {
    for (const { attributes, value } of this.#cells.values()) result.observe(value, attributes);
  };

  #cellOf(key: string, attributes: Attributes): TallyCell {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const made = { attributes: { ...attributes }, value: 0 };
    this.#cells.set(key, made);
    return made;
  }
}
