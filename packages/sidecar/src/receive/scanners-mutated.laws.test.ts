/**
 * Law: damaged bodies too are read as a library reads them, or refused by both.
 *
 * protobuf. The library is protobufjs, with two schemas. What the schema of the fields that the scanner reads refuses,
 * the scanner refuses, and what that reads, the scanner reads alike: no exception. The full schema of OTLP refuses
 * more, and only there may the scanner read what a library refuses: where the fault is in a field that the first schema
 * does not have, or is ill-formed UTF-8 in a text. Whatever the full schema reads, the scanner reads. The mutants are
 * too small for what the two are known to differ in: tags and lengths padded beyond five bytes, which only the scanner
 * takes; skipped varints beyond ten bytes, groups beyond 32 levels and values beyond 32, which only protobufjs takes.
 *
 * JSON. The library is JSON.parse. What it refuses, the scanner refuses; what it takes, the scanner reads alike where
 * each member that it reads is of the kind that OTLP says, and refuses elsewhere. Not compared: objects that name a
 * member twice, of which JSON.parse keeps the last and protobuf's way would be to merge.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReadable, uniqueNames } from '../../test/otlp-json-shape.ts';
import { readByLibrary } from '../../test/read-schema.ts';
import { encode, type Json, plain, SIGNALS, scan } from '../../test/scanner-twin.ts';
import { TRACE_REQUEST } from './bench/otlp-schema.bench.ts';

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

interface Edit<T> {
  /** Share of the body before it. */
  readonly at: number;
  readonly cut: number;
  readonly insert: readonly T[];
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A body makes as many mutants as there are lists of edits. */
function mutations<T>(unit: fc.Arbitrary<T>): fc.Arbitrary<Edit<T>[][]> {
  const replaced = fc.record({ at: share, cut: fc.constant(1), insert: fc.tuple(unit) });
  const shifted = fc.record({ at: share, cut: fc.nat(2), insert: fc.array(unit, { maxLength: 2 }) });
  const edit: fc.Arbitrary<Edit<T>> = fc.oneof({ weight: 4, arbitrary: replaced }, { weight: 1, arbitrary: shifted });
  return fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 12, maxLength: 12 });
}

function mutated<T>(body: readonly T[], edits: readonly Edit<T>[]): T[] {
  const all = [...body];
  for (const { at, cut, insert } of edits) all.splice(Math.floor(at * all.length), cut, ...insert);
  return all;
}

/** Tags, lengths and the ends of varints, and any other. */
const byte = fc.oneof(
  fc.constantFrom(0, 1, 2, 7, 8, 0x0a, 0x0b, 0x0c, 0x10, 0x12, 0x18, 0x21, 0x2a, 0x32, 0x3a, 0x4a, 0x7f, 0x80, 0xff),
  fc.nat(255),
);
/** Requests, of 12 mutants each. */
const RUNS = 150;

test.each(SIGNALS)('%s: mutated protobuf is read as protobufjs reads it', (signal, type, requests) => {
  const count = { read: 0, refused: 0 };
  fc.assert(
    fc.property(requests, mutations(byte), (request, mutants) => {
      const whole = [...encode(type, request)];
      for (const edits of mutants) {
        const bytes = Uint8Array.from(mutated(whole, edits));
        const read = readByLibrary(signal, bytes);
        expect(scan(signal, 'protobuf', bytes)).toEqual(read === undefined ? 'undecodable' : plain(read, signal));
        if (read === undefined) expect(isRead(() => type.decode(bytes))).toBe(false);
        count[read === undefined ? 'refused' : 'read']++;
      }
    }),
    { numRuns: RUNS },
  );
  // Both were met.
  expect(Math.min(...Object.values(count))).toBeGreaterThan(0);
});

test.each([
  ['a fault in an event of a span, which is skipped', [0x5a, 2, 0x12, 9], []],
  ['a field of no known wire type in the status of a span, which is skipped', [0x7a, 1, 0x17], []],
  ['ill-formed UTF-8 in a key', [0x4a, 3, 0x0a, 1, 0xff], [['\ufffd', null]]],
  ['ill-formed UTF-8 in a text value', [0x4a, 5, 0x12, 3, 0x0a, 1, 0xc0], [['', '\ufffd']]],
])('what only the full schema refuses: %s', (_, span, attributes) => {
  const bytes = Uint8Array.from([0x0a, span.length + 4, 0x12, span.length + 2, 0x12, span.length, ...span]);
  expect(isRead(() => TRACE_REQUEST.decode(bytes))).toBe(false);
  const read = readByLibrary('traces', bytes);
  expect(plain(read as Json, 'traces')).toMatchObject({ items: [{ attributes }] });
  expect(scan('traces', 'protobuf', bytes)).toEqual(plain(read as Json, 'traces'));
});

