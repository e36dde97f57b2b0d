/** The plain twin of both scanners, and requests to compare them on. */
import fc from 'fast-check';
import type { AttributeTable } from '../src/receive/attribute-table.ts';
import { LOG_REQUEST, TRACE_REQUEST } from '../src/receive/bench/otlp-schema.bench.ts';
import { createDecoder } from '../src/receive/decode.ts';
import { DECODE_LIMITS } from '../src/receive/limits.ts';
import { ITEM, VALUE } from '../src/receive/view-codes.ts';

export type Json = Record<string, unknown>;

export const decoder = createDecoder({ isObservationKey: (key) => key.startsWith('ml.features.') });
const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What the scanner makes of a body, as lists; else why it is refused. */
export function scan(signal: 'traces' | 'logs', encoding: 'protobuf' | 'json', body: Uint8Array<ArrayBuffer>): unknown {
  const decoded = decoder.decode({ signal, encoding, compression: 'identity', body });
  return decoded.ok ? dump(decoded.view) : decoded.kind;
}

function dump(view: AttributeTable) {
  const text = (offset: number, length: number) => utf8.decode(view.bytes.subarray(offset, offset + length));
  const scalar = (type: number, number: number, length: number): unknown => {
    if (type === VALUE.text) return text(number, length);
    if (type === VALUE.boolean) return number === 1;
    if (type === VALUE.number) return Number.isNaN(number) ? 'NaN' : number;
    return type === VALUE.empty ? null : 'other';
  };
  const attributes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      const a = from + i;
      const key = view.attributeKey[a] < 0 ? 'too long' : view.keys.textAt(view.attributeKey[a]);
      if (view.attributeType[a] !== VALUE.array)
        return [key, scalar(view.attributeType[a], view.attributeNumber[a], view.attributeLength[a])];
      const elements = Array.from({ length: view.attributeLength[a] }, (_, j) => {
        const e = view.attributeNumber[a] + j;
        return scalar(view.elementType[e], view.elementNumber[e], view.elementLength[e]);
      });
      return [key, elements];
    });
  return {
    resources: Array.from({ length: view.resourceCount }, (_, r) =>
      attributes(view.resourceStart[r], view.resourceStart[r + 1]),
    ),
    items: Array.from({ length: view.itemCount }, (_, i) => ({
      kind: view.itemKind[i],
      resource: view.itemResource[i],
      timeMs: view.itemTimeMs[i],
      ids: [...view.itemIds.subarray(6 * i, 6 * i + 6)],
      event: view.itemEvent[i] < 0 ? '' : view.keys.textAt(view.itemEvent[i]),
      traceState: text(view.itemTraceStateOffset[i], view.itemTraceStateLength[i]),
      dropped: view.itemDroppedCount[i],
      observations: view.itemObservationCount[i],
      attributes: attributes(view.itemStart[i], view.itemStart[i + 1]),
    })),
  };
}

/** The same of the request as it was written, in OTLP/JSON's shape: null counts as absent. */
export function plain(request: Json, signal: 'traces' | 'logs') {
  const isTrace = signal === 'traces';
  const list = (value: unknown) => (value ?? []) as Json[];
  const resources = list(request[isTrace ? 'resourceSpans' : 'resourceLogs']);
  const items = resources.flatMap((resource, index) =>
    list(resource[isTrace ? 'scopeSpans' : 'scopeLogs']).flatMap((scope) =>
      list(scope[isTrace ? 'spans' : 'logRecords']).map((item) => plainItem(item, index, isTrace)),
    ),
  );
  return {
    resources: resources.map(({ resource }) => list((resource as Json | undefined)?.attributes).map(plainAttribute)),
    items,
  };
}

function plainItem(item: Json, resource: number, isTrace: boolean) {
  const attributes = ((item.attributes ?? []) as Json[]).map(plainAttribute);
  const counts = attributes
    .filter(([key]) => String(key).startsWith('ml.features.'))
    .map(([, value]) => (Array.isArray(value) ? value.length : 1));
  return {
    kind: isTrace ? ITEM.span : ITEM.logRecord,
    resource,
    timeMs: isTrace ? ms(item.endTimeUnixNano) : ms(item.timeUnixNano) || ms(item.observedTimeUnixNano),
    ids: [...words(item.traceId, 32), ...words(item.spanId, 16)],
    event: isTrace || isTooLong(item.eventName) ? '' : (item.eventName ?? ''),
    traceState: isTrace ? (item.traceState ?? '') : '',
    dropped: plainNumber(item.droppedAttributesCount ?? 0) >>> 0,
    observations: Math.max(0, ...counts),
    attributes,
  };
}

/** What no fixed64 holds counts as absent. */
function ms(nanoseconds: unknown): number {
  const number = plainNumber(nanoseconds ?? 0);
  return number > 0 && number <= 2 ** 64 ? number / 1e6 : 0;
}

