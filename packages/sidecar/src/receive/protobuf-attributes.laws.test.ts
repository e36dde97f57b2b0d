/**
 * Law: the fast path for attributes is invisible. A decoder that has learned the senders' layout reads every request
 * as a new one does, which has no stencil to go by and takes the plain path; whole requests and damaged ones alike.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecoder } from './decode.ts';
import { VALUE } from './view-codes.ts';

const TRACE_ID = [0x0a, 16, ...Array.from({ length: 16 }, (_, i) => i + 1)];
const SPAN_ID = [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8];
const LIMITS = { itemCountMax: 64, attributeCountMax: 256, elementCountMax: 64, resourceCountMax: 8, keyCountMax: 64 };

const newDecoder = () => createDecoder({ isObservationKey: (key) => key.startsWith('ml.f'), limits: LIMITS });

function read(decoder: ReturnType<typeof createDecoder>, body: Uint8Array<ArrayBuffer>) {
  const decoded = decoder.decode({ signal: 'traces', encoding: 'protobuf', compression: 'identity', body });
  if (!decoded.ok) return decoded.kind;
  const { view } = decoded;
  const keyAt = (id: number) => (id < 0 ? undefined : view.keys.textAt(id));
  return {
    ids: [...view.itemIds.subarray(0, 6 * view.itemCount)],
    times: [...view.itemTimeMs.subarray(0, view.itemCount)],
    starts: [...view.itemStart.subarray(0, view.itemCount + 1)],
    observations: [...view.itemObservationCount.subarray(0, view.itemCount)],
    elements: [...view.elementNumber.subarray(0, view.elementCount)],
    attributes: Array.from({ length: view.attributeCount }, (_, a) => {
      const type = view.attributeType[a];
      const hasLength = type === VALUE.text || type === VALUE.array;
      return [keyAt(view.attributeKey[a]), type, view.attributeNumber[a], hasLength ? view.attributeLength[a] : 0];
    }),
  };
}

const field = (tag: number, content: readonly number[]): number[] => [tag, ...lengthOf(content.length), ...content];
const lengthOf = (length: number): number[] => (length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]);
const attribute = (key: readonly number[], value: readonly number[]): number[] =>
  field(0x4a, [...field(0x0a, key), ...field(0x12, value)]);
const span = (attributes: readonly (readonly number[])[]): number[] =>
  field(0x12, [...TRACE_ID, ...SPAN_ID, 0x41, 0, 0, 0, 0, 0, 0, 1, 0, ...attributes.flat()]);
const request = (spans: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(field(0x0a, field(0x12, spans.flat())));

const ascii = (text: string): number[] => [...Buffer.from(text)];
const zeros = (length: number): number[] => Array.from({ length }, () => 0);
/** Of every length around a word; words that are 0, −0 and NaN as doubles; what differs in one bit only. */
const KEYS = [
  ...['', 'a', 'ml.f', 'ml.f.', 'ml.f.a', 'ml.f.abcdef', 'ml.f.abcdeg', 'ml.f.abcdefghijklm', 'service.name'].map(
    ascii,
  ),
  ascii('k'.repeat(124)),
  ascii('k'.repeat(127)),
  ascii('k'.repeat(128)),
  ascii('k'.repeat(300)),
  zeros(22),
  [...zeros(13), 0x80, ...zeros(8)],
  [...zeros(13), 1, ...zeros(8)],
  [...zeros(4), 0xf8, 0x7f, ...zeros(8)],
  [...zeros(4), 0xf8, 0xff, ...zeros(8)],
];
const key = fc.nat(KEYS.length - 1).map((index) => KEYS[index]);
const value = fc.oneof(
  fc.constant<number[]>([]),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => [0x21, ...bytes]),
  fc.string({ maxLength: 12 }).map((text) => field(0x0a, ascii(text))),
  fc.constantFrom<number[]>(
    [0x18, 0],
    [0x18, 0x7f],
    [0x18, 0x80, 1],
    [0x18, 0xff, 0xff, 3],
    [0x10, 1],
    [0x10, 0x80, 1],
  ),
  fc.constantFrom<number[]>(
    [0x18],
    [0x21, 0],
    [0x0a, 9],
    [0x18, 0x80],
    [0x10, 1, 0x10, 0],
    [0x18, 7, 0x0a, 1, 65],
    [0x0a],
  ),
  fc.constant(field(0x2a, field(0x0a, [0x21, 0, 0, 0, 0, 0, 0, 8, 64]))),
);
const spanAttributes = fc.array(fc.tuple(key, value), { maxLength: 6 });

