import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FUTURE_MS, LATE_MS, OVERFLOW_MS, processed, setUp, span } from '../test/set-up.ts';
import type { ItemInput, Scalar } from '../test/view-of.ts';
import { ROWS_MAX } from './intake.ts';

test('a span is a row: numbers, text, absent features missing, outputs', () => {
  const { rows, take, intake } = setUp();
  take([span({ 'ml.features.x': 1.5, 'ml.features.c': 'red', 'ml.prediction.score': 0.7 }, { timeMs: 5_000 })]);
  expect(rows).toEqual([{ timeMs: 5_000, weight: 1, cells: [1.5, 'red', 'missing', 0.7] }]);
  expect(processed(intake)).toEqual({ 'counted reference': 1 });
  expect(intake.books.unweighted.not_stated).toBe(1);
});

test('a batch is columns aligned by index, null where missing; ml.feature is accepted too', () => {
  const { rows, take } = setUp();
  take([
    span({
      'ml.feature.x': [1, null, 3],
      'ml.features.c': ['a', 'b', { other: true }],
      'ml.features.__proto__': [7, 8, 9],
    }),
  ]);
  expect(rows.map((row) => row.cells)).toEqual([
    [1, 'a', 7, 'absent'],
    ['missing', 'b', 8, 'absent'],
    [3, 'other', 9, 'absent'],
  ]);
});

test('columns of different lengths mean nothing: the item is rejected whole, its neighbours stay', () => {
  const { rows, take, intake } = setUp();
  const taken = take([span({ 'ml.features.x': [1, 2, 3], 'ml.features.c': ['a'] }), span({ 'ml.features.x': 1 })]);
  expect(taken).toEqual({ rejectedCount: 3, rejectedItemCount: 1 });
  expect(rows).toHaveLength(1);
  expect(processed(intake)).toEqual({ 'rejected shape': 3, 'counted reference': 1 });
});

test('what the SDK dropped is unknown, not missing; what the sender names is missing', () => {
  const { rows, take, intake } = setUp();
  take([
    span({ 'ml.features.x': 1 }, { droppedCount: 2 }),
    span({ 'ml.features.x': 1, 'ml.capture.missing': ['c'] }, { droppedCount: 2 }),
    span({ 'ml.prediction.score': 0.5 }),
  ]);
  expect(rows.map((row) => row.cells)).toEqual([
    [1, 'absent', 'absent', 'absent'],
    [1, 'missing', 'absent', 'absent'],
    ['absent', 'absent', 'absent', 0.5],
  ]);
  expect(intake.books.truncatedItems).toBe(2);
});

test('a prediction that comes as span and as event counts once, row by row', () => {
  const { rows, take, intake } = setUp();
  const ids = [1, 2, 3, 4, 5, 6];
  const event = { kind: 'log' as const, event: 'ml.prediction', ids };
  take([span({ 'ml.features.x': [1, 2] }, { ids })]);
  take([
    span({ 'ml.features.x': 2, 'ml.inference.row': 1 }, event),
    span({ 'ml.features.x': 3, 'ml.inference.row': 2 }, event),
    span({ 'ml.features.x': [2, 3, 4], 'ml.inference.row': [1, 2, 3] }, event),
  ]);
  expect(rows.map((row) => row.cells[0])).toEqual([1, 2, 3, 4]);
  expect(processed(intake)).toEqual({ 'counted reference': 4, 'duplicate duplicate': 3 });
});

test('weights: capture probability times the trace sampling threshold', () => {
  const { rows, take, intake } = setUp();
  take([
    span({ 'ml.features.x': 1, 'ml.capture.probability': 0.1 }, { traceState: 'a=b,ot=p:1;th:c' }),
    span({ 'ml.features.x': 1 }, { traceState: 'ot=th:8' }),
    span({ 'ml.features.x': 1, 'ml.capture.probability': 0 }),
  ]);
  // th:c rejects 3/4 and th:8 one half: adjusted counts 4 and 2.
  expect(rows.map((row) => row.weight)).toEqual([40, 2, 1]);
  expect(intake.books.unweighted).toEqual({ not_stated: 0, invalid_probability: 1, invalid_threshold: 0 });
});

