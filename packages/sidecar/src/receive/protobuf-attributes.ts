/**
 * KeyValue and AnyValue into the attribute table: nearly all of a scan's time.
 *
 * Field numbers: opentelemetry-proto 1.11, common.proto.
 */
import type { AttributeTable } from './attribute-table.ts';
import { VALUE_DEPTH_MAX } from './limits.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { undecodable } from './scan-fault.ts';
import { VALUE } from './view-codes.ts';

/** Tags: field number × 8 + wire type. */
const KEY_VALUE = { key: (1 << 3) | 2, value: (2 << 3) | 2 } as const;
const ANY_VALUE = {
  string: (1 << 3) | 2,
  bool: (2 << 3) | 0,
  int: (3 << 3) | 0,
  double: (4 << 3) | 1,
  array: (5 << 3) | 2,
  list: (6 << 3) | 2,
  bytes: (7 << 3) | 2,
} as const;
/** ArrayValue and KeyValueList. */
const LIST = { values: (1 << 3) | 2 } as const;

/** AnyValue { double_value } as an element. */
const DOUBLE_ELEMENT_BYTES = 9;

export class ProtobufAttributes {
  /** Observations in the item so far: the longest array among its observation keys, 1 for a scalar. */
  observationCount = 0;

  readonly #table: AttributeTable;
  readonly #reader: ProtobufReader;
  #previousKey = -1;
  /** The AnyValue that is being read. Its number is in an array because a double in a field would be boxed. */
  #type = 0;
  #length = 0;
  readonly #number = new Float64Array(1);

  constructor(table: AttributeTable, reader: ProtobufReader) {
    this.#table = table;
    this.#reader = reader;
  }

  /** Before the attributes of an item or a resource. */
  startItem(): void {
    this.#previousKey = -1;
    this.observationCount = 0;
  }

  /**
   * Adds the attributes from `at`, where the first one's length begins, for as long as `tag` follows; returns where
   * they end, which may be before the last of them.
   */
  run(tag: number, at: number, end: number): number {
    let retriedAt = -1;
    for (;;) {
      const reached = this.#expected(tag, at, end);
      if (reached >= 0) return reached;
      at = ~reached;
      if (at === retriedAt || !this.#isKnown(at, end)) return this.#keyValue(at, end);
      retriedAt = at;
    }
  }

  /**
   * The same for as long as attributes are what is expected; ~at of the first that is not. Nearly all are: the key is
   * the one that followed last time, written in the one way that its stencil says, less than 128 bytes with its value,
   * and that is a double, an integer, a boolean or a text. Everything is in locals, and the loop calls nothing that
   * V8 would have to fear: with a call for the unexpected in it, it takes an eighth longer.
   */
  #expected(tag: number, at: number, end: number): number {
    const table = this.#table;
    const { keys, attributeKey, attributeType, attributeNumber, attributeLength } = table;
    const { bytes, view } = this.#reader;
    const { isObservation, successor, stencilLength, stencilStart, stencilWords } = keys;
    const room = attributeKey.length;
    let index = table.attributeCount;
    let previous = this.#previousKey;
    let observations = this.observationCount;
    for (;;) {
      const key = successor[previous + 1];
      const stencil = stencilLength[key];
      // Where the value's length stands. All that is looked at lies before `end`: the shortest value is four bytes
      // behind it, and whatever is longer lies within `stop`.
      const valueAt = at + 1 + stencil;
      if (index === room || stencil === 0 || valueAt + 4 > end) break;
      let word = stencilStart[key];
      let offset = at + 1;
      for (const last = valueAt - 8; offset < last; offset += 8) {
        if (view.getFloat64(offset, true) !== stencilWords[word++]) break;
      }
      if (offset < valueAt - 8 || view.getFloat64(valueAt - 8, true) !== stencilWords[word]) break;

      // Length of the value and its tag; lengths of one byte, and each as long as the one around it says.
      const length = bytes[at];
      const stop = at + 1 + length;
      const valueLength = length - stencil - 1;
      if (valueLength < 2 || length > 0x7f || stop > end || bytes[valueAt] !== valueLength) break;
      const valueTag = bytes[valueAt + 1];
      const contentAt = valueAt + 2;
      if (valueTag === ANY_VALUE.double && valueLength === DOUBLE_ELEMENT_BYTES) {
        attributeType[index] = VALUE.number;
        attributeNumber[index] = view.getFloat64(contentAt, true);
      } else if (valueTag === ANY_VALUE.string && bytes[contentAt] === valueLength - 2) {
        attributeType[index] = VALUE.text;
        attributeNumber[index] = contentAt + 1;
        attributeLength[index] = valueLength - 2;
      } else if (valueTag === ANY_VALUE.int || valueTag === ANY_VALUE.bool) {
        let value: number = bytes[contentAt];
        if (valueLength !== 2 || value > 0x7f) {
          value = this.#reader.varint(contentAt, stop);
          if (this.#reader.at !== stop) break;
        }
        attributeType[index] = valueTag === ANY_VALUE.int ? VALUE.number : VALUE.boolean;
        attributeNumber[index] = valueTag === ANY_VALUE.int || value === 0 ? value : 1;
      } else break;

      attributeKey[index++] = key;
      if (observations === 0) observations = isObservation[key];
      previous = key;
      at = stop;
      if (at === end || bytes[at] !== tag) {
        this.#previousKey = previous;
        this.observationCount = observations;
        table.attributeCount = index;
        return at;
      }
      at++;
    }
    this.#previousKey = previous;
    this.observationCount = observations;
    table.attributeCount = index;
    return ~at;
  }

  /** Whether the key at `at` is known, though it did not follow last time; from now on it is expected there. */
  #isKnown(at: number, end: number): boolean {
    const { bytes, view } = this.#reader;
    if (end - at < 8 || bytes[at + 1] !== KEY_VALUE.key) return false;
    const length = bytes[at + 2];
    const keyEnd = at + 3 + length;
    if (length > 0x7f || keyEnd >= end || bytes[keyEnd] !== KEY_VALUE.value) return false;
    return this.#table.keys.expect(this.#previousKey, view, at + 3, length);
  }

