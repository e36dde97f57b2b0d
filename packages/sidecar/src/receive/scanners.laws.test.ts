/**
 * Law: both scanners fill the table with what a library reads from the same bytes. The twin here is plain: protobufjs
 * for protobuf, JSON.parse for JSON, objects into lists.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeTable } from './attribute-table.ts';
import { LOG_REQUEST, TRACE_REQUEST } from './bench/otlp-schema.bench.ts';
import { createDecoder } from './decode.ts';
import { ITEM, VALUE } from './view-codes.ts';

type Json = Record<string, unknown>;

const decoder = createDecoder({ isObservationKey: (key) => key.startsWith('ml.features.') });
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function scan(signal: 'traces' | 'logs', encoding: 'protobuf' | 'json', body: Uint8Array<ArrayBuffer>): unknown {
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

/** The same of the request as it was written, in OTLP/JSON's shape. */
function plain(request: Json, signal: 'traces' | 'logs') {
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
  const ms = (nanoseconds: unknown) => Number(nanoseconds ?? 0) / 1e6;
  return {
    kind: isTrace ? ITEM.span : ITEM.logRecord,
    resource,
    timeMs: isTrace ? ms(item.endTimeUnixNano) : ms(item.timeUnixNano) || ms(item.observedTimeUnixNano),
    ids: [...words(item.traceId, 32), ...words(item.spanId, 16)],
    event: isTrace ? '' : (item.eventName ?? ''),
    traceState: isTrace ? (item.traceState ?? '') : '',
    dropped: item.droppedAttributesCount ?? 0,
    observations: Math.max(0, ...counts),
    attributes,
  };
}

function words(id: unknown, digits: number): number[] {
  const text = typeof id === 'string' && id.length === digits ? id : '0'.repeat(digits);
  return Array.from({ length: digits / 8 }, (_, i) => Number.parseInt(text.slice(8 * i, 8 * i + 8), 16));
}

function plainAttribute({ key, value }: Json): [unknown, unknown] {
  const any = value as Json | undefined;
  const values = (any?.arrayValue as Json | undefined)?.values as Json[] | undefined;
  return [key, any?.arrayValue === undefined ? plainValue(any) : (values ?? []).map(plainValue)];
}

function plainValue(any: Json | undefined): unknown {
  if (any === undefined) return null;
  if ('stringValue' in any) return any.stringValue;
  if ('boolValue' in any) return any.boolValue;
  if ('intValue' in any) return Number(any.intValue);
  if ('doubleValue' in any)
    return typeof any.doubleValue === 'string' || Number.isNaN(any.doubleValue)
      ? plainDouble(any.doubleValue)
      : any.doubleValue;
  return Object.keys(any).length === 0 ? null : 'other';
}

const plainDouble = (value: unknown) => (Number.isNaN(Number(value)) ? 'NaN' : Number(value));

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

const SIGNALS = [
  ['traces', TRACE_REQUEST, requestOf('resourceSpans', 'scopeSpans', 'spans', span as fc.Arbitrary<Json>)],
  ['logs', LOG_REQUEST, requestOf('resourceLogs', 'scopeLogs', 'logRecords', logRecord as fc.Arbitrary<Json>)],
] as const;

test.each(SIGNALS)('%s: the protobuf scanner reads what protobufjs wrote', (signal, type, requests) => {
  fc.assert(
    fc.property(requests, (request) => {
      const message = JSON.parse(JSON.stringify(request), (name, given) =>
        name === 'traceId' || name === 'spanId' ? [...Buffer.from(given, 'hex')] : given,
      );
      const bytes = new Uint8Array(type.encode(type.fromObject(message)).finish());
      expect(scan(signal, 'protobuf', bytes)).toEqual(plain(request, signal));
    }),
    { numRuns: 500 },
  );
});

