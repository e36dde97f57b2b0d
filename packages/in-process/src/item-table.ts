/**
 * Spans and log records of the SDK as the attribute view that intake reads, without a detour over OTLP bytes: values are
 * copied into flat arrays at once, and nothing of the host's objects is kept but the resource.
 *
 * Invariants
 * 1. An item stands for what the sidecar's scanner would make of it, sent as OTLP; attributes that intake does not read
 *    are left out.
 * 2. The table is full at ITEMS_MAX items, and earlier when a batch is large; an item of more than ELEMENTS_MAX array
 *    elements is refused. What a large item made grow is let go with `clear`.
 * 3. Attributes of resources stand behind those of all items, from `seal` on.
 */
import { type AttributeView, ITEM, type KeyMapping, VALUE } from '@leeway/intake';
import { idWords } from './id-words.ts';
import { KeyIds } from './key-ids.ts';
import type { EmittedLogRecord, FinishedSpan, SdkResource, SdkTime } from './telemetry.ts';
import { TEXT_BYTES_KEPT, TextBytes } from './text-bytes.ts';

/** Little: taking a full table holds the event loop for a fraction of a millisecond. */
export const ITEMS_MAX = 64;
/** Of one item: 32,768 rows of 128 features. */
export const ELEMENTS_MAX = 2 ** 22;
const RESOURCES_MAX = 64;
const ATTRIBUTES_KEPT = 2 ** 14;
const ELEMENTS_KEPT = 2 ** 16;
const ID_WORDS = 6;
const NANOS_PER_MS = 1e6;

export class ItemTable implements AttributeView {
  readonly keys: KeyIds;
  resourceCount = 0;
  resourceStart = new Int32Array(RESOURCES_MAX + 1);

  itemCount = 0;
  readonly itemStart = new Int32Array(ITEMS_MAX + 1);
  readonly itemKind = new Uint8Array(ITEMS_MAX);
  readonly itemResource = new Int32Array(ITEMS_MAX);
  readonly itemTimeMs = new Float64Array(ITEMS_MAX);
  readonly itemIds = new Uint32Array(ITEMS_MAX * ID_WORDS);
  readonly itemEvent = new Int32Array(ITEMS_MAX);
  readonly itemTraceStateOffset = new Int32Array(ITEMS_MAX);
  readonly itemTraceStateLength = new Int32Array(ITEMS_MAX);
  readonly itemDroppedCount = new Uint32Array(ITEMS_MAX);
  readonly itemObservationCount = new Int32Array(ITEMS_MAX);

  attributeKey = new Int32Array(ATTRIBUTES_KEPT);
  attributeType = new Uint8Array(ATTRIBUTES_KEPT);
  attributeNumber = new Float64Array(ATTRIBUTES_KEPT);
  attributeLength = new Int32Array(ATTRIBUTES_KEPT);

  elementType = new Uint8Array(ELEMENTS_KEPT);
  elementNumber = new Float64Array(ELEMENTS_KEPT);
  elementLength = new Int32Array(ELEMENTS_KEPT);

  readonly #texts = new TextBytes();
  readonly #resources: SdkResource[] = [];
  #attributeCount = 0;
  #elementCount = 0;
  /** Of the items before the one that is being added. */
  #before = { resourceCount: 0, elementCount: 0 };

  constructor(mapping?: KeyMapping) {
    this.keys = new KeyIds(mapping);
  }

  get bytes(): Uint8Array {
    return this.#texts.bytes;
  }

  get view(): DataView {
    return this.#texts.view;
  }

  /** The host's resources of this batch. */
  get resources(): readonly SdkResource[] {
    return this.#resources;
  }

  /** To be taken before another item comes. */
  get isFull(): boolean {
    return (
      this.itemCount >= ITEMS_MAX ||
      this.#resources.length >= RESOURCES_MAX ||
      this.#attributeCount > ATTRIBUTES_KEPT / 2 ||
      this.#elementCount > ELEMENTS_KEPT / 2 ||
      this.#texts.used > TEXT_BYTES_KEPT / 2
    );
  }

