/** The table against the sidecar's scanner: the same span or record, handed over and sent as OTLP, is the same view. */
import { type AttributeView, isObservationKey, roleOf, VALUE } from '@leeway/intake';
import type { Attributes } from '@opentelemetry/api';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecoder } from '../../sidecar/src/receive/index.ts';
import { ItemTable } from './item-table.ts';

const decoder = createDecoder({ isObservationKey });
const table = new ItemTable();
const TEXT_BYTES_COMPARED = 1024;

const key = fc.oneof(
  fc.constantFrom('ml.model.name', 'ml.model.version', 'ml.prediction.score', 'ml.capture.missing', 'ml.inference.row'),
  fc.constantFrom('ml.ground_truth.label', 'event.name', 'http.route', ''),
  fc.string({ maxLength: 90, unit: 'grapheme' }).map((name) => `ml.features.${name}`),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 300, maxLength: 1_100 }),
);
const scalar = fc.oneof(text, fc.double(), fc.integer(), fc.boolean());
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, { a: 1 }, [['x'], 2], new Uint8Array([1, 2])) },
);
const attributes = fc.array(fc.tuple(key, value), { maxLength: 30 }).map((entries) => Object.fromEntries(entries));
const id = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const time = fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999_999 }));
const item = fc.record({
  attributes,
  resource: attributes,
  traceId: id(32),
  spanId: id(16),
  time,
  dropped: fc.nat(9),
  event: text,
});

/** What intake sees of an item, in words. Texts are compared up to what it takes. */
function described(view: AttributeView, itemIndex: number) {
  const textAt = (number: number, length: number) =>
    length > TEXT_BYTES_COMPARED ? 'too long' : new TextDecoder().decode(view.bytes.subarray(number, number + length));
  const cell = (type: number, number: number, length: number) =>
    type === VALUE.text ? ['text', textAt(number, length)] : [type, type === VALUE.number ? number + 0 : number];
  const range = (start: number, end: number) => {
    const found: unknown[] = [];
    for (let a = start; a < end; a++) {
      const name = view.attributeKey[a] < 0 ? '' : view.keys.textAt(view.attributeKey[a]);
      if (roleOf(name).role === 0) continue;
      const [type, number, length] = [view.attributeType[a], view.attributeNumber[a], view.attributeLength[a]];
      if (type !== VALUE.array) found.push([name, ...cell(type, number, length)]);
      else {
        const elements = Array.from({ length }, (_, i) =>
          cell(view.elementType[number + i], view.elementNumber[number + i], view.elementLength[number + i]),
        );
        found.push([name, 'array', elements]);
      }
    }
    return found;
  };
  const resource = view.itemResource[itemIndex];
  const event = view.itemEvent[itemIndex];
  return {
    kind: view.itemKind[itemIndex],
    attributes: range(view.itemStart[itemIndex], view.itemStart[itemIndex + 1]),
    resource: range(view.resourceStart[resource], view.resourceStart[resource + 1]),
    timeMs: view.itemTimeMs[itemIndex],
    ids: [...view.itemIds.subarray(6 * itemIndex, 6 * itemIndex + 6)],
    event: event < 0 ? undefined : view.keys.textAt(event),
    traceState: textAt(view.itemTraceStateOffset[itemIndex], view.itemTraceStateLength[itemIndex]),
    dropped: view.itemDroppedCount[itemIndex],
    observations: view.itemObservationCount[itemIndex],
  };
}

function scanned(signal: 'traces' | 'logs', body: Uint8Array | undefined): AttributeView {
  const bytes = new Uint8Array(body ?? []);
  const decoded = decoder.decode({ signal, encoding: 'protobuf', compression: 'identity', body: bytes });
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.view;
}

const scope = { name: 'test' };

test('a span is what the scanner makes of it', () =>
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), (items) => {
      const resources = items.map(({ resource }) => resourceFromAttributes(resource as Attributes));
      const spans = items.map(
        (one, i) =>
          ({
            name: 'predict',
            kind: 0,
            spanContext: () => ({ ...one, traceFlags: 1, traceState: { serialize: () => `ot=th:${i}` } }),
            startTime: one.time,
            endTime: one.time,
            status: { code: 0 },
            attributes: one.attributes,
            links: [],
            events: [],
            duration: [0, 0],
            ended: true,
            resource: resources[i],
            instrumentationScope: scope,
            droppedAttributesCount: one.dropped,
            droppedEventsCount: 0,
            droppedLinksCount: 0,
          }) as unknown as ReadableSpan,
      );
      table.clear();
      for (const span of spans) expect(table.addSpan(span)).toBe(true);
      const view = scanned('traces', ProtobufTraceSerializer.serializeRequest(spans));
      table.seal();
      items.forEach((_, i) => {
        expect(described(table, i)).toEqual(described(view, i));
      });
    }),
  ));

test('a log record is what the scanner makes of it', () =>
  fc.assert(
    fc.property(item, fc.boolean(), fc.boolean(), (one, hasContext, hasTime) => {
      const record = {
        hrTime: hasTime ? one.time : [0, 0],
        hrTimeObserved: one.time,
        ...(hasContext ? { spanContext: { ...one, traceFlags: 1 } } : {}),
        eventName: one.event,
        attributes: one.attributes,
        resource: resourceFromAttributes(one.resource as Attributes),
        instrumentationScope: scope,
        droppedAttributesCount: one.dropped,
      } as unknown as ReadableLogRecord;
      table.clear();
      expect(table.addLogRecord(record)).toBe(true);
      const view = scanned('logs', ProtobufLogsSerializer.serializeRequest([record]));
      expect(described(table.seal(), 0)).toEqual(described(view, 0));
    }),
  ));
