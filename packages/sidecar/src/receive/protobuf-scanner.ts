/**
 * ExportTraceServiceRequest and ExportLogsServiceRequest into the attribute table, without making objects.
 *
 * The walk reads what intake needs and jumps over everything else by its length, so a fault inside a span's events or
 * links goes unseen; whatever is read, and every length, is checked. Where a field comes twice, the last one counts;
 * messages merge, as protobuf says. A known field with another wire type than its own is an unknown field.
 *
 * Field numbers: opentelemetry-proto 1.11, trace.proto, logs.proto, common.proto, resource.proto.
 */
import { type AttributeTable, ID_WORDS } from './attribute-table.ts';
import { ProtobufAttributes } from './protobuf-attributes.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ITEM } from './view-codes.ts';

/** Tags: field number × 8 + wire type. Traces and logs agree in the outer three messages. */
const REQUEST = { resourceItems: (1 << 3) | 2 } as const;
const RESOURCE_ITEMS = { resource: (1 << 3) | 2, scopeItems: (2 << 3) | 2 } as const;
const SCOPE_ITEMS = { items: (2 << 3) | 2 } as const;
const RESOURCE = { attributes: (1 << 3) | 2 } as const;
const SPAN = {
  traceId: (1 << 3) | 2,
  spanId: (2 << 3) | 2,
  traceState: (3 << 3) | 2,
  parentSpanId: (4 << 3) | 2,
  name: (5 << 3) | 2,
  startTime: (7 << 3) | 1,
  endTime: (8 << 3) | 1,
  attributes: (9 << 3) | 2,
  droppedAttributesCount: (10 << 3) | 0,
} as const;
const LOG_RECORD = {
  time: (1 << 3) | 1,
  body: (5 << 3) | 2,
  attributes: (6 << 3) | 2,
  droppedAttributesCount: (7 << 3) | 0,
  traceId: (9 << 3) | 2,
  spanId: (10 << 3) | 2,
  observedTime: (11 << 3) | 1,
  eventName: (12 << 3) | 2,
} as const;

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const NANOS_PER_MS = 1e6;

export class ProtobufScanner {
  readonly #table: AttributeTable;
  readonly #reader = new ProtobufReader();
  readonly #attributes: ProtobufAttributes;
  /** Event name of the record before: most have the same. */
  #previousEvent = -1;

  constructor(table: AttributeTable) {
    this.#table = table;
    this.#attributes = new ProtobufAttributes(table, this.#reader);
  }

  /** Fills the table. Throws ScanFault. */
  scan(itemKind: number, bytes: Uint8Array): void {
    this.#table.start(bytes);
    this.#reader.start(bytes, this.#table.view);
    this.#request(bytes.length, itemKind);
    this.#request(bytes.length, 0);
  }