const ARRAY_OF_1 = [0x2a, 4, 0x0a, 2, 0x18, 1];
test.each([
  ['an array twice, which merges', [...ARRAY_OF_1, ...ARRAY_OF_1], [1, 1]],
  ['an array, a number and an array, of which the last counts', [...ARRAY_OF_1, 0x18, 5, ...ARRAY_OF_1], [1]],
  ['an array and a number', [...ARRAY_OF_1, 0x18, 5], 5],
  ['a number and an array', [0x18, 5, ...ARRAY_OF_1], [1]],
  ['a number, and another', [0x18, 5, 0x18, 6], 6],
])('fields of one value: %s', (_, fields, value) => {
  const attribute = [0x12, fields.length, ...fields];
  const span = [0x4a, attribute.length, ...attribute];
  const bytes = Uint8Array.from([0x0a, span.length + 4, 0x12, span.length + 2, 0x12, span.length, ...span]);
  const read = plain(readByLibrary('traces', bytes) as Json, 'traces');
  expect(read).toMatchObject({ items: [{ attributes: [['', value]] }] });
  expect(scan('traces', 'protobuf', bytes)).toEqual(read);
});

const piece = fc.constantFrom(
  ...['"', '{', '}', '[', ']', ',', ':', '\\', '\\u12', '\\ud83d', '\\n', 'é', '𝄞', '\u0000', '\u007f'],
  ...['null', 'true', 'false', '{}', '[]', '""', ' ', '\n', '0', '7', '-', '.', '.5', 'e1', 'E-2', 'a', 'F', 'x'],
);

test.each(SIGNALS)('%s: mutated JSON is read as JSON.parse reads it', (signal, _, requests) => {
  const count = { read: 0, refused: 0 };
  fc.assert(
    fc.property(requests, mutations(piece), (request, mutants) => {
      const whole = [...JSON.stringify(request)];
      for (const edits of mutants) {
        const kind = compare(signal, mutated(whole, edits).join(''));
        if (kind === 'read' || kind === 'refused') count[kind]++;
      }
    }),
    { numRuns: RUNS },
  );
  expect(Math.min(...Object.values(count))).toBeGreaterThan(0);
});

/** In the place of each value. */
const VALUES = [
  ...['null', 'true', '{}', '[]', '[null]', '0', '-0', '-1', '0.1', '1e3', '1e400', '4294967297', '01', '""'],
  ...['"7"', '"-1.5"', '"0x1f"', '"NaN"', '"Infinity"', '"18446744073709551617"', '"\\ud83d\\ude00"', '"\\udead"'],
  ...['"\\u0000"', '"0123456789abcdefABCDEF0123456789"', '"0123456789abcdef"', '"0123456789abcdeg"'],
  ...[
    `"${'1'.repeat(33)}"`,
    `"${'k'.repeat(257)}"`,
    '{"intValue":"5"}',
    '[{"boolValue":true}]',
    '{"kvlistValue":null}',
  ],
  ...['{"arrayValue":{"values":null}}', '{"arrayValue":{"values":[null,{"bytesValue":7},{"stringValue":"a"}]}}'],
];
const ATTRIBUTES = [
  { key: 'ml.features.text', value: { stringValue: 'a' } },
  { key: 'ml.features.double', value: { doubleValue: 1.5 } },
  { key: 'ml.features.integer', value: { intValue: '2' } },
  { key: 'ml.features.flag', value: { boolValue: true } },
  { key: 'ml.features.list', value: { arrayValue: { values: [{ doubleValue: 1 }, { stringValue: 'b' }] } } },
  { key: 'ml.features.other', value: { kvlistValue: { values: [] } } },
];
const ITEM = {
  ...{ traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', droppedAttributesCount: 1 },
  ...{ name: 'x', traceState: 'a=b', endTimeUnixNano: '1700000000000000000' },
  ...{ eventName: 'x', timeUnixNano: '1700000000000000000', observedTimeUnixNano: '1800000000000000000' },
  attributes: ATTRIBUTES,
};
const WHOLE = {
  traces: { resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans: [ITEM, {}] }] }] },
  logs: { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords: [ITEM, {}] }] }] },
} as const;
const MARK = '(here)';

test.each(['traces', 'logs'] as const)('%s: every value in the place of every other', (signal) => {
  const count = { read: 0, refused: 0, 'of another kind': 0, 'not compared': 0 };
  let valueCount = 0;
  JSON.stringify(WHOLE[signal], (_, given) => {
    valueCount++;
    return given;
  });
  for (let at = 0; at < valueCount; at++) {
    let until = at;
    const marked = JSON.stringify(WHOLE[signal], (_, given) => (until-- === 0 ? MARK : given));
    for (const value of VALUES)
      count[
        compare(
          signal,
          marked.replace(JSON.stringify(MARK), () => value),
        )
      ]++;
  }
  expect(count).toMatchObject({ refused: valueCount, 'not compared': 0 });
  expect(Math.min(count.read, count['of another kind'])).toBeGreaterThan(300);
});

/** Compares the scanner with JSON.parse; says which case it was. */
function compare(signal: 'traces' | 'logs', mutant: string) {
  const bytes = encoder.encode(mutant);
  const text = utf8.decode(bytes);
  const json = parsed(text);
  if (json !== undefined && !uniqueNames(text, json)) return 'not compared';
  const isRequest = json !== undefined && isReadable(json, signal);
  expect(scan(signal, 'json', bytes), text).toEqual(isRequest ? plain(json as Json, signal) : 'undecodable');
  return json === undefined ? 'refused' : isRequest ? 'read' : 'of another kind';
}

/** Lone surrogates, which UTF-8 cannot carry, become U+FFFD. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => (typeof value === 'string' ? utf8.decode(encoder.encode(value)) : value));
  } catch {
    return undefined;
  }
}

function isRead(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
