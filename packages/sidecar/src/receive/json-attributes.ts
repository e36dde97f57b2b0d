/** KeyValue and AnyValue of OTLP/JSON into the attribute table. */
import type { AttributeTable } from './attribute-table.ts';
import type { FieldPath } from './body-fields.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, type JsonReader, OPEN_ARRAY, OPEN_OBJECT } from './json-reader.ts';
import { VALUE } from './view-codes.ts';

const NULL = 0x6e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The longest fixed text that the fast path looks at, and the ends behind a value. */
const FAST_BYTES_MIN = 40;
/** No key of the dictionary is longer. */
const KEY_ROOM = 8192;

/** Four ASCII characters as a big-endian word. */
function word(text: string): number {
  return (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3);
}
const OPEN_KEY = [word('{"ke'), word('y":"')] as const;
const OPEN_VALUE = [word(',"va'), word('lue"'), word(':{"s') >>> 8] as const;
const STRING_VALUE = [word('stri'), word('ngVa'), word('lue"')] as const;
const DOUBLE_VALUE = [word('doub'), word('leVa'), word('lue"')] as const;
const INT_VALUE = [word('intV'), word('alue')] as const;

export class JsonAttributes {
  /** Observations in the item so far: the longest array among its observation keys, 1 for a scalar. */
  observationCount = 0;
  readonly #table: AttributeTable;
  readonly #reader: JsonReader;
  #previousKey = -1;
  /** The AnyValue that is being read. Its number is in an array because a double in a field would be boxed. */
  #type = 0;
  #length = 0;
  readonly #number = new Float64Array(1);

  constructor(table: AttributeTable, reader: JsonReader) {
    this.#table = table;
    this.#reader = reader;
  }

  /** Before the attributes of an item or a resource. */
  startItem(): void {
    this.#previousKey = -1;
    this.observationCount = 0;
  }