  /** One walk for the items, and one (`itemKind` 0) for the resources, whose attributes stand behind all others. */
  #request(end: number, itemKind: number): void {
    const reader = this.#reader;
    let resource = 0;
    for (let at = 0; at < end; ) {
      const tag = reader.tag(at, end);
      at = reader.at;
      if (tag !== REQUEST.resourceItems) {
        at = reader.skip(tag, at, end);
        continue;
      }
      const stop = reader.open(at, end);
      if (itemKind !== 0) this.#resourceItems(reader.at, stop, itemKind, resource++);
      else this.#resource(reader.at, stop);
      at = stop;
    }
  }

  #resourceItems(at: number, end: number, itemKind: number, resource: number): void {
    const reader = this.#reader;
    while (at < end) {
      const tag = reader.tag(at, end);
      at = reader.at;
      if (tag !== RESOURCE_ITEMS.scopeItems) {
        at = reader.skip(tag, at, end);
        continue;
      }
      const stop = reader.open(at, end);
      this.#scopeItems(reader.at, stop, itemKind, resource);
      at = stop;
    }
  }

  #scopeItems(at: number, end: number, itemKind: number, resource: number): void {
    const reader = this.#reader;
    while (at < end) {
      const tag = reader.tag(at, end);
      at = reader.at;
      if (tag !== SCOPE_ITEMS.items) {
        at = reader.skip(tag, at, end);
        continue;
      }
      const stop = reader.open(at, end);
      const item = this.#table.addItem(itemKind, resource);
      this.#attributes.startItem();
      if (itemKind === ITEM.span) this.#span(reader.at, stop, item);
      else this.#logRecord(reader.at, stop, item);
      this.#table.endItem(item, this.#attributes.observationCount);
      at = stop;
    }
  }

  #resource(at: number, end: number): void {
    const reader = this.#reader;
    this.#table.addResource();
    this.#attributes.startItem();
    while (at < end) {
      const tag = reader.tag(at, end);
      at = reader.at;
      if (tag !== RESOURCE_ITEMS.resource) {
        at = reader.skip(tag, at, end);
        continue;
      }
      const stop = reader.open(at, end);
      at = reader.at;
      while (at < stop) {
        const inner = reader.tag(at, stop);
        at =
          inner === RESOURCE.attributes
            ? this.#attributes.run(inner, reader.at, stop)
            : reader.skip(inner, reader.at, stop);
      }
    }
    this.#table.endResource();
  }

  #span(at: number, end: number, item: number): void {
    const { bytes, view } = this.#reader;
    at = this.#leadingIds(at, end, item);
    while (at < end) {
      let tag: number = bytes[at++];
      if (tag === SPAN.attributes) {
        at = this.#attributes.run(tag, at, end);
        continue;
      }
      // The usual fields that nobody reads, and the time; whatever is not as usual goes to the reader.
      if ((tag === SPAN.name || tag === SPAN.parentSpanId) && at < end) {
        const stop = at + 1 + bytes[at];
        if (bytes[at] < 0x80 && stop <= end) {
          at = stop;
          continue;
        }
      } else if ((tag === SPAN.startTime || tag === SPAN.endTime) && end - at >= 8) {
        if (tag === SPAN.endTime) this.#table.itemTimeMs[item] = milliseconds(view, at);
        at += 8;
        continue;
      }
      if (tag > 0x7f) {
        tag = this.#reader.tag(at - 1, end);
        at = this.#reader.at;
      }
      at = this.#spanField(tag, at, end, item);
    }
  }

  /** Trace id and span id where a span begins with them, as nearly all do; returns where they end, else `at`. */
  #leadingIds(at: number, end: number, item: number): number {
    const { bytes, view } = this.#reader;
    const spanIdAt = at + 2 + TRACE_ID_BYTES;
    const stop = spanIdAt + 2 + SPAN_ID_BYTES;
    if (stop > end || bytes[at] !== SPAN.traceId || bytes[at + 1] !== TRACE_ID_BYTES) return at;
    if (bytes[spanIdAt] !== SPAN.spanId || bytes[spanIdAt + 1] !== SPAN_ID_BYTES) return at;
    const { itemIds } = this.#table;
    const word = item * ID_WORDS;
    itemIds[word] = view.getUint32(at + 2);
    itemIds[word + 1] = view.getUint32(at + 6);
    itemIds[word + 2] = view.getUint32(at + 10);
    itemIds[word + 3] = view.getUint32(at + 14);
    itemIds[word + 4] = view.getUint32(spanIdAt + 2);
    itemIds[word + 5] = view.getUint32(spanIdAt + 6);
    return stop;
  }

  #spanField(tag: number, at: number, end: number, item: number): number {
    const table = this.#table;
    switch (tag) {
      case SPAN.attributes:
        return this.#attributes.run(tag, at, end);
      case SPAN.traceId:
        return this.#id(at, end, item * ID_WORDS, TRACE_ID_BYTES);
      case SPAN.spanId:
        return this.#id(at, end, item * ID_WORDS + TRACE_ID_BYTES / 4, SPAN_ID_BYTES);
      case SPAN.traceState: {
        const stop = this.#reader.open(at, end);
        table.itemTraceStateOffset[item] = this.#reader.at;
        table.itemTraceStateLength[item] = stop - this.#reader.at;
        return stop;
      }
      case SPAN.endTime:
        table.itemTimeMs[item] = this.#milliseconds(at, end);
        return this.#reader.at;
      case SPAN.droppedAttributesCount:
        table.itemDroppedCount[item] = this.#reader.varint(at, end);
        return this.#reader.at;
      default:
        return this.#reader.skip(tag, at, end);
    }
  }

  #logRecord(at: number, end: number, item: number): void {
    const table = this.#table;
    const reader = this.#reader;
    const bytes = reader.bytes;
    let observedMs = 0;
    while (at < end) {
      let tag: number = bytes[at++];
      if (tag > 0x7f) {
        tag = reader.tag(at - 1, end);
        at = reader.at;
      }
      if (tag === LOG_RECORD.attributes) {
        at = this.#attributes.run(tag, at, end);
      } else if (tag === LOG_RECORD.observedTime) {
        observedMs = this.#milliseconds(at, end);
        at = reader.at;
      } else {
        at = this.#logRecordField(tag, at, end, item);
      }
    }
    if (table.itemTimeMs[item] === 0) table.itemTimeMs[item] = observedMs;
  }

  #logRecordField(tag: number, at: number, end: number, item: number): number {
    const table = this.#table;
    const reader = this.#reader;
    switch (tag) {
      case LOG_RECORD.time:
        table.itemTimeMs[item] = this.#milliseconds(at, end);
        return reader.at;
      case LOG_RECORD.eventName: {
        const stop = reader.open(at, end);
        table.itemEvent[item] = this.#eventName(reader.at, stop - reader.at);
        return stop;
      }
      case LOG_RECORD.traceId:
        return this.#id(at, end, item * ID_WORDS, TRACE_ID_BYTES);
      case LOG_RECORD.spanId:
        return this.#id(at, end, item * ID_WORDS + TRACE_ID_BYTES / 4, SPAN_ID_BYTES);
      case LOG_RECORD.droppedAttributesCount:
        table.itemDroppedCount[item] = reader.varint(at, end);
        return reader.at;
      case LOG_RECORD.body: {
        const stop = reader.open(at, end);
        this.#attributes.check(reader.at, stop, 1);
        return stop;
      }
      default:
        return reader.skip(tag, at, end);
    }
  }

  #eventName(offset: number, length: number): number {
    const { keys, view } = this.#table;
    if (length === 0) return -1;
    const guess = this.#previousEvent;
    const event = guess >= 0 && keys.matches(guess, view, offset, length) ? guess : keys.find(view, offset, length);
    this.#previousEvent = event;
    return event;
  }

  /** An id of the wrong length counts as absent, as the data model says. */
  #id(at: number, end: number, word: number, length: number): number {
    const { itemIds, view } = this.#table;
    const stop = this.#reader.open(at, end);
    const offset = this.#reader.at;
    const isPresent = stop - offset === length;
    for (let i = 0; i < length; i += 4) itemIds[word + i / 4] = isPresent ? view.getUint32(offset + i) : 0;
    return stop;
  }

  /** A fixed64 of Unix nanoseconds, exact to 256 ns. Leaves the reader behind it. */
  #milliseconds(at: number, end: number): number {
    this.#reader.at = this.#reader.fixed(at, end, 8);
    return milliseconds(this.#reader.view, at);
  }
}

function milliseconds(view: DataView, at: number): number {
  return (view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)) / NANOS_PER_MS;
}
