/** Which rows of an item are new, by (trace id, span id, row). */
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { Dedup } from './dedup.ts';

const ID_WORDS = 6;

export class RowIds {
  /** New rows of the last selection. */
  newCount = 0;
  /** One flag a row; undefined when all are new. */
  keep: Uint8Array | undefined;
  #flags = new Uint8Array(1024);
  #high = 0;
  #low = 0;

  /** @param rowAttribute index of the attribute that says which rows of the batch these are, −1 for none */
  select(view: AttributeView, item: number, rowAttribute: number, count: number, dedup: Dedup): this {
    this.newCount = count;
    this.keep = undefined;
    if (!this.#hashIds(view.itemIds, item * ID_WORDS)) return this;
    if (count > this.#flags.length) this.#flags = new Uint8Array(2 * count);
    this.newCount = 0;
    const high = this.#high;
    const low = this.#low;
    for (let row = 0; row < count; row++) {
      const number = rowNumber(view, rowAttribute, row);
      const isNew = !dedup.seen(mix(high ^ number), mix(low + Math.imul(number, 0x9e3779b1)));
      this.#flags[row] = isNew ? 1 : 0;
      if (isNew) this.newCount++;
    }
    if (this.newCount < count) this.keep = this.#flags.subarray(0, count);
    return this;
  }

  /** False when the item has no ids. */
  #hashIds(ids: Uint32Array, at: number): boolean {
    let high = 0x243f6a88;
    let low = 0x85a308d3;
    let any = 0;
    for (let i = at; i < at + ID_WORDS; i++) {
      any |= ids[i];
      high = mix(high ^ ids[i]);
      low = mix(Math.imul(low, 31) + ids[i]);
    }
    this.#high = high;
    this.#low = low;
    return any !== 0;
  }
}

function rowNumber(view: AttributeView, attribute: number, row: number): number {
  if (attribute < 0) return row;
  const type = view.attributeType[attribute];
  if (type === VALUE.number) return view.attributeNumber[attribute] + row;
  if (type !== VALUE.array || row >= view.attributeLength[attribute]) return row;
  return view.elementNumber[view.attributeNumber[attribute] + row];
}

/** The finaliser of MurmurHash3. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
