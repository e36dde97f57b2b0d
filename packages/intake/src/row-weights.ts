/** The weight of an item's rows: 1 / capture probability × the adjusted count of the trace's sampling, two independent stages. */
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { Books } from './books.ts';
import type { Texts } from './texts.ts';
import { adjustedCount } from './trace-state.ts';

/** One row in a million is sampled rarely enough: a larger weight is a mistake, and would outweigh all other rows. */
export const WEIGHT_MAX = 1e6;

export class RowWeights {
  readonly #texts: Texts;
  readonly #books: Books;
  /** Adjusted count by the tracestate's text id. */
  readonly #adjusted = new Map<number, number>();
  #generation = -1;

  constructor(texts: Texts, books: Books) {
    this.#texts = texts;
    this.#books = books;
  }

  /** @param probability index of the attribute, −1 for none. May exceed WEIGHT_MAX: the caller refuses it then. */
  weightOf(view: AttributeView, item: number, probability: number, count: number): number {
    const captured = capturedOf(view, probability);
    const adjusted = this.#adjustedCount(view, item);
    if (!(captured > 0 && adjusted > 0)) this.#noteUnweighted(captured, adjusted, count);
    return (captured > 0 ? captured : 1) * (adjusted > 0 ? adjusted : 1);
  }

  #noteUnweighted(captured: number, adjusted: number, count: number): void {
    const { unweighted } = this.#books;
    if (Number.isNaN(captured)) unweighted.invalid_probability += count;
    else if (Number.isNaN(adjusted)) unweighted.invalid_threshold += count;
    else if (captured === 0 && adjusted === 0) unweighted.not_stated += count;
  }

  #adjustedCount(view: AttributeView, item: number): number {
    const length = view.itemTraceStateLength[item];
    if (length === 0) return 0;
    if (this.#texts.generation !== this.#generation) {
      this.#generation = this.#texts.generation;
      this.#adjusted.clear();
    }
    const id = this.#texts.idOf(view.bytes, view.itemTraceStateOffset[item], length);
    if (id < 0) return 0;
    const known = this.#adjusted.get(id);
    if (known !== undefined) return known;
    const count = adjustedCount(this.#texts.textAt(id));
    this.#adjusted.set(id, count);
    return count;
  }
}

/** 1 / probability; 0 when none is stated, NaN when what is stated is no probability. */
function capturedOf(view: AttributeView, probability: number): number {
  if (probability < 0) return 0;
  if (view.attributeType[probability] !== VALUE.number) return Number.NaN;
  const value = view.attributeNumber[probability];
  return value > 0 && value <= 1 ? 1 / value : Number.NaN;
}