test('regression: a probability of 1e-300 added 1e12 to a bin; what is no probability was only unweighted', () => {
  const { rows, take, intake } = setUp();
  const of = (probability: Scalar, more: Partial<ItemInput> = {}) =>
    span({ 'ml.features.x': 1, 'ml.capture.probability': probability }, more);
  take([of(1e-300), of(0.99e-6), of(1e-6), of(1e-3, { traceState: 'ot=th:fff' })]);
  expect(processed(intake)).toEqual({ 'rejected weight_limit': 3, 'counted reference': 1 });
  expect(rows.map((row) => row.weight)).toEqual([1e6]);
  take([of(-1), of(2), of('0.5'), of(Number.NaN), of(1, { traceState: 'ot=th:zz' })]);
  expect(rows.slice(1).map((row) => row.weight)).toEqual([1, 1, 1, 1, 1]);
  expect(intake.books.unweighted).toEqual({ not_stated: 0, invalid_probability: 4, invalid_threshold: 1 });
});

test('event time: the attribute in nanoseconds, by row in a batch, before the item’s own', () => {
  const { rows, take } = setUp();
  take([
    span({ 'ml.features.x': 1, 'ml.event.time': 7e9 }),
    span({ 'ml.features.x': [1, 2], 'ml.event.time': [8e9, 9e9] }),
  ]);
  expect(rows.map((row) => row.timeMs)).toEqual([7_000, 8_000, 9_000]);
});

test('environments do not merge; models without reference are counted and stay visible', () => {
  const { identities, take, intake } = setUp();
  take([span({ 'ml.features.x': 1 })], 2_000, { 'deployment.environment.name': 'staging' });
  take([span({ 'ml.features.x': 1 })], 2_000, { 'deployment.environment.name': 'production' });
  take([span({ 'ml.model.name': 'new', 'ml.features.a': [1, 2], 'ml.features.b': [1, 2] })], 3_000);
  expect(identities.map(({ environment, model }) => `${environment} ${model}`)).toEqual([
    'staging m',
    'production m',
    ' new',
  ]);
  expect(processed(intake)).toEqual({ 'counted reference': 2, 'counted no_reference': 2 });
  expect(intake.unknownModels()).toEqual([
    {
      environment: '',
      model: 'new',
      version: '1',
      rowCount: 2,
      firstSeenMs: 3_000,
      lastSeenMs: 3_000,
      featureNames: ['a', 'b'],
    },
  ]);
});

test('an item of too many rows is refused, a request of many rows goes in pieces', () => {
  const { take, intake, rows } = setUp();
  take([span({ 'ml.features.x': new Array<number>(ROWS_MAX + 1).fill(1) })]);
  expect(processed(intake)).toEqual({ 'rejected row_limit': ROWS_MAX + 1 });
  take([1, 2, 3].map((value) => span({ 'ml.features.x': new Array<number>(20_000).fill(value) })));
  expect(rows).toHaveLength(60_000);
  expect(processed(intake)['counted reference']).toBe(60_000);
});

test('no model name, another event, ground truth: each has its own count', () => {
  const { take, intake } = setUp();
  take([
    { attributes: { 'ml.features.x': 1 } },
    span({ 'ml.features.x': 1 }, { kind: 'log', event: 'other' }),
    span({ 'ml.ground_truth.label': 'late' }, { kind: 'log', event: 'ml.ground_truth' }),
    { attributes: { 'http.route': '/' } },
  ]);
  expect(processed(intake)).toEqual({ 'rejected no_model_name': 1, 'rejected no_event_name': 1 });
  expect(intake.books.ignored).toMatchObject({ no_values: 1, ground_truth: 1 });
});

test('late, future, without a time, no room for a pane: each row under its outcome, items that are refused whole counted', () => {
  const { take, intake, rows } = setUp();
  const at = (timeMs: number) => span({ 'ml.features.x': 1 }, { timeMs });
  const taken = take([
    at(5_000),
    at(LATE_MS),
    at(FUTURE_MS),
    at(OVERFLOW_MS),
    at(0),
    span({ 'ml.features.x': [1, 2, 3], 'ml.event.time': [5e9, FUTURE_MS * 1e6, null] }, { timeMs: 0 }),
    span({ 'ml.features.x': [1, 2], 'ml.event.time': [FUTURE_MS * 1e6, FUTURE_MS * 1e6] }),
  ]);
  expect(processed(intake)).toEqual({
    'counted reference': 2,
    'late late': 1,
    'rejected future': 4,
    'rejected no_time': 2,
    'rejected pane_limit': 1,
  });
  expect(taken).toEqual({ rejectedCount: 7, rejectedItemCount: 4 });
  expect(rows).toHaveLength(2);
});

