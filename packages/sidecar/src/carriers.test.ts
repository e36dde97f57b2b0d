/** One row, three carriers: span columns, events, packed values. All the way through a shard. */

import { schemaHash } from '@leeway/intake';
import { expect, test } from 'vitest';
import { logsOf, type Plain, tracesOf } from '../test/otlp.ts';
import { type Row, referenceOf, rowsOf } from '../test/scoring.ts';
import { Shard, type ShardSettings } from './shard.ts';

const MINUTE_MS = 60_000;
const AT_MS = 5_000;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const profile = referenceOf(rowsOf(2_000, 1));
const settings: ShardSettings = {
  paneMs: MINUTE_MS,
  latenessMs: 10_000,
  skewMs: 1_000,
  mode: 'wall',
  bodyBytesMax: 1 << 24,
  environmentsMax: 5,
  modelsMax: 5,
  versionsMax: 5,
  dedupIdsMax: 10_000,
  hashSeed: [1, 2],
  references: [{ model: 'risk', version: 'inherit', file: '', profile }],
};
const MODEL = { 'ml.model.name': 'risk' };
const HASH = schemaHash(['amount']);

const rows: readonly Row[] = rowsOf(300, 7).map((row, i) => (i % 10 === 0 ? { ...row, amount: null } : row));
const BATCH = 30;
const batches = Array.from({ length: rows.length / BATCH }, (_, i) => rows.slice(i * BATCH, (i + 1) * BATCH));
const spanId = (i: number) => (i + 1).toString(16).padStart(16, '0');
const outputsOf = (batch: readonly Row[]) => ({
  'ml.prediction.score': batch.map(({ score }) => score),
  'ml.features.country': batch.map(({ country }) => country),
});
const packedOf = (values: readonly (number | null)[], hash = HASH): Record<string, Plain> => ({
  'ml.capture.schema.hash': hash,
  'ml.capture.values': values,
});

const columns = tracesOf(
  batches.map((batch, i) => ({
    timeMs: AT_MS,
    traceId: TRACE,
    spanId: spanId(i),
    attributes: { ...MODEL, ...outputsOf(batch), 'ml.features.amount': batch.map(({ amount }) => amount) },
  })),
);
const packedSpans = tracesOf(
  batches.map((batch, i) => ({
    timeMs: AT_MS,
    traceId: TRACE,
    spanId: spanId(i),
    attributes: { ...MODEL, ...outputsOf(batch), ...packedOf(batch.map(({ amount }) => amount)) },
  })),
);
const eventOf = (row: Row, batch: number, index: number, features: Record<string, Plain>) => ({
  timeMs: AT_MS,
  traceId: TRACE,
  spanId: spanId(batch),
  event: 'ml.prediction',
  attributes: {
    ...MODEL,
    'ml.inference.row': index,
    'ml.prediction.score': row.score,
    'ml.features.country': row.country,
    ...features,
  },
});
const events = logsOf(
  batches.flatMap((batch, b) =>
    batch.map((row, i) =>
      eventOf(
        row,
        b,
        i,
        row.amount === null ? { 'ml.capture.missing': ['amount'] } : { 'ml.features.amount': row.amount },
      ),
    ),
  ),
);
const packedEvents = logsOf(
  batches.flatMap((batch, b) => batch.map((row, i) => eventOf(row, b, i, packedOf([row.amount])))),
);

const send = (shard: Shard, signal: 'traces' | 'logs', json: string) =>
  shard.append({ signal, encoding: 'json', compression: 'identity', body: new TextEncoder().encode(json) }, AT_MS)
    .outcome;
const booksOf = (shard: Shard) => {
  const { books } = shard.report(AT_MS);
  const processed = Object.fromEntries(books.processed.map((one) => [`${one.outcome} ${one.reason}`, one.count]));
  const sum = books.processed.reduce((total, { count }) => total + count, 0);
  expect(books.received).toBe(sum);
  return processed;
};
const panesOf = (shard: Shard) =>
  shard.report(10 * MINUTE_MS).series.map(({ panes }) => panes.map(({ index, state }) => [index, [...state]]));