/** An id of another length, or with other than hex digits, counts as absent. */
function words(id: unknown, digits: number): number[] {
  const text = typeof id === 'string' && id.length === digits && /^[0-9a-f]+$/i.test(id) ? id : '0'.repeat(digits);
  return Array.from({ length: digits / 8 }, (_, i) => Number.parseInt(text.slice(8 * i, 8 * i + 8), 16));
}

function plainAttribute({ key, value }: Json): [unknown, unknown] {
  const any = (value ?? {}) as Json;
  const array = any.arrayValue as Json | null | undefined;
  const name = isTooLong(key) ? 'too long' : (key ?? '');
  return [name, array == null ? plainValue(any) : ((array.values ?? []) as Json[]).map(plainValue)];
}

/** Keys and event names share a dictionary. */
function isTooLong(text: unknown): boolean {
  return typeof text === 'string' && encoder.encode(text).length > DECODE_LIMITS.keyBytesMax;
}

function plainValue(any: Json | null): unknown {
  const isThere = (name: string) => any?.[name] != null;
  if (any === null) return null;
  if (isThere('stringValue')) return any.stringValue;
  if (isThere('boolValue')) return any.boolValue;
  for (const name of ['intValue', 'doubleValue']) {
    const number = plainNumber(any[name]);
    if (isThere(name)) return Number.isNaN(number) ? 'NaN' : number;
  }
  return ['arrayValue', 'kvlistValue', 'bytesValue'].some(isThere) ? 'other' : null;
}

/** A number or a text of at most 32 characters that spells one, as OTLP allows for 64-bit integers. */
function plainNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.length > 0 && value.length <= 32 ? Number(value) : Number.NaN;
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'a"b\\c\n\u0001', '𝄞é', 'production', '__proto__'),
);
const integer = fc.oneof(fc.integer(), fc.constantFrom('9007199254740993', '-9223372036854775808', '0')).map(String);
const scalar: fc.Arbitrary<Json> = fc.oneof(
  text.map((stringValue) => ({ stringValue })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue) => ({ doubleValue })),
  fc.integer({ min: -100, max: 100 }).map((n) => ({ doubleValue: n / 8 })),
  integer.map((intValue) => ({ intValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.constant({}),
  fc.constantFrom<Json>(
    { bytesValue: 'AAEC' },
    { kvlistValue: { values: [{ key: 'k', value: { stringValue: 'v' } }] } },
  ),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(scalar, fc.constant({ arrayValue: { values: [{ intValue: '1' }] } })), { maxLength: 5 })
      .map((values) => ({ arrayValue: { values } })),
  },
);
const key = fc.oneof(
  fc.constantFrom('ml.features.amount', 'ml.features.country', 'ml.model.name', 'x'),
  text.map((name) => `ml.features.${name}`),
);
const attributes = fc.array(
  fc.record({ key, value: fc.option(value, { nil: undefined }) }, { requiredKeys: ['key'] }),
  { maxLength: 8 },
);
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const nanoseconds = fc.integer({ min: 0, max: 2_000_000_000 }).map((ms) => `${ms}000000`);
const common = { attributes, traceId: hex(32), spanId: hex(16), droppedAttributesCount: fc.nat(9) };
const span = fc.record({ ...common, name: text, traceState: text, endTimeUnixNano: nanoseconds }, { requiredKeys: [] });
const logRecord = fc.record(
  {
    ...common,
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    eventName: fc.constantFrom('ml.prediction', 'x', ''),
    severityText: text,
  },
  { requiredKeys: [] },
);
const resource = fc.record({ attributes });

function requestOf(outer: string, middle: string, inner: string, item: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const scope = fc.record({ [inner]: fc.array(item, { maxLength: 4 }) });
  const group = fc.record({ resource, [middle]: fc.array(scope, { maxLength: 2 }) }, { requiredKeys: [] });
  return fc.record({ [outer]: fc.array(group, { maxLength: 3 }) });
}

export const SIGNALS = [
  ['traces', TRACE_REQUEST, requestOf('resourceSpans', 'scopeSpans', 'spans', span as fc.Arbitrary<Json>)],
  ['logs', LOG_REQUEST, requestOf('resourceLogs', 'scopeLogs', 'logRecords', logRecord as fc.Arbitrary<Json>)],
] as const;

/** The request in protobuf, as protobufjs writes it. */
export function encode(type: (typeof SIGNALS)[number][1], request: Json): Uint8Array<ArrayBuffer> {
  const message = JSON.parse(JSON.stringify(request), (name, given) =>
    name === 'traceId' || name === 'spanId' ? [...Buffer.from(given, 'hex')] : given,
  );
  return new Uint8Array(type.encode(type.fromObject(message)).finish());
}