  /** False when the span is too large; the table is as before then. */
  addSpan(span: FinishedSpan): boolean {
    const context = span.spanContext();
    const item = this.#open(ITEM.span, span.resource);
    this.itemTimeMs[item] = milliseconds(span.endTime);
    this.itemEvent[item] = -1;
    this.itemDroppedCount[item] = span.droppedAttributesCount;
    idWords(context, this.itemIds, item * ID_WORDS);
    const { traceState } = context;
    if (traceState !== undefined && traceState !== null) {
      this.#texts.put(traceState.serialize());
      this.itemTraceStateOffset[item] = this.#texts.offset;
      this.itemTraceStateLength[item] = this.#texts.length;
    }
    return this.#close(item, span.attributes);
  }

  /** False when the record is too large; the table is as before then. */
  addLogRecord(record: EmittedLogRecord): boolean {
    const { eventName, spanContext } = record;
    const item = this.#open(ITEM.logRecord, record.resource);
    const timeMs = milliseconds(record.hrTime);
    this.itemTimeMs[item] = timeMs === 0 ? milliseconds(record.hrTimeObserved) : timeMs;
    this.itemEvent[item] = eventName === undefined || eventName === '' ? -1 : this.keys.find(eventName);
    this.itemDroppedCount[item] = record.droppedAttributesCount;
    if (spanContext === undefined) this.itemIds.fill(0, item * ID_WORDS, (item + 1) * ID_WORDS);
    else idWords(spanContext, this.itemIds, item * ID_WORDS);
    return this.#close(item, record.attributes);
  }

