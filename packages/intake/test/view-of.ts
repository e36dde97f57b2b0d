/** Attribute views from plain objects, for tests: what a scanner would make of such a request. */
import { type AttributeView, ITEM, isObservationKey, VALUE } from '@leeway/intake';

export type Scalar = string | number | boolean | null | { readonly other: true };
export type Attributes = Readonly<Record<string, Scalar | readonly Scalar[]>>;

export interface ItemInput {
  readonly kind?: 'span' | 'log';
  readonly timeMs?: number;
  /** Trace id and span id as six words. */
  readonly ids?: readonly number[];
  readonly event?: string;
  readonly traceState?: string;
  readonly droppedCount?: number;
  readonly attributes: Attributes;
}

export interface RequestInput {
  readonly resource?: Attributes;
  readonly items: readonly ItemInput[];
}

const encoder = new TextEncoder();

export class ViewMaker {
  readonly #keys = new Map<string, number>();
  readonly #names: string[] = [];

  /** Key ids live as long as the maker, like those of a scanner. */
  view({ resource = {}, items }: RequestInput): AttributeView {
    const text: number[] = [];
    const attributes: { key: number; type: number; number: number; length: number }[] = [];
    const elements: { type: number; number: number; length: number }[] = [];
    const put = (value: string) => {
      const bytes = encoder.encode(value);
      const number = text.length;
      for (const byte of bytes) text.push(byte);
      return { number, length: bytes.length };
    };
    const scalar = (value: Scalar) => {
      if (value === null) return { type: VALUE.empty, number: 0, length: 0 };
      if (typeof value === 'string') return { type: VALUE.text, ...put(value) };
      if (typeof value === 'boolean') return { type: VALUE.boolean, number: value ? 1 : 0, length: 0 };
      if (typeof value === 'number') return { type: VALUE.number, number: value, length: 0 };
      return { type: VALUE.other, number: 0, length: 0 };
    };
    const add = (given: Attributes) => {
      for (const key of Object.keys(given)) {
        const value = given[key];
        if (Array.isArray(value)) {
          const number = elements.length;
          for (const element of value) elements.push(scalar(element));
          attributes.push({ key: this.#keyOf(key), type: VALUE.array, number, length: value.length });
        } else attributes.push({ key: this.#keyOf(key), ...scalar(value as Scalar) });
      }
    };
    const itemStart = [0];
    for (const item of items) {
      add(item.attributes);
      itemStart.push(attributes.length);
    }
    const resourceStart = [attributes.length];
    add(resource);
    resourceStart.push(attributes.length);
    const traceStates = items.map((item) => put(item.traceState ?? ''));
    const names = this.#names;
    const bytes = Uint8Array.from(text);
    return {
      keys: { generation: 1, size: names.length, textAt: (id) => names[id] },
      resourceCount: 1,
      resourceStart: Int32Array.from(resourceStart),
      itemCount: items.length,
      itemStart: Int32Array.from(itemStart),
      itemKind: Uint8Array.from(items, (item) => (item.kind === 'log' ? ITEM.logRecord : ITEM.span)),
      itemResource: new Int32Array(items.length),
      itemTimeMs: Float64Array.from(items, (item) => item.timeMs ?? 1_000),
      itemIds: Uint32Array.from(items.flatMap((item) => item.ids ?? [0, 0, 0, 0, 0, 0])),
      itemEvent: Int32Array.from(items, (item) => (item.event === undefined ? -1 : this.#keyOf(item.event))),
      itemTraceStateOffset: Int32Array.from(traceStates, ({ number }) => number),
      itemTraceStateLength: Int32Array.from(traceStates, ({ length }) => length),
      itemDroppedCount: Uint32Array.from(items, (item) => item.droppedCount ?? 0),
      itemObservationCount: Int32Array.from(items, (item) => observationCount(item.attributes)),
      attributeKey: Int32Array.from(attributes, ({ key }) => key),
      attributeType: Uint8Array.from(attributes, ({ type }) => type),
      attributeNumber: Float64Array.from(attributes, ({ number }) => number),
      attributeLength: Int32Array.from(attributes, ({ length }) => length),
      elementType: Uint8Array.from(elements, ({ type }) => type),
      elementNumber: Float64Array.from(elements, ({ number }) => number),
      elementLength: Int32Array.from(elements, ({ length }) => length),
      bytes,
      view: new DataView(bytes.buffer),
    };
  }

  #keyOf(key: string): number {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    this.#keys.set(key, this.#names.length);
    return this.#names.push(key) - 1;
  }
}

function observationCount(attributes: Attributes): number {
  const lengths = Object.keys(attributes)
    .filter((key) => isObservationKey(key))
    .map((key) => (Array.isArray(attributes[key]) ? attributes[key].length : 1));
  return Math.max(0, ...lengths);
}
