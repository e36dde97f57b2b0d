/**
 * OTLP/JSON into the attribute table, byte by byte, without making objects: the sibling of the protobuf scanner.
 *
 * As OTLP's JSON mapping says: lowerCamelCase names only, unknown ones ignored, ids in hex of either case, 64-bit
 * integers as numbers or strings. Attributes of items come first in the table and those of resources behind them all,
 * so resources are noted by where they stand and read at the end.
 */
import { type AttributeTable, ID_WORDS } from './attribute-table.ts';
import type { BodyScopes } from './body-fields.ts';
import { JsonAttributes } from './json-attributes.ts';
import { CLOSE_ARRAY, CLOSE_OBJECT, JsonReader, OPEN_ARRAY, OPEN_OBJECT } from './json-reader.ts';
import { ITEM } from './view-codes.ts';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const NANOS_PER_MS = 1e6;
const NANOS_MAX = 2 ** 64;
const NULL = 0x6e;
const QUOTE = 0x22;

export class JsonScanner {
  readonly #table: AttributeTable;
  readonly #reader = new JsonReader();
  readonly #attributes: JsonAttributes;
  /** Where the `resource` of each resource item stands; −1 when it has none. */
  readonly #resources: number[] = [];
  readonly #bodyScopes: BodyScopes | undefined;
  /** Whether bodies of the scope that is being read are attributes. */
  #readsBody = false;

  constructor(table: AttributeTable, bodyScopes?: BodyScopes) {
    this.#table = table;
    this.#bodyScopes = bodyScopes;
    this.#attributes = new JsonAttributes(table, this.#reader);
  }

