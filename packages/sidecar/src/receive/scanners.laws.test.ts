/**
 * Law: both scanners fill the table with what a library reads from the same bytes. The twin here is plain: protobufjs
 * for protobuf, JSON.parse for JSON, objects into lists.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decoder, encode, type Json, plain, SIGNALS, scan } from '../../test/scanner-twin.ts';

test.each(SIGNALS)('%s: the protobuf scanner reads what protobufjs wrote', (signal, type, requests) => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(scan(signal, 'protobuf', encode(type, request))).toEqual(plain(request, signal));
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

test('depth: 200,000 brackets are answered, not walked', () => {
  expect(scan('traces', 'json', new TextEncoder().encode('['.repeat(200_000)))).toBe('undecodable');
  expect(scan('traces', 'json', new TextEncoder().encode(`{"a":${'['.repeat(200_000)}`))).toBe('undecodable');
});
