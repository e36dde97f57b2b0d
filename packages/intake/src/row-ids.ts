/** Which rows of an item are new, by (trace id, span id, row). */

import { type HashSeed, WordHash } from '@leeway/engine';
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { Dedup } from './dedup.ts';

const ID_WORDS = 6;

export class RowIds {
  /** New rows of the last selection. */
  newCount = 0;
  /** One flag a row; undefined when all are new. */
  keep: Uint8Array | undefined;
  #flags = new Uint8Array(1024);
  readonly #hash: WordHash;

  constructor(seed: HashSeed) {
    this.#hash = new WordHash(seed);
  }

  /**
   * @param rowAttribute index of the attribute that says which rows of the batch these are, −1 for none; `isRowNumber`
   * was asked of it
   */
  select(view: AttributeView, item: number, rowAttribute: number, count: number, dedup: Dedup): this {
    this.newCount = count;
    this.keep = undefined;
    if (!hasIds(view.itemIds, item * ID_WORDS)) return this;
    if (count > this.#flags.length) this.#flags = new Uint8Array(2 * count);
    this.newCount = 0;
    const hash = this.#hash;
    hash.begin(view.itemIds, item * ID_WORDS, ID_WORDS);
    for (let row = 0; row < count; row++) {
      hash.finish(rowNumber(view, rowAttribute, row));
      const isNew = !dedup.seen(hash.out[0], hash.out[1]);
      this.#flags[row] = isNew ? 1 : 0;
      if (isNew) this.newCount++;
    }
    if (this.newCount < count) this.keep = this.#flags.subarray(0, count);
    return this;
  }
}

/** Whether the attribute numbers `count` rows: one whole number, the first row's, or an array with one for each. */
export function isRowNumber(view: AttributeView, attribute: number, count: number): boolean {
  const type = view.attributeType[attribute];
  if (type === VALUE.number) return isWhole(view.attributeNumber[attribute]);
  if (type !== VALUE.array || view.attributeLength[attribute] !== count) return false;
  const from = view.attributeNumber[attribute];
  for (let e = from; e < from + count; e++) {
    if (view.elementType[e] !== VALUE.number || !isWhole(view.elementNumber[e])) return false;
  }
  return true;
}

function isWhole(number: number): boolean {
  return number >= 0 && Number.isSafeInteger(number);
}

function hasIds(ids: Uint32Array, at: number): boolean {
  for (let i = at; i < at + ID_WORDS; i++) if (ids[i] !== 0) return true;
  return false;
}

/** Number of an item's row within its inference: what the attribute says, else its place. */
export function rowNumber(view: AttributeView, attribute: number, row: number): number {
  if (attribute < 0) return row;
  if (view.attributeType[attribute] === VALUE.number) return view.attributeNumber[attribute] + row;
  return view.elementNumber[view.attributeNumber[attribute] + row];
}