test('row numbers and event times are as long as the batch and hold numbers, or the item is rejected', () => {
  const { take, intake } = setUp();
  const ids = [1, 2, 3, 4, 5, 6];
  const of = (more: ItemInput['attributes']) => span({ 'ml.features.x': [1, 2], ...more }, { ids });
  take([
    of({ 'ml.inference.row': [0] }),
    of({ 'ml.inference.row': [0, 1, 2] }),
    of({ 'ml.inference.row': ['a', 'b'] }),
    of({ 'ml.inference.row': [0, 0.5] }),
    of({ 'ml.inference.row': [0, -1] }),
    of({ 'ml.inference.row': 'a' }),
    of({ 'ml.event.time': [1e9] }),
  ]);
  expect(processed(intake)).toEqual({ 'rejected shape': 14 });
  // Numbers that are equal in their lower 32 bits are different rows.
  take([of({ 'ml.inference.row': [7, 7 + 2 ** 32] })]);
  expect(processed(intake)['counted reference']).toBe(2);
});

test('features that the reference does not have: counted, told once a minute, and no gap in the others', () => {
  const { take, intake, rows } = setUp();
  const all = span({ 'ml.features.y': [1, 2], 'ml.features.z\u202e"': ['a', 'b'], 'ml.capture.missing': ['w'] });
  expect(take([all]).remark).toBe('Not in the reference of "m", and ignored: "y", "z\\u202e\\"".');
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['absent', 'absent', 'absent', 'absent'],
    ['absent', 'absent', 'absent', 'absent'],
  ]);
  expect(intake.books.ignoredValues).toEqual({ not_in_reference: 4 });
  expect(take([span({ 'ml.features.x': 1, 'ml.features.y': 2 })], 60_000).remark).toBeUndefined();
  expect(rows[2].cells).toEqual([1, 'missing', 'missing', 'absent']);
  expect(take([span({ 'ml.features.y': 2 })], 62_001).remark).toContain('"y"');
  expect(intake.books.ignoredValues).toEqual({ not_in_reference: 6 });
  expect(intake.ignoredFeatures()).toEqual([
    { environment: '', model: 'm', version: '1', featureNames: ['y', 'z\u202e"'] },
  ]);
});

test('names of ignored features are bounded in number and length', () => {
  const { take, intake } = setUp();
  const features = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`ml.features.${'x'.repeat(200)}${i}`, 1]));
  const more = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`ml.features.n${i}`, 1]));
  const { remark = '' } = take([span({ ...features, ...more })]);
  expect(remark.length).toBeLessThan(1_500);
  expect(remark).toContain('and more');
  expect(intake.ignoredFeatures()[0].featureNames).toHaveLength(20);
});

test('regression: a name repeated a million times as missing wrote all rows a million times', () => {
  const { take, rows } = setUp();
  const count = ROWS_MAX;
  take([
    span({
      'ml.features.x': new Array<number>(count).fill(1),
      'ml.capture.missing': new Array<string>(100_000).fill('c'),
    }),
  ]);
  expect(rows[count - 1].cells).toEqual([1, 'missing', 'missing', 'absent']);
});

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.double(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant({ other: true as const }),
);
const key = fc.oneof(
  fc.constantFrom(
    'ml.model.name',
    'ml.model.version',
    'ml.features.x',
    'ml.features.c',
    'ml.feature.x',
    'ml.prediction.score',
  ),
  fc.constantFrom(
    'ml.event.time',
    'ml.inference.row',
    'ml.capture.missing',
    'ml.capture.probability',
    'ml.features.__proto__',
    'ml.features.',
  ),
  fc.string().map((name) => `ml.features.${name}`),
);
const item: fc.Arbitrary<ItemInput> = fc.record({
  attributes: fc
    .array(fc.tuple(key, fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }))), { maxLength: 8 })
    .map((entries) => Object.fromEntries([['ml.model.name', 'm'], ...entries])),
  kind: fc.constantFrom('span' as const, 'log' as const),
  event: fc.constantFrom('ml.prediction', 'x'),
  ids: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
  droppedCount: fc.nat(1),
  traceState: fc.constantFrom('', 'ot=th:8', 'ot=th:zz', 'ot'),
});

test('law: the books balance after every request, whatever came', () => {
  fc.assert(
    fc.property(fc.array(fc.array(item, { maxLength: 6 }), { maxLength: 4 }), (requests) => {
      const { take, intake, rows } = setUp();
      for (const items of requests) {
        // `take` asserts it.
        take(items);
      }
      expect(processed(intake)['counted reference'] ?? 0).toBe(rows.length);
    }),
  );
});
