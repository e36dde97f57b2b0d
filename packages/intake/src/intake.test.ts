import { CELL, type ColumnBatch } from '@leeway/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ItemInput, type Scalar, ViewMaker } from '../test/view-of.ts';
import type { BuilderColumn } from './batch-builder.ts';
import { Intake, ROWS_MAX } from './intake.ts';
import type { Identity } from './unknown-models.ts';

const COLUMNS: readonly BuilderColumn[] = [
  { name: 'x', role: 'feature', type: 'numeric' },
  { name: 'c', role: 'feature', type: 'categorical' },
  { name: '__proto__', role: 'feature', type: 'numeric' },
  { name: 'score', role: 'output', type: 'numeric' },
];

interface Row {
  readonly timeMs: number;
  readonly weight: number;
  readonly cells: readonly unknown[];
}

function setUp(known: (identity: Identity) => boolean = ({ model }) => model === 'm') {
  const rows: Row[] = [];
  const identities: Identity[] = [];
  const target = {
    columns: COLUMNS,
    append: (batch: ColumnBatch) => {
      for (let row = 0; row < batch.rowCount; row++) rows.push(rowOf(batch, row));
      return { counted: batch.rowCount, late: 0, future: 0, overflow: 0 };
    },
  };
  const intake = new Intake({
    resolve: (identity) => {
      identities.push(identity);
      return known(identity) ? target : undefined;
    },
  });
  const maker = new ViewMaker();
  const take = (items: readonly ItemInput[], nowMs = 2_000, resource = {}) =>
    intake.take(maker.view({ items, resource }), nowMs);
  return { intake, rows, identities, take };
}

function rowOf(batch: ColumnBatch, row: number): Row {
  const cells = batch.columns.map(({ kinds, values }) => {
    const kind = kinds[row];
    if (kind === CELL.number) return values[row];
    if (kind === CELL.text) return batch.texts.textAt(values[row]);
    return Object.keys(CELL).find((name) => CELL[name as keyof typeof CELL] === kind);
  });
  return { timeMs: batch.eventMs[row], weight: batch.weights[row], cells };
}

const processed = (intake: Intake) =>
  Object.fromEntries(
    intake.books.snapshot().processed.map(({ outcome, reason, count }) => [`${outcome} ${reason}`, count]),
  );
const span = (attributes: ItemInput['attributes'], more: Partial<ItemInput> = {}): ItemInput => ({
  attributes: { 'ml.model.name': 'm', 'ml.model.version': '1', ...attributes },
  ...more,
});

test('a span is a row: numbers, text, absent features missing, outputs', () => {
  const { rows, take, intake } = setUp();
  take([span({ 'ml.features.x': 1.5, 'ml.features.c': 'red', 'ml.prediction.score': 0.7 }, { timeMs: 5_000 })]);
  expect(rows).toEqual([{ timeMs: 5_000, weight: 1, cells: [1.5, 'red', 'missing', 0.7] }]);
  expect(processed(intake)).toEqual({ 'counted reference': 1 });
  expect(intake.books.snapshot()).toMatchObject({ received: 1, unweighted: 1 });
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
  expect(take([span({ 'ml.features.x': [1, 2, 3], 'ml.features.c': ['a'] }), span({ 'ml.features.x': 1 })])).toBe(3);
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
  expect(intake.books.unweighted).toBe(1);
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

test('caps: beyond them a model is refused and counted, the admitted ones go on', () => {
  const { take, intake } = setUp(() => false);
  take(Array.from({ length: 60 }, (_, i) => span({ 'ml.model.version': `${i}`, 'ml.features.x': 1 })));
  expect(processed(intake)).toEqual({ 'counted no_reference': 50, 'rejected model_limit': 10 });
  expect(intake.books.overflow.versions).toBe(10);
});

test('an item of too many rows is refused, a request of many rows goes in pieces', () => {
  const { take, intake, rows } = setUp();
  take([span({ 'ml.features.x': new Array<number>(ROWS_MAX + 1).fill(1) })]);
  expect(processed(intake)).toEqual({ 'rejected row_limit': ROWS_MAX + 1 });
  take([1, 2, 3].map((value) => span({ 'ml.features.x': new Array<number>(20_000).fill(value) })));
  expect(rows).toHaveLength(60_000);
  expect(intake.books.inFlight).toBe(0);
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
  expect(intake.books.ignored).toEqual({ no_values: 1, ground_truth: 1 });
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
        take(items);
        expect(intake.books.inFlight).toBe(0);
      }
      expect(processed(intake)['counted reference'] ?? 0).toBe(rows.length);
    }),
  );
});