  /** Adds the attributes of the resources: from now on the table is a view. */
  seal(): this {
    this.resourceCount = this.#resources.length;
    this.#resources.forEach((resource, index) => {
      this.resourceStart[index] = this.#attributeCount;
      this.#addAttributes(resource.attributes);
    });
    this.resourceStart[this.resourceCount] = this.#attributeCount;
    return this;
  }

  clear(): void {
    this.itemCount = 0;
    this.itemStart[0] = 0;
    this.resourceCount = 0;
    this.#resources.length = 0;
    this.#attributeCount = 0;
    this.#elementCount = 0;
    this.#texts.clear();
    this.keys.startBatch();
    if (this.attributeKey.length > ATTRIBUTES_KEPT) this.#sizeAttributes(ATTRIBUTES_KEPT);
    if (this.elementType.length > ELEMENTS_KEPT) this.#sizeElements(ELEMENTS_KEPT);
  }

  /** Forgets an item whose adding threw. */
  rollBack(): void {
    this.#attributeCount = this.itemStart[this.itemCount];
    this.#elementCount = this.#before.elementCount;
    this.#resources.length = this.#before.resourceCount;
  }

  #open(kind: number, resource: SdkResource): number {
    const item = this.itemCount;
    this.#before.elementCount = this.#elementCount;
    this.#before.resourceCount = this.#resources.length;
    this.itemStart[item] = this.#attributeCount;
    this.itemKind[item] = kind;
    this.itemResource[item] = this.#resourceIndex(resource);
    this.itemTraceStateLength[item] = 0;
    return item;
  }

  #close(item: number, attributes: object): boolean {
    const observationCount = this.#addAttributes(attributes);
    if (observationCount < 0) {
      this.rollBack();
      return false;
    }
    this.itemObservationCount[item] = observationCount;
    this.itemCount = item + 1;
    this.itemStart[item + 1] = this.#attributeCount;
    return true;
  }

  #resourceIndex(resource: SdkResource): number {
    const known = this.#resources.indexOf(resource);
    if (known < 0 && typeof resource?.attributes !== 'object') throw new TypeError('an item without a resource');
    return known >= 0 ? known : this.#resources.push(resource) - 1;
  }

  /** Returns how many observations they are; −1 when they are too large. */
  #addAttributes(attributes: object): number {
    const { keys } = this;
    const values = attributes as Readonly<Record<string, unknown>>;
    const firstElement = this.#elementCount;
    let observationCount = 0;
    let previous = -1;
    for (const name of Object.keys(values)) {
      const key = keys.next(previous, name);
      previous = key;
      if (key < 0 || !keys.isUsed(key)) continue;
      const value = values[name];
      const isArray = Array.isArray(value);
      if (isArray && this.#elementCount - firstElement + value.length > ELEMENTS_MAX) return -1;
      const index = this.#attributeCount;
      if (index === this.attributeKey.length) this.#sizeAttributes(2 * index);
      this.attributeKey[index] = key;
      if (isArray) this.#setArray(index, value);
      else this.#setScalar(index, value);
      this.#attributeCount = index + 1;
      if (!keys.isObservation(key)) continue;
      const count = isArray ? value.length : 1;
      if (count > observationCount) observationCount = count;
    }
    return observationCount;
  }

  #setScalar(index: number, value: unknown): void {
    const type = typeOf(value);
    this.attributeType[index] = type;
    this.attributeNumber[index] = this.#numberOf(type, value);
    this.attributeLength[index] = type === VALUE.text ? this.#texts.length : 0;
  }

  #setArray(index: number, values: readonly unknown[]): void {
    const first = this.#elementCount;
    const end = first + values.length;
    if (end > this.elementType.length) this.#sizeElements(2 * end);
    this.attributeType[index] = VALUE.array;
    this.attributeNumber[index] = first;
    this.attributeLength[index] = values.length;
    for (let e = first; e < end; e++) {
      const value = values[e - first];
      const type = typeOf(value);
      this.elementType[e] = type;
      this.elementNumber[e] = this.#numberOf(type, value);
      this.elementLength[e] = type === VALUE.text ? this.#texts.length : 0;
    }
    this.#elementCount = end;
  }

  /** What `attributeNumber` says of a value of the type; a text is put among the bytes. */
  #numberOf(type: number, value: unknown): number {
    if (type === VALUE.number) return value as number;
    if (type === VALUE.boolean) return value === true ? 1 : 0;
    if (type !== VALUE.text) return 0;
    this.#texts.put(value as string);
    return this.#texts.offset;
  }

  #sizeAttributes(count: number): void {
    this.attributeKey = moved(this.attributeKey, new Int32Array(count));
    this.attributeType = moved(this.attributeType, new Uint8Array(count));
    this.attributeNumber = moved(this.attributeNumber, new Float64Array(count));
    this.attributeLength = moved(this.attributeLength, new Int32Array(count));
  }

  #sizeElements(count: number): void {
    this.elementType = moved(this.elementType, new Uint8Array(count));
    this.elementNumber = moved(this.elementNumber, new Float64Array(count));
    this.elementLength = moved(this.elementLength, new Int32Array(count));
  }
}

/** As OTLP has it: an array within an array, bytes and objects are no values; null and undefined are none at all. */
function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return VALUE.number;
    case 'string':
      return VALUE.text;
    case 'boolean':
      return VALUE.boolean;
    case 'object':
      return value === null ? VALUE.empty : VALUE.other;
    default:
      return VALUE.empty;
  }
}

/** Rounded once, as a reader of OTLP's nanoseconds does it: seconds · 10⁹ is exact for 140 years to come. */
function milliseconds([seconds, nanos]: SdkTime): number {
  return (seconds * 1e9 + nanos) / NANOS_PER_MS;
}

/** `into` with the entries of `from` that fit. */
function moved<T extends Int32Array | Uint8Array | Float64Array>(from: T, into: T): T {
  into.set(from.length > into.length ? from.subarray(0, into.length) : from);
  return into;
}