  /** Reads the array of KeyValues that comes next. */
  read(): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_ARRAY);
    for (let isFirst = true; reader.more(CLOSE_ARRAY, isFirst); isFirst = false) {
      if (!this.#usual()) this.#keyValue();
    }
  }

  /**
   * The KeyValue as nearly every sender writes it, with no space and no escape, and a text, a number or an integer as
   * its value: fixed words compared four bytes at a time. False, and nothing read, when it is written otherwise.
   */
  #usual(): boolean {
    const table = this.#table;
    const reader = this.#reader;
    const { bytes } = reader;
    const { view } = table;
    const at = reader.at;
    if (bytes.length - at < FAST_BYTES_MIN || table.attributeCount === table.attributeKey.length) return false;
    if (view.getInt32(at) !== OPEN_KEY[0] || view.getInt32(at + 4) !== OPEN_KEY[1]) return false;
    const keyOffset = at + 8;
    const guess = bytes.length - keyOffset > KEY_ROOM ? table.keys.quoted(this.#previousKey, view, keyOffset) : -1;
    let p = keyOffset;
    if (guess >= 0) p += table.keys.lengthAt(guess);
    else {
      for (let byte = bytes[p]; byte !== QUOTE; byte = bytes[++p])
        if (!(byte >= 0x20) || byte === BACKSLASH) return false;
    }
    const keyLength = p - keyOffset;
    p++;
    if (
      bytes.length - p < FAST_BYTES_MIN ||
      view.getInt32(p) !== OPEN_VALUE[0] ||
      view.getInt32(p + 4) !== OPEN_VALUE[1]
    )
      return false;
    if (view.getUint32(p + 8) >>> 8 !== OPEN_VALUE[2]) return false;
    p = this.#usualValue(p + 11);
    if (p < 0 || bytes[p] !== CLOSE_OBJECT || bytes[p + 1] !== CLOSE_OBJECT) {
      reader.at = at;
      return false;
    }
    reader.at = p + 2;
    this.#add(guess >= 0 ? guess : table.keys.next(this.#previousKey, view, keyOffset, keyLength));
    return true;
  }

  /**
   * Reads from `stringValue":` and so on; returns where the value ends, −1 when it is written otherwise. Moves the
   * reader and resolves no escape: the caller may have to go back and read it all again.
   */
  #usualValue(p: number): number {
    const reader = this.#reader;
    const { bytes } = reader;
    const { view } = this.#table;
    const first = view.getInt32(p);
    if (first === STRING_VALUE[0]) {
      if (view.getInt32(p + 4) !== STRING_VALUE[1] || view.getInt32(p + 8) !== STRING_VALUE[2]) return -1;
      if (bytes[p + 12] !== 0x3a || bytes[p + 13] !== QUOTE) return -1;
      const offset = p + 14;
      let q = offset;
      for (let byte = bytes[q]; byte !== QUOTE; byte = bytes[++q]) if (!(byte >= 0x20) || byte === BACKSLASH) return -1;
      this.#set(VALUE.text, offset, q - offset);
      return q + 1;
    }
    const isDouble = first === DOUBLE_VALUE[0];
    if (isDouble) {
      if (
        view.getInt32(p + 4) !== DOUBLE_VALUE[1] ||
        view.getInt32(p + 8) !== DOUBLE_VALUE[2] ||
        bytes[p + 12] !== 0x3a
      )
        return -1;
      reader.at = p + 13;
    } else {
      if (
        first !== INT_VALUE[0] ||
        view.getInt32(p + 4) !== INT_VALUE[1] ||
        bytes[p + 8] !== QUOTE ||
        bytes[p + 9] !== 0x3a
      )
        return -1;
      reader.at = p + 10;
    }
    const start = reader.at;
    const byte = bytes[start];
    if (byte === QUOTE) {
      for (let q = start + 1, next = bytes[q]; next !== QUOTE; next = bytes[++q])
        if (!(next >= 0x20) || next === BACKSLASH) return -1;
    } else if (byte !== 0x2d && !(byte >= 0x30 && byte <= 0x39)) return -1;
    this.#set(VALUE.number, reader.numberOrText(), 0);
    return reader.at;
  }

  #keyValue(): void {
    const table = this.#table;
    const reader = this.#reader;
    if (table.attributeCount === table.attributeKey.length) table.growAttributes();
    let keyOffset = 0;
    let keyLength = 0;
    this.#set(VALUE.empty, 0, 0);
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('key')) {
        reader.stringOrNull();
        keyOffset = reader.textOffset;
        keyLength = reader.textLength;
      } else if (reader.textIs('value')) this.#value();
      else reader.skip();
    }
    this.#add(table.keys.next(this.#previousKey, table.view, keyOffset, keyLength));
  }

  /** The attribute whose value was read. */
  #add(key: number): void {
    const table = this.#table;
    this.#previousKey = key;
    const index = table.attributeCount++;
    table.attributeKey[index] = key;
    table.attributeType[index] = this.#type;
    table.attributeNumber[index] = this.#number[0];
    table.attributeLength[index] = this.#length;
    if (key >= 0 && table.keys.isObservation[key] === 1) {
      const count = this.#type === VALUE.array ? this.#length : 1;
      if (count > this.observationCount) this.observationCount = count;
    }
  }

  /** An attribute's own AnyValue. */
  #value(): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('arrayValue')) this.#array();
      else this.#scalar();
    }
  }

  /** Adds the fields of a body that is a key–value list, nested lists too; other bodies are skipped. */
  body(path: FieldPath): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('kvlistValue')) this.#fields(path);
      else reader.skip();
    }
  }

  #fields(path: FieldPath): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (!reader.textIs('values') || reader.peek() === NULL) {
        reader.skip();
        continue;
      }
      reader.open(OPEN_ARRAY);
      for (let isFirstField = true; reader.more(CLOSE_ARRAY, isFirstField); isFirstField = false) this.#field(path);
    }
  }

  #field(path: FieldPath): void {
    const table = this.#table;
    const reader = this.#reader;
    const { length } = path;
    let valueAt = -1;
    let fits = true;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('key')) {
        reader.stringOrNull();
        path.length = length;
        fits = path.push(reader.bytes, reader.textOffset, reader.textLength);
      } else {
        if (reader.textIs('value')) {
          reader.peek();
          valueAt = reader.at;
        }
        reader.skip();
      }
    }
    const end = reader.at;
    if (!fits) table.keys.overflowCount++;
    else {
      reader.at = valueAt;
      if (valueAt >= 0 && this.#isList() && path.enter()) {
        reader.at = valueAt;
        this.body(path);
        path.leave();
      } else {
        if (table.attributeCount === table.attributeKey.length) table.growAttributes();
        this.#set(VALUE.empty, 0, 0);
        reader.at = valueAt;
        if (valueAt >= 0) this.#value();
        this.#add(table.keys.find(path.view, 0, path.length));
      }
    }
    reader.at = end;
    path.length = length;
  }

  /** Whether the AnyValue that comes next is a key–value list. Leaves the reader within it. */
  #isList(): boolean {
    const reader = this.#reader;
    if (reader.peek() === NULL) return false;
    let isList = false;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('kvlistValue')) isList = true;
      reader.skip();
    }
    return isList;
  }

  #array(): void {
    const table = this.#table;
    const reader = this.#reader;
    const first = table.elementCount;
    if (reader.readNull()) return;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('values')) this.#elements();
      else reader.skip();
    }
    this.#set(VALUE.array, first, table.elementCount - first);
  }

  #elements(): void {
    const table = this.#table;
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_ARRAY);
    for (let isFirst = true; reader.more(CLOSE_ARRAY, isFirst); isFirst = false) {
      if (table.elementCount === table.elementType.length) table.growElements();
      this.#set(VALUE.empty, 0, 0);
      this.#element();
      const index = table.elementCount++;
      table.elementType[index] = this.#type;
      table.elementNumber[index] = this.#number[0];
      table.elementLength[index] = this.#length;
    }
  }

  /** An AnyValue within an array, where another array is as unusable as a list. */
  #element(): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      this.#scalar();
    }
  }

  /** The member of an AnyValue whose name was read. A member that is null counts as not there. */
  #scalar(): void {
    const reader = this.#reader;
    const isText = reader.textIs('stringValue');
    const isDouble = !isText && reader.textIs('doubleValue');
    const isInteger = !isText && !isDouble && reader.textIs('intValue');
    const isBoolean = !isText && !isDouble && !isInteger && reader.textIs('boolValue');
    const isOther = reader.textIs('arrayValue') || reader.textIs('kvlistValue') || reader.textIs('bytesValue');
    if (reader.readNull()) return;
    if (isText) {
      reader.string();
      this.#set(VALUE.text, reader.textOffset, reader.textLength);
    } else if (isDouble || isInteger) this.#set(VALUE.number, reader.numberOrText(), 0);
    else if (isBoolean) this.#set(VALUE.boolean, reader.word() === true ? 1 : 0, 0);
    else {
      reader.skip();
      if (isOther) this.#set(VALUE.other, 0, 0);
    }
  }

  #set(type: number, number: number, length: number): void {
    this.#type = type;
    this.#number[0] = number;
    this.#length = length;
  }
}