  /** Fills the table. Throws ScanFault. Escapes in `bytes` are resolved in place. */
  scan(itemKind: number, bytes: Uint8Array): void {
    const reader = this.#reader;
    this.#table.start(bytes);
    reader.start(bytes);
    this.#resources.length = 0;
    const isSpan = itemKind === ITEM.span;
    const names = isSpan
      ? (['resourceSpans', 'scopeSpans', 'spans'] as const)
      : (['resourceLogs', 'scopeLogs', 'logRecords'] as const);
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs(names[0])) this.#each(() => this.#resourceItems(names, itemKind));
      else reader.skip();
    }
    reader.end();
    for (const at of this.#resources) this.#resource(at);
  }

  /** Every object of an array; null stands for an empty one. */
  #each(read: () => void): void {
    const reader = this.#reader;
    if (reader.readNull()) return;
    reader.open(OPEN_ARRAY);
    for (let isFirst = true; reader.more(CLOSE_ARRAY, isFirst); isFirst = false) read();
  }

  #resourceItems(names: readonly [string, string, string], itemKind: number): void {
    const reader = this.#reader;
    this.#table.checkResourceCount(this.#resources.length + 1);
    const resource = this.#resources.push(-1) - 1;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs(names[1])) this.#each(() => this.#scopeItems(names[2], itemKind, resource));
      else {
        if (reader.textIs('resource')) {
          reader.peek();
          this.#resources[resource] = reader.at;
        }
        reader.skip();
      }
    }
  }

  #scopeItems(name: string, itemKind: number, resource: number): void {
    const reader = this.#reader;
    this.#readsBody = itemKind === ITEM.logRecord && this.#isBodyScope();
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs(name)) this.#each(() => this.#item(itemKind, resource));
      else reader.skip();
    }
  }

  /** Looks for the scope, wherever it stands, and goes back: only where bodies are asked for. */
  #isBodyScope(): boolean {
    const scopes = this.#bodyScopes;
    if (scopes === undefined) return false;
    const reader = this.#reader;
    reader.peek();
    const start = reader.at;
    let isOne = false;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (!reader.textIs('scope') || reader.peek() === NULL) {
        reader.skip();
        continue;
      }
      reader.open(OPEN_OBJECT);
      for (let isInner = true; reader.more(CLOSE_OBJECT, isInner); isInner = false) {
        reader.name();
        if (reader.textIs('name')) {
          const at = reader.at;
          reader.skip();
          const end = reader.at;
          // The quotation marks are no part of the name; a name with escapes is none of them.
          const from = reader.bytes.indexOf(QUOTE, at) + 1;
          isOne = scopes.has(reader.bytes, from, end - 1 - from);
        } else reader.skip();
      }
    }
    reader.at = start;
    return isOne;
  }

  #item(itemKind: number, resource: number): void {
    const table = this.#table;
    const reader = this.#reader;
    const item = table.addItem(itemKind, resource);
    this.#attributes.startItem();
    let observedMs = 0;
    reader.open(OPEN_OBJECT);
    for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
      reader.name();
      if (reader.textIs('attributes')) this.#attributes.read();
      else if (reader.textIs('traceId')) this.#id(item * ID_WORDS, TRACE_ID_DIGITS);
      else if (reader.textIs('spanId')) this.#id(item * ID_WORDS + TRACE_ID_DIGITS / 8, SPAN_ID_DIGITS);
      else if (reader.textIs('droppedAttributesCount')) table.itemDroppedCount[item] = reader.numberOrText();
      else if (itemKind === ITEM.span) this.#spanField(item);
      else if (reader.textIs('observedTimeUnixNano')) observedMs = this.#milliseconds();
      else this.#logField(item);
    }
    if (table.itemTimeMs[item] === 0) table.itemTimeMs[item] = observedMs;
    if (this.#readsBody && table.itemEvent[item] < 0 && this.#bodyScopes !== undefined)
      table.itemEvent[item] = table.keys.find(this.#bodyScopes.eventView, 0, this.#bodyScopes.eventName.length);
    table.endItem(item, this.#attributes.observationCount);
  }

  #spanField(item: number): void {
    const table = this.#table;
    const reader = this.#reader;
    if (reader.textIs('endTimeUnixNano')) table.itemTimeMs[item] = this.#milliseconds();
    else if (reader.textIs('traceState')) {
      reader.stringOrNull();
      table.itemTraceStateOffset[item] = reader.textOffset;
      table.itemTraceStateLength[item] = reader.textLength;
    } else reader.skip();
  }

  #logField(item: number): void {
    const table = this.#table;
    const reader = this.#reader;
    if (reader.textIs('timeUnixNano')) table.itemTimeMs[item] = this.#milliseconds();
    else if (reader.textIs('eventName')) {
      reader.stringOrNull();
      const { textOffset, textLength } = reader;
      table.itemEvent[item] = textLength === 0 ? -1 : table.keys.find(table.view, textOffset, textLength);
    } else if (this.#readsBody && this.#bodyScopes !== undefined && reader.textIs('body'))
      this.#attributes.body(this.#bodyScopes.start());
    else reader.skip();
  }

  #resource(at: number): void {
    const reader = this.#reader;
    this.#table.addResource();
    this.#attributes.startItem();
    if (at >= 0) {
      reader.at = at;
      if (!reader.readNull()) {
        reader.open(OPEN_OBJECT);
        for (let isFirst = true; reader.more(CLOSE_OBJECT, isFirst); isFirst = false) {
          reader.name();
          if (reader.textIs('attributes')) this.#attributes.read();
          else reader.skip();
        }
      }
    }
    this.#table.endResource();
  }

  /** An id of another length, or with other than hex digits, counts as absent. */
  #id(word: number, digits: number): void {
    const reader = this.#reader;
    const { itemIds } = this.#table;
    reader.stringOrNull();
    const { bytes, textOffset, textLength } = reader;
    const words = digits / 8;
    let isPresent = textLength === digits;
    for (let w = 0; w < words; w++) {
      let value = 0;
      for (let i = 0; isPresent && i < 8; i++) {
        const digit = hexDigit(bytes[textOffset + w * 8 + i]);
        if (digit < 0) isPresent = false;
        value = (value << 4) | digit;
      }
      itemIds[word + w] = isPresent ? value >>> 0 : 0;
    }
    if (!isPresent) itemIds.fill(0, word, word + words);
  }

  /** What no fixed64 holds counts as absent, "Infinity" too: nobody's window is there. */
  #milliseconds(): number {
    const nanoseconds = this.#reader.numberOrText();
    return nanoseconds > 0 && nanoseconds <= NANOS_MAX ? nanoseconds / NANOS_PER_MS : 0;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
