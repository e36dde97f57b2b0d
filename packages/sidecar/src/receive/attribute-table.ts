/**
 * One decoded request as flat typed arrays: what intake declares as AttributeView. The scanners fill it.
 *
 * Invariants
 * 1. While a scan is under way the arrays may be replaced by longer ones (`grow…`), so a scanner keeps no array across
 *    a call that may grow it. Afterwards they stand until the next `start`.
 * 2. `itemStart` and `resourceStart` have one entry more than there are items and resources. Attributes of items come
 *    first, those of resources behind them all: a resource may be sent after its items, and ranges must be contiguous.
 * 3. Text is a range of `bytes`, never decoded here.
 * 4. No array outgrows its limit; arrays that a huge request grew are let go after some requests that did not need them.
 */
import type { KeyDictionary } from './key-dictionary.ts';
import type { DecodeLimits } from './limits.ts';
import { tooLarge } from './scan-fault.ts';

/** Entries that a table starts with and keeps: 4,096 spans of 64 attributes allocate nothing. 6 MB. */
const KEPT = { resource: 256, item: 2 ** 12, attribute: 2 ** 18, element: 2 ** 16 } as const;
/** Requests in a row that must do without before grown arrays are let go. */
const CALM_REQUEST_COUNT = 64;
/** A trace id and a span id. */
export const ID_WORDS = 6;

export class AttributeTable {
  readonly keys: KeyDictionary;
  bytes: Uint8Array = new Uint8Array(0);
  /** Over the same bytes. */
  view: DataView = new DataView(new ArrayBuffer(0));

  resourceCount = 0;
  resourceStart = new Int32Array(0);

  itemCount = 0;
  itemStart = new Int32Array(0);
  itemKind = new Uint8Array(0);
  itemResource = new Int32Array(0);
  itemTimeMs = new Float64Array(0);
  itemIds = new Uint32Array(0);
  itemEvent = new Int32Array(0);
  itemTraceStateOffset = new Int32Array(0);
  itemTraceStateLength = new Int32Array(0);
  itemDroppedCount = new Uint32Array(0);
  itemObservationCount = new Int32Array(0);

  attributeCount = 0;
  attributeKey = new Int32Array(0);
  attributeType = new Uint8Array(0);
  attributeNumber = new Float64Array(0);
  attributeLength = new Int32Array(0);

  elementCount = 0;
  elementType = new Uint8Array(0);
  elementNumber = new Float64Array(0);
  elementLength = new Int32Array(0);

  /** Observations of this request: the sum of `itemObservationCount`. */
  observationCount = 0;

  readonly #limits: DecodeLimits;
  readonly #kept: Readonly<Record<keyof typeof KEPT, number>>;
  #calmRequestCount = 0;