test('law: the same rows as span columns, as events and packed give the same panes', () => {
  const carriers = [
    ['traces', columns],
    ['traces', packedSpans],
    ['logs', events],
    ['logs', packedEvents],
  ] as const;
  const panes = carriers.map(([signal, json]) => {
    const shard = new Shard(settings);
    expect(send(shard, signal, json)).toEqual({ kind: 'accepted', rejectedCount: 0 });
    expect(booksOf(shard)).toEqual({ 'counted reference': rows.length });
    return panesOf(shard);
  });
  expect(panes[0][0].length).toBeGreaterThan(0);
  for (const other of panes.slice(1)) expect(other).toEqual(panes[0]);
});

test('a row that comes by every carrier counts once', () => {
  const shard = new Shard(settings);
  send(shard, 'traces', columns);
  send(shard, 'traces', packedSpans);
  send(shard, 'logs', events);
  send(shard, 'logs', packedEvents);
  expect(booksOf(shard)).toEqual({ 'counted reference': 300, 'duplicate duplicate': 900 });
});

test('the books balance whatever packed values say of themselves', () => {
  const item = (attributes: Record<string, Plain>) =>
    tracesOf([{ timeMs: AT_MS, attributes: { ...MODEL, ...attributes } }]);
  const cases: readonly (readonly [Record<string, Plain>, Record<string, number>])[] = [
    [packedOf([1], 'ffffffffffffffff'), { 'rejected unknown_schema': 1 }],
    [{ 'ml.capture.values': [1] }, { 'rejected unknown_schema': 1 }],
    [{ ...packedOf([1]), 'ml.capture.values': 3 }, { 'rejected shape': 1 }],
    [packedOf([1, 2]), { 'rejected shape': 1 }],
    [{ ...packedOf([1, 2]), 'ml.inference.batch.size': 2 }, { 'counted reference': 2 }],
    [{ ...packedOf([1, 2]), 'ml.inference.row': [4, 9], 'ml.inference.batch.size': 50 }, { 'counted reference': 2 }],
    [{ ...packedOf([1, 2]), 'ml.inference.batch.size': 1e15 }, { 'counted reference': 2 }],
    [{ ...packedOf([1, 2]), 'ml.inference.batch.size': -7.5 }, { 'rejected shape': 1 }],
    [{ ...packedOf([1, 2]), 'ml.prediction.score': [0.1, 0.2] }, { 'counted reference': 2 }],
    [{ ...packedOf([1, 2]), 'ml.prediction.score': [0.1, 0.2, 0.3] }, { 'rejected shape': 3 }],
    [packedOf([]), { 'rejected shape': 1 }],
  ];
  for (const [attributes, expected] of cases) {
    const shard = new Shard(settings);
    send(shard, 'traces', item(attributes));
    expect(booksOf(shard), JSON.stringify(attributes)).toEqual(expected);
  }
});

test('a schema is learned from an item that carries its names, and by the other shards from a report', () => {
  const names = ['unused', 'amount'];
  const hash = schemaHash(names);
  const packed = (extra: Record<string, Plain> = {}) =>
    tracesOf([{ timeMs: AT_MS, attributes: { ...MODEL, ...packedOf([1, 250], hash), ...extra } }]);
  const first = new Shard(settings);
  const second = new Shard(settings);
  send(first, 'traces', packed());
  expect(booksOf(first)).toEqual({ 'rejected unknown_schema': 1 });
  send(first, 'traces', packed({ 'ml.capture.schema.names': ['other', 'names'] }));
  expect(booksOf(first)).toEqual({ 'rejected unknown_schema': 2 });
  send(first, 'traces', packed({ 'ml.capture.schema.names': names }));
  send(first, 'traces', packed());
  const report = first.report(AT_MS);
  expect(report.freshSchemas).toEqual([names]);
  expect(booksOf(first)).toEqual({ 'rejected unknown_schema': 2, 'counted reference': 2 });
  second.learnSchemas(report.freshSchemas);
  send(second, 'traces', packed());
  expect(booksOf(second)).toEqual({ 'counted reference': 1 });
  expect(second.report(AT_MS).freshSchemas).toEqual([]);
});

test('a model without a reference shows the names of its packed columns', () => {
  const shard = new Shard({ ...settings, references: [] });
  const names = ['a', 'b'];
  const attributes = { ...MODEL, ...packedOf([1, 2], schemaHash(names)), 'ml.capture.schema.names': names };
  send(shard, 'traces', tracesOf([{ timeMs: AT_MS, attributes }]));
  expect(shard.report(AT_MS).unknown).toMatchObject([{ model: 'risk', featureNames: names, rowCount: 1 }]);
});