  /** Adds the KeyValue whose length begins at `at`; returns where it ends. */
  #keyValue(at: number, end: number): number {
    const table = this.#table;
    const reader = this.#reader;
    const bytes = reader.bytes;
    const index = table.attributeCount;
    if (index === table.attributeKey.length) table.growAttributes();

    const stop = reader.open(at, end);
    at = reader.at;
    let keyOffset = at;
    let keyLength = 0;
    this.#type = VALUE.empty;
    this.#number[0] = 0;
    this.#length = 0;
    while (at < stop) {
      let tag: number = bytes[at++];
      if (tag > 0x7f) {
        tag = reader.tag(at - 1, stop);
        at = reader.at;
      }
      if (tag === KEY_VALUE.key) {
        const keyEnd = reader.open(at, stop);
        keyOffset = reader.at;
        keyLength = keyEnd - keyOffset;
        at = keyEnd;
      } else if (tag === KEY_VALUE.value) {
        const valueEnd = reader.open(at, stop);
        this.#value(reader.at, valueEnd);
        at = valueEnd;
      } else {
        at = reader.skip(tag, at, stop);
      }
    }

    const key = table.keys.next(this.#previousKey, table.view, keyOffset, keyLength);
    this.#previousKey = key;
    table.attributeCount = index + 1;
    table.attributeKey[index] = key;
    table.attributeType[index] = this.#type;
    table.attributeNumber[index] = this.#number[0];
    table.attributeLength[index] = this.#length;
    if (key >= 0 && table.keys.isObservation[key] === 1) {
      const count = this.#type === VALUE.array ? this.#length : 1;
      if (count > this.observationCount) this.observationCount = count;
    }
    return stop;
  }

