/**
 * What a scanner cannot say of an item while it reads it, said between scan and intake: how many observations packed
 * values are, and what the body of a BentoML record means.
 *
 * Requests without either cost a look at the keys that are new.
 */
import { EVENT_ML_PREDICTION } from '@leeway/semconv';
import { type AttributeView, type KeyDictionary, VALUE } from './attribute-view.ts';
import { BentoRecords } from './bento-records.ts';
import type { KeyMapping } from './mapping.ts';
import { ROLE, roleOf } from './roles.ts';

/** The part of a wire view that a revision changes: its arrays, and the sum of its observations. */
export interface RevisableView extends AttributeView {
  readonly keys: KeyDictionary & { idOf(text: string): number };
  observationCount: number;
}

const KIND = { none: 0, values: 1, row: 2, batchSize: 3 } as const;

export class ItemRevision {
  readonly #mapping: KeyMapping | undefined;
  readonly #bento = new BentoRecords();
  #generation = -1;
  #known = 0;
  #kinds = new Uint8Array(256);
  #hasValues = false;

  /** @param mapping that of the intake behind it */
  constructor(mapping?: KeyMapping) {
    this.#mapping = mapping;
  }

  revise(view: RevisableView): void {
    this.#update(view.keys);
    if (!this.#hasValues && !this.#bento.hasKeys) return;
    for (let item = 0; item < view.itemCount; item++) {
      if (this.#bento.hasKeys) this.#bento.revise(view, item);
      if (this.#hasValues) this.#countRows(view, item);
    }
  }

  #update(keys: RevisableView['keys']): void {
    if (keys.generation !== this.#generation) {
      this.#generation = keys.generation;
      this.#known = 0;
      this.#hasValues = false;
      this.#bento.startGeneration();
    }
    // The keys that a record's fields stand for are added while it is revised: they are known by the next request.
    if (keys.size > this.#kinds.length) {
      const grown = new Uint8Array(2 * keys.size);
      grown.set(this.#kinds);
      this.#kinds = grown;
    }
    for (; this.#known < keys.size; this.#known++) {
      const text = keys.textAt(this.#known);
      const kind = kindOf(text, this.#mapping);
      this.#kinds[this.#known] = kind;
      if (kind === KIND.values) this.#hasValues = true;
      this.#bento.noteKey(this.#known, text);
    }
  }

  /**
   * Packed values are as many rows as their row numbers are; else as the batch is large; else as many as the other
   * values are; else one. Never more rows than values, whatever a sender says.
   */
  #countRows(view: RevisableView, item: number): void {
    let values = -1;
    let row = -1;
    let batchSize = -1;
    for (let a = view.itemStart[item]; a < view.itemStart[item + 1]; a++) {
      const key = view.attributeKey[a];
      if (key < 0 || key >= this.#known) continue;
      const kind = this.#kinds[key];
      if (kind === KIND.none) continue;
      if (kind === KIND.values) values = a;
      else if (kind === KIND.row) row = a;
      else batchSize = a;
    }
    if (values < 0) return;
    const before = view.itemObservationCount[item];
    const valueCount = view.attributeType[values] === VALUE.array ? view.attributeLength[values] : 1;
    let count = Math.max(1, before);
    if (row >= 0) count = Math.max(before, view.attributeType[row] === VALUE.array ? view.attributeLength[row] : 1);
    else if (batchSize >= 0 && view.attributeType[batchSize] === VALUE.number) {
      const size = view.attributeNumber[batchSize];
      if (Number.isSafeInteger(size) && size > count) count = Math.max(count, Math.min(size, valueCount));
    }
    if (count < 1) count = 1;
    view.itemObservationCount[item] = count;
    view.observationCount += count - before;
  }
}

function kindOf(text: string, mapping: KeyMapping | undefined): number {
  const { role } = roleOf(text, mapping);
  if (role === ROLE.packedValues) return KIND.values;
  if (role === ROLE.row) return KIND.row;
  return role === ROLE.batchSize ? KIND.batchSize : KIND.none;
}

/** Name of the event that records of a body scope are. */
export const BODY_EVENT = EVENT_ML_PREDICTION;