test('a decoder that knows the layout reads what a new one reads', () => {
  const learned = newDecoder();
  fc.assert(
    fc.property(
      fc.array(spanAttributes, { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
      (spans, damage) => {
        const withValues = (change: (v: number[]) => number[]) =>
          request(spans.map((attributes) => span(attributes.map(([k, v]) => attribute(k, change(v))))));
        const whole = withValues((v) => v);
        const damaged = whole.slice();
        for (const [at, byte] of damage) damaged[at % damaged.length] = byte;
        read(
          learned,
          withValues(() => [0x18, 1]),
        );
        expect(read(learned, whole)).toEqual(read(newDecoder(), whole));
        expect(read(learned, damaged)).toEqual(read(newDecoder(), damaged));
      },
    ),
    { numRuns: 400 },
  );
});

test('every key after every key, each with a value of every kind, is told apart', () => {
  const learned = newDecoder();
  const one = [0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
  for (const first of KEYS) {
    // Learned: `first` comes after nothing.
    read(learned, request([span([attribute(first, one)])]));
    for (const second of KEYS) {
      const body = request([
        span([attribute(second, one)]),
        span([attribute(first, one), attribute(second, [0x18, 5])]),
      ]);
      expect(read(learned, body)).toEqual(read(newDecoder(), body));
    }
  }
});

test('an empty value takes nothing from the field behind it', () => {
  const decoder = newDecoder();
  const name = ascii('ml.f.price');
  const body = request([
    span([attribute(name, [0x18, 1])]),
    // An unknown field follows that could be its value.
    field(0x12, [...TRACE_ID, ...attribute(name, []), 0x18, 3, 0x50, 0]),
  ]);
  const { attributes } = read(decoder, body) as { attributes: unknown[] };
  expect(attributes).toEqual([
    ['ml.f.price', VALUE.number, 1, 0],
    ['ml.f.price', VALUE.empty, 0, 0],
  ]);
});

test('an attribute that is longer than its span is refused, though bytes follow', () => {
  const learned = newDecoder();
  const name = ascii('ml.f.price');
  const last = attribute(name, field(0x0a, [65, 0x18]));
  const whole = span([last]);
  read(learned, request([whole]));
  // The span ends one byte early, and that byte begins an unknown field of the scope.
  const short = [whole[0], whole[1] - 1, ...whole.slice(2), 1];
  expect(read(learned, request([short]))).toBe('undecodable');
});

test('a length of two bytes is not taken for one, though what follows looks right', () => {
  const learned = newDecoder();
  // Ten bytes, so that its length looks like its tag when the second byte of the length is taken for the tag.
  const name = ascii('ml.f.price');
  read(learned, request([span([attribute(name, [0x18, 1])])]));
  const text = ascii('x'.repeat(112));
  const mimic = [0x4a, 0x80, 0x0a, 0x0a, ...name, 0x12, 114, 0x0a, 112, ...text];
  const body = request([span([mimic, ...Array.from({ length: 80 }, () => attribute(name, [0x18, 1]))])]);
  expect(read(learned, body)).toEqual(read(newDecoder(), body));
});

test('a double that is cut short is refused', () => {
  const learned = newDecoder();
  const name = ascii('ml.f.price');
  read(learned, request([span([attribute(name, [0x18, 1])])]));
  const cut = request([span([attribute(name, [0x21, 0]), attribute(name, [0x18, 1])])]);
  expect(read(learned, cut)).toBe('undecodable');
});

test('every byte of a request made another one, read by a decoder that knows the layout as by a new one', () => {
  const learned = newDecoder();
  const values = [[0x21, 0, 0, 0, 0, 0, 0, 8, 64], field(0x0a, ascii('basic')), [0x18, 0xff, 3], [0x10, 1]];
  const attributes = values.map((content, i) => attribute(ascii(`ml.f.feature_${i}`), content));
  const body = request([span(attributes), span(attributes)]);
  for (let at = 0; at < body.length; at++) {
    for (const change of [1, -1, 8, 0x80]) {
      read(learned, body);
      const damaged = body.slice();
      damaged[at] += change;
      expect(read(learned, damaged)).toEqual(read(newDecoder(), damaged));
    }
  }
});