  /** An attribute's own AnyValue. */
  #value(at: number, end: number): void {
    const reader = this.#reader;
    const bytes = reader.bytes;
    while (at < end) {
      let tag: number = bytes[at++];
      if (tag > 0x7f) {
        tag = reader.tag(at - 1, end);
        at = reader.at;
      }
      if (tag === ANY_VALUE.array) {
        const stop = reader.open(at, end);
        this.#array(reader.at, stop);
        at = stop;
      } else {
        at = this.#scalar(tag, at, end, 1);
      }
    }
  }

  /** Appends to the elements; a second array_value in the same AnyValue continues the first. */
  #array(at: number, end: number): void {
    const table = this.#table;
    const reader = this.#reader;
    const { bytes, view } = reader;
    const start = this.#type === VALUE.array ? this.#number[0] : table.elementCount;
    while (at < end) {
      const tag = reader.tag(at, end);
      at = reader.at;
      if (tag !== LIST.values) {
        at = reader.skip(tag, at, end);
        continue;
      }
      const index = table.elementCount;
      if (index === table.elementType.length) table.growElements();
      const stop = reader.open(at, end);
      at = reader.at;
      if (stop - at === DOUBLE_ELEMENT_BYTES && bytes[at] === ANY_VALUE.double) {
        table.elementType[index] = VALUE.number;
        table.elementNumber[index] = view.getFloat64(at + 1, true);
        table.elementLength[index] = 0;
      } else {
        this.#element(at, stop, index);
      }
      table.elementCount = index + 1;
      at = stop;
    }
    this.#type = VALUE.array;
    this.#number[0] = start;
    this.#length = table.elementCount - start;
  }

  #element(at: number, end: number, index: number): void {
    const table = this.#table;
    const reader = this.#reader;
    this.#type = VALUE.empty;
    this.#number[0] = 0;
    this.#length = 0;
    while (at < end) {
      const tag = reader.tag(at, end);
      at = this.#scalar(tag, reader.at, end, 2);
    }
    table.elementType[index] = this.#type;
    table.elementNumber[index] = this.#number[0];
    table.elementLength[index] = this.#length;
  }

  /** The field `tag` of an AnyValue on level `depth`, where an array is as unusable as a list. Returns its end. */
  #scalar(tag: number, at: number, end: number, depth: number): number {
    const reader = this.#reader;
    switch (tag) {
      case ANY_VALUE.double: {
        const stop = reader.fixed(at, end, 8);
        this.#set(VALUE.number, reader.view.getFloat64(at, true), 0);
        return stop;
      }
      case ANY_VALUE.string: {
        const stop = reader.open(at, end);
        this.#set(VALUE.text, reader.at, stop - reader.at);
        return stop;
      }
      case ANY_VALUE.int:
        this.#set(VALUE.number, reader.varint(at, end), 0);
        return reader.at;
      case ANY_VALUE.bool:
        this.#set(VALUE.boolean, reader.varint(at, end) === 0 ? 0 : 1, 0);
        return reader.at;
      case ANY_VALUE.bytes:
      case ANY_VALUE.array:
      case ANY_VALUE.list: {
        const stop = this.#nested(tag, at, end, depth);
        this.#set(VALUE.other, 0, 0);
        return stop;
      }
      default:
        return reader.skip(tag, at, end);
    }
  }

  #set(type: number, number: number, length: number): void {
    this.#type = type;
    this.#number[0] = number;
    this.#length = length;
  }

  /** Walks an AnyValue on level `depth` whose value nobody reads: its lengths and its depth must hold all the same. */
  check(at: number, end: number, depth: number): void {
    const reader = this.#reader;
    if (depth > VALUE_DEPTH_MAX) undecodable(`values are nested deeper than ${VALUE_DEPTH_MAX}`, at);
    while (at < end) {
      const tag = reader.tag(at, end);
      at = this.#nested(tag, reader.at, end, depth);
    }
  }

  /** The field `tag` of such an AnyValue; returns its end. */
  #nested(tag: number, at: number, end: number, depth: number): number {
    const reader = this.#reader;
    if (tag !== ANY_VALUE.array && tag !== ANY_VALUE.list) return reader.skip(tag, at, end);
    const stop = reader.open(at, end);
    for (at = reader.at; at < stop; ) {
      const inner = reader.tag(at, stop);
      if (inner !== LIST.values) {
        at = reader.skip(inner, reader.at, stop);
        continue;
      }
      const innerEnd = reader.open(reader.at, stop);
      if (tag === ANY_VALUE.array) this.check(reader.at, innerEnd, depth + 1);
      else this.#checkKeyValue(reader.at, innerEnd, depth + 1);
      at = innerEnd;
    }
    return stop;
  }

  #checkKeyValue(at: number, end: number, depth: number): void {
    const reader = this.#reader;
    while (at < end) {
      const tag = reader.tag(at, end);
      if (tag !== KEY_VALUE.value) {
        at = reader.skip(tag, reader.at, end);
        continue;
      }
      const stop = reader.open(reader.at, end);
      this.check(reader.at, stop, depth);
      at = stop;
    }
  }
}
