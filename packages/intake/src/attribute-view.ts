/**
 * What intake reads of one decoded request: spans and log records with their attributes, as flat arrays.
 *
 * Invariants
 * 1. Attributes of resource r are `[resourceStart[r], resourceStart[r + 1])` and those of item i are
 *    `[itemStart[i], itemStart[i + 1])` of the attribute arrays; elements of an array value are
 *    `[valueNumber, valueNumber + valueLength)` of the element arrays.
 * 2. Text is never decoded here: it is the range `[number, number + length)` of `bytes`, valid UTF-8 or not.
 * 3. Everything is reused by the next request: nothing may be kept but copies.
 */

/** Type of an attribute or element; says what `number` and `length` mean. */
export const VALUE = {
  /** No value: null. */
  empty: 0,
  /** Range of `bytes`: `number` is the offset, `length` the byte length. */
  text: 1,
  /** 0 or 1. */
  boolean: 2,
  /** A double or a 64-bit integer (beyond 2^53 rounded). */
  number: 3,
  /** Range of the element arrays; attributes only. An array within an array is `other`. */
  array: 4,
  /** Key–value list, bytes, or nesting: not usable as a value. */
  other: 5,
} as const;

export const ITEM = { span: 1, logRecord: 2 } as const;

/** Attribute keys by small ids, bounded. Ids stay valid while `generation` stands. */
export interface KeyDictionary {
  readonly generation: number;
  readonly size: number;
  textAt(id: number): string;
}

export interface AttributeView {
  readonly bytes: Uint8Array;
  /** Over the same bytes. */
  readonly view: DataView;
  readonly keys: KeyDictionary;

  readonly resourceCount: number;
  readonly resourceStart: Int32Array;

  readonly itemCount: number;
  readonly itemStart: Int32Array;
  /** One of ITEM. */
  readonly itemKind: Uint8Array;
  /** Index of the item's resource. */
  readonly itemResource: Int32Array;
  /** End of the span, or time of the log record (else its observed time), Unix milliseconds; 0 when absent. */
  readonly itemTimeMs: Float64Array;
  /** Six words an item: trace id (4) and span id (2), big-endian; all zero when absent. */
  readonly itemIds: Uint32Array;
  /** Key-dictionary id of the log record's event name, −1 when absent. */
  readonly itemEvent: Int32Array;
  /** Range of `bytes` of the W3C tracestate; length 0 when absent. */
  readonly itemTraceStateOffset: Int32Array;
  readonly itemTraceStateLength: Int32Array;
  /** Attributes that the sender's SDK dropped. */
  readonly itemDroppedCount: Uint32Array;
  /** Observations in the item as the scanner counted them: see `isObservationKey`. */
  readonly itemObservationCount: Int32Array;

  /** Key-dictionary id; −1 for a key that the dictionary had no room for. */
  readonly attributeKey: Int32Array;
  readonly attributeType: Uint8Array;
  readonly attributeNumber: Float64Array;
  readonly attributeLength: Int32Array;

  readonly elementType: Uint8Array;
  readonly elementNumber: Float64Array;
  readonly elementLength: Int32Array;
}