/** The same JSON, written in other ways that mean the same. */
const WRITINGS: readonly ((request: Json) => string)[] = [
  (request) => JSON.stringify(request),
  (request) => JSON.stringify(request, null, 3),
  (request) =>
    JSON.stringify(request).replaceAll(/[^\x20-\x7e]|[/k]/g, (c) =>
      [...Array(c.length)].map((_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
    ),
  (request) => JSON.stringify({ unknown: [{ a: '\\"', b: null }, 1e-7, true], ...request }),
];

test.each(SIGNALS)('%s: the JSON scanner reads what JSON.parse reads, however it is written', (signal, _, requests) => {
  fc.assert(
    fc.property(requests, fc.constantFrom(...WRITINGS), (request, write) => {
      // JSON.stringify writes −0 as 0.
      const written = JSON.parse(JSON.stringify(request)) as Json;
      expect(scan(signal, 'json', new TextEncoder().encode(write(request)))).toEqual(plain(written, signal));
    }),
    { numRuns: 1_000 },
  );
});

test('law: numbers are read as JSON.parse reads them, to the last bit', () => {
  const spelling = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
    fc.double({ min: 1e-4, max: 1e4, noNaN: true }).map((n) => JSON.stringify(n)),
    fc.tuple(fc.integer(), fc.nat(999_999), fc.integer({ min: -30, max: 30 })).map(([a, b, e]) => `${a}.${b}e${e}`),
    fc.constantFrom(
      '-0',
      '0.0',
      '123456789012345678901234567890',
      '0.1000000000000000055511151231257827',
      '1E400',
      '5e-324',
    ),
  );
  fc.assert(
    fc.property(spelling, (number) => {
      const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"k","value":{"doubleValue":${number}}}]}]}]}]}`;
      const decoded = decoder.decode({
        signal: 'traces',
        encoding: 'json',
        compression: 'identity',
        body: new TextEncoder().encode(json),
      });
      expect(decoded.ok && decoded.view.attributeNumber[0]).toBe(JSON.parse(number));
    }),
    { numRuns: 5_000 },
  );
});

test('law: what is no JSON is refused, as JSON.parse refuses it; nothing crashes', () => {
  const base = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'é"', value: { stringValue: 'x\n' } }] },
        scopeSpans: [{ spans: [{ attributes: [{ key: 'k', value: { doubleValue: -1.5e3 } }] }] }],
      },
    ],
  });
  fc.assert(
    fc.property(
      fc.nat(base.length),
      fc.nat(2),
      fc.constantFrom(
        '',
        '"',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '\\',
        '\\u12',
        '0',
        '-',
        '.',
        'e',
        'tru',
        'null',
        ' ',
        '\u0000',
      ),
      (at, cut, insert) => {
        const mutated = base.slice(0, at) + insert + base.slice(at + cut);
        let isJson = true;
        try {
          JSON.parse(mutated);
        } catch {
          isJson = false;
        }
        const result = scan('traces', 'json', new TextEncoder().encode(mutated));
        if (!isJson) expect(result).toBe('undecodable');
      },
    ),
    { numRuns: 5_000 },
  );
});

test('mutated protobuf is refused or read, and never crashes', () => {
  const request = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'a', value: { stringValue: 'b' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceState: 'ot=th:8',
                attributes: [
                  { key: 'ml.features.x', value: { arrayValue: { values: [{ doubleValue: 1 }, { intValue: '2' }] } } },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  const golden = TRACE_REQUEST.encode(TRACE_REQUEST.fromObject(request)).finish();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(golden.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(golden.length),
      (edits, length) => {
        const bytes = new Uint8Array(golden.slice(0, Math.max(1, length)));
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        const result = scan('traces', 'protobuf', bytes);
        expect(result === 'undecodable' || result === 'too_large' || typeof result === 'object').toBe(true);
      },
    ),
    { numRuns: 10_000 },
  );
});

test('depth: 200,000 brackets are answered, not walked', () => {
  expect(scan('traces', 'json', new TextEncoder().encode('['.repeat(200_000)))).toBe('undecodable');
  expect(scan('traces', 'json', new TextEncoder().encode(`{"a":${'['.repeat(200_000)}`))).toBe('undecodable');
});
