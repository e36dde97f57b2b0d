/** KeyValue and AnyValue of OTLP/JSON into the attribute table. */
import type { AttributeTable } from './attribute-table.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, type JsonReader, OPEN_ARRAY, OPEN_OBJECT } from './json-reader.ts';
import { VALUE } from './view-codes.ts';

const NULL = 0x6e;

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
    if (reader.peek() === NULL) {
      reader.word();
      return;
    }
    reader.open(OPEN_ARRAY);
    for (let isFirst = true; reader.more(CLOSE_ARRAY, isFirst); isFirst = false) this.#keyValue();
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
        reader.string();
        keyOffset = reader.textOffset;
        keyLength = reader.textLength;
      } else if (reader.textIs('value')) this.#value();
      else reader.skip();
    }
    const key = table.keys.next(this.#previousKey, table.view, keyOffset, keyLength);
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
    if (reader.peek() === NULL) {
      reader.word();
      return;
    }
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('arrayValue')) this.#array();
      else this.#scalar();
    }
  }

  #array(): void {
    const table = this.#table;
    const reader = this.#reader;
    const first = table.elementCount;
    if (reader.peek() === NULL) reader.word();
    else {
      reader.open(OPEN_OBJECT);
      for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
        reader.name();
        if (reader.textIs('values')) this.#elements();
        else reader.skip();
      }
    }
    this.#set(VALUE.array, first, table.elementCount - first);
  }

  #elements(): void {
    const table = this.#table;
    const reader = this.#reader;
    if (reader.peek() === NULL) {
      reader.word();
      return;
    }
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
    if (reader.peek() === NULL) {
      reader.word();
      return;
    }
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
    if (reader.peek() === NULL) {
      reader.word();
      return;
    }
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