  constructor(keys: KeyDictionary, limits: DecodeLimits) {
    this.keys = keys;
    this.#limits = limits;
    this.#kept = {
      resource: Math.min(KEPT.resource, limits.resourceCountMax),
      item: Math.min(KEPT.item, limits.itemCountMax),
      attribute: Math.min(KEPT.attribute, limits.attributeCountMax),
      element: Math.min(KEPT.element, limits.elementCountMax),
    };
    this.#sizeAll();
  }

  /** Empties the table for a request with this body. */
  start(bytes: Uint8Array): void {
    this.#letGo();
    this.keys.startRequest();
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.resourceCount = 0;
    this.itemCount = 0;
    this.attributeCount = 0;
    this.elementCount = 0;
    this.observationCount = 0;
  }

  /** Opens an item: everything absent, no attributes. */
  addItem(kind: number, resource: number): number {
    const item = this.itemCount;
    if (item === this.itemKind.length) this.#growItems();
    this.itemCount = item + 1;
    this.itemStart[item] = this.attributeCount;
    this.itemKind[item] = kind;
    this.itemResource[item] = resource;
    this.itemTimeMs[item] = 0;
    // A loop: for six words a call of fill costs more than the words.
    const { itemIds } = this;
    for (let word = item * ID_WORDS, end = word + ID_WORDS; word < end; word++) itemIds[word] = 0;
    this.itemEvent[item] = -1;
    this.itemTraceStateLength[item] = 0;
    this.itemTraceStateOffset[item] = 0;
    this.itemDroppedCount[item] = 0;
    return item;
  }

  /** Closes the last item. */
  endItem(item: number, observationCount: number): void {
    this.itemStart[item + 1] = this.attributeCount;
    this.itemObservationCount[item] = observationCount;
    this.observationCount += observationCount;
  }

  /** For a scanner that remembers its resources before it adds them. */
  checkResourceCount(count: number): void {
    const { resourceCountMax } = this.#limits;
    if (count > resourceCountMax) tooLarge(`more than ${resourceCountMax} resources in one request`);
  }

  /** Opens the attributes of the next resource; items are all there by now. */
  addResource(): void {
    const resource = this.resourceCount;
    if (resource + 1 === this.resourceStart.length) this.#growResources();
    this.resourceStart[resource] = this.attributeCount;
    this.resourceCount = resource + 1;
  }

  endResource(): void {
    this.resourceStart[this.resourceCount] = this.attributeCount;
  }

  /** Doubles the attribute arrays. The scanners call it when `attributeCount` has reached their length. */
  growAttributes(): void {
    this.#sizeAttributes(nextCount(this.attributeKey.length, this.#limits.attributeCountMax, 'attributes'));
  }

  growElements(): void {
    this.#sizeElements(nextCount(this.elementType.length, this.#limits.elementCountMax, 'array elements'));
  }

  #growResources(): void {
    this.#sizeResources(nextCount(this.resourceStart.length - 1, this.#limits.resourceCountMax, 'resources'));
  }

  #growItems(): void {
    this.#sizeItems(nextCount(this.itemKind.length, this.#limits.itemCountMax, 'spans or log records'));
  }

  /** Between two requests: gives back what only a huge request, some time ago, needed. */
  #letGo(): void {
    const kept = this.#kept;
    const isGrown =
      this.resourceStart.length > kept.resource + 1 ||
      this.itemKind.length > kept.item ||
      this.attributeKey.length > kept.attribute ||
      this.elementType.length > kept.element;
    const wasCalm =
      this.resourceCount <= kept.resource &&
      this.itemCount <= kept.item &&
      this.attributeCount <= kept.attribute &&
      this.elementCount <= kept.element;
    this.#calmRequestCount = isGrown && wasCalm ? this.#calmRequestCount + 1 : 0;
    if (this.#calmRequestCount >= CALM_REQUEST_COUNT) this.#sizeAll();
  }

  #sizeAll(): void {
    this.#sizeResources(this.#kept.resource);
    this.#sizeItems(this.#kept.item);
    this.#sizeAttributes(this.#kept.attribute);
    this.#sizeElements(this.#kept.element);
  }

  #sizeResources(count: number): void {
    this.resourceStart = moved(this.resourceStart, new Int32Array(count + 1));
  }

  #sizeItems(count: number): void {
    this.itemStart = moved(this.itemStart, new Int32Array(count + 1));
    this.itemKind = moved(this.itemKind, new Uint8Array(count));
    this.itemResource = moved(this.itemResource, new Int32Array(count));
    this.itemTimeMs = moved(this.itemTimeMs, new Float64Array(count));
    this.itemIds = moved(this.itemIds, new Uint32Array(count * ID_WORDS));
    this.itemEvent = moved(this.itemEvent, new Int32Array(count));
    this.itemTraceStateOffset = moved(this.itemTraceStateOffset, new Int32Array(count));
    this.itemTraceStateLength = moved(this.itemTraceStateLength, new Int32Array(count));
    this.itemDroppedCount = moved(this.itemDroppedCount, new Uint32Array(count));
    this.itemObservationCount = moved(this.itemObservationCount, new Int32Array(count));
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

function nextCount(count: number, countMax: number, what: string): number {
  if (count >= countMax) tooLarge(`more than ${countMax} ${what} in one request`);
  return Math.min(2 * count, countMax);
}

/** `into` with the entries of `from` that fit. */
function moved<T extends Int32Array | Uint8Array | Float64Array | Uint32Array>(from: T, into: T): T {
  into.set(from.length > into.length ? from.subarray(0, into.length) : from);
  return into;
}
