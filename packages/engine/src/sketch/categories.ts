/**
 * Which cell of a categorical column a text or a number falls into.
 *
 * Cells: the reference's most frequent categories in their order, then `other` (the rest of the reference's
 * categories), then unseen (not in the reference). An open reference has more categories than hashes, so it cannot
 * tell the last two apart: they are one cell, `other`.
 *
 * Invariants
 * 1. The cell of a text depends on the text and the reference only; caches change the speed and nothing else.
 * 2. `cellOfText[id]` is 0 (unknown) or the cell + 1 of the text that `dictionary` gave `id` under `generation`.
 * 3. Caches are bounded by TEXT_CACHE_ID_COUNT_MAX and NUMBER_CACHE_SIZE; beyond them cells are looked up anew. Numbers
 *    are cached one a slot and push each other out: a Map's hash of a number is known, so numbers can be sent that all
 *    share one bucket, and every look-up would walk through it.
 */
import type { TextDictionary } from '../observe/column-batch.ts';
import type { CategoricalReference } from '../reference/profile.ts';
import { decodeBase64 } from './base64.ts';
import { hashText } from './text-hash.ts';

/** Categories that are cells of their own; the exported cardinality. */
export const TOP_CATEGORY_COUNT_MAX = 20;
const TEXT_CACHE_ID_COUNT_MAX = 1 << 20;
/** A power of 2. */
const NUMBER_CACHE_SIZE = 4096;
/** Beyond this length a text is no category: it is not hashed, it is unseen. */
const CATEGORY_TEXT_LENGTH_MAX = 65_536;

const hash = new Uint32Array(2);
const numberBits = new Float64Array(1);
const words = new Int32Array(numberBits.buffer);
const NUMBER_SLOT_SHIFT = 32 - Math.log2(NUMBER_CACHE_SIZE);

export class CategoryCells {
  readonly topCount: number;
  readonly otherCell: number;
  /** Equal to `otherCell` when the reference is open. */
  readonly unseenCell: number;
  readonly cellCount: number;
  readonly #cellOfName = new Map<string, number>();
  /** Numbers that the reference's own categories spell: at most two spellings a category. */
  readonly #cellOfNumber = new Map<number, number>();
  readonly #cachedNumbers = new Float64Array(NUMBER_CACHE_SIZE).fill(Number.NaN);
  readonly #cachedCells = new Uint8Array(NUMBER_CACHE_SIZE);
  readonly #restHigh: Uint32Array;
  readonly #restLow: Uint32Array;
  #dictionary: TextDictionary | undefined;
  #generation = -1;
  #cellOfText = new Uint8Array(1024);

  constructor(reference: CategoricalReference) {
    this.topCount = Math.min(TOP_CATEGORY_COUNT_MAX, reference.categories.length);
    this.otherCell = this.topCount;
    this.unseenCell = reference.open ? this.otherCell : this.otherCell + 1;
    this.cellCount = this.unseenCell + 1;
    reference.categories.forEach(({ name }, i) => {
      this.#cellOfName.set(name, i < this.topCount ? i : this.otherCell);
    });
    this.#learnNumbers();
    const words = hashWords(reference.restHashes);
    this.#restLow = words.filter((_, i) => i % 2 === 0);
    this.#restHigh = words.filter((_, i) => i % 2 === 1);
  }

  /** Cells by text id, 0 where not yet known; at least as long as ids can be looked up in it. */
  textCache(texts: TextDictionary): Uint8Array {
    if (texts !== this.#dictionary || texts.generation !== this.#generation) {
      this.#dictionary = texts;
      this.#generation = texts.generation;
      this.#cellOfText.fill(0);
    }
    const wanted = Math.min(texts.size, TEXT_CACHE_ID_COUNT_MAX);
    if (this.#cellOfText.length < wanted) {
      const grown = new Uint8Array(Math.min(TEXT_CACHE_ID_COUNT_MAX, wanted * 2));
      grown.set(this.#cellOfText);
      this.#cellOfText = grown;
    }
    return this.#cellOfText;
  }

  cellOfTextId(texts: TextDictionary, id: number): number {
    const cell = this.cellOf(texts.textAt(id));
    const cache = this.textCache(texts);
    if (id < cache.length) cache[id] = cell + 1;
    return cell;
  }

  /** A number stands for its shortest decimal text; `value` is finite. */
  cellOfNumber(value: number): number {
    numberBits[0] = value;
    const slot = Math.imul(words[0] ^ Math.imul(words[1], 0x85ebca6b), 0x9e3779b1) >>> NUMBER_SLOT_SHIFT;
    if (this.#cachedNumbers[slot] === value) return this.#cachedCells[slot];
    const cell = this.#cellOfNumber.get(value) ?? this.cellOf(String(value));
    this.#cachedNumbers[slot] = value;
    this.#cachedCells[slot] = cell;
    return cell;
  }

  cellOf(text: string): number {
    const named = this.#cellOfName.get(text);
    if (named !== undefined) return named;
    if (this.#restLow.length === 0 || text.length > CATEGORY_TEXT_LENGTH_MAX) return this.unseenCell;
    hashText(text, hash);
    return this.#hasRest(hash[0], hash[1]) ? this.otherCell : this.unseenCell;
  }

  /** `1` finds the category `1`, else `1.0` or `true`: a reference made from text and traffic in numbers agree. */
  #learnNumbers(): void {
    const spellings = [...this.#cellOfName.keys()].filter((name) => name.length <= 32 && name.trim() === name && name);
    for (const name of spellings) {
      const value = Number(name);
      if (Number.isFinite(value) && String(value) === name) this.#cellOfNumber.set(value, this.cellOf(name));
    }
    for (const name of spellings) {
      const value = /^true$/i.test(name) ? 1 : /^false$/i.test(name) ? 0 : Number(name);
      if (Number.isFinite(value) && !this.#cellOfNumber.has(value)) this.#cellOfNumber.set(value, this.cellOf(name));
    }
  }

  #hasRest(high: number, low: number): boolean {
    let from = 0;
    let to = this.#restHigh.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.#restHigh[middle] - high || this.#restLow[middle] - low;
      if (order === 0) return true;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return false;
  }
}

/** Little-endian 64-bit values as 32-bit words, low first. */
function hashWords(base64: string | undefined): Uint32Array {
  const bytes = decodeBase64(base64 ?? '') ?? new Uint8Array(0);
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: (bytes.length >> 3) * 2 }, (_, i) => view.getUint32(i * 4, true));
}
