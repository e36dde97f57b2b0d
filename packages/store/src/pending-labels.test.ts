import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { type PendingLabelOptions, PendingLabels } from './pending-labels.ts';

const DAY_MS = 86_400_000;

function open(options: Partial<PendingLabelOptions> = {}): PendingLabels {
  const store = new PendingLabels({ path: ':memory:', ttlMs: 7 * DAY_MS, ...options });
  onTestFinished(() => store.close());
  return store;
}

function fileOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'labels.db');
}

const predict = (store: PendingLabels, ids: readonly string[], nowMs: number) =>
  store.addPredictions(
    {
      model: 'fraud',
      version: '7',
      inferenceIds: ids,
      rows: ids.map(() => 0),
      labels: ids.map(() => 'ok'),
      values: ids.map((_, i) => i / 8),
      scores: [ids.map(() => 0.25), ids.map(() => 0.75)],
      weights: ids.map(() => 4),
      eventMs: ids.map(() => nowMs),
    },
    nowMs,
  );
const label = (store: PendingLabels, id: string, truth: string, nowMs: number, eventMs?: number) =>
  store.addLabels(
    {
      model: 'fraud',
      inferenceIds: [id],
      rows: [0],
      labels: [truth],
      ...(eventMs === undefined ? {} : { eventMs: [eventMs] }),
    },
    nowMs,
  );

test('a label that comes days later meets its prediction, with all that was predicted', () => {
  const store = open();
  expect(predict(store, ['a', 'b'], 1_000)).toEqual([]);
  expect(label(store, 'b', 'fraud', 3 * DAY_MS)).toEqual([
    {
      model: 'fraud',
      version: '7',
      label: 'ok',
      value: 0.125,
      scores: Float64Array.of(0.25, 0.75),
      weight: 4,
      eventMs: 1_000,
      truth: { label: 'fraud', value: Number.NaN },
      arrivedMs: 3 * DAY_MS,
    },
  ]);
  expect(store.counts).toMatchObject({ predictions: 2, matched: 1 });
  expect(store.waiting).toEqual({ predictions: 1, labels: 0 });
});

test('a label that comes first waits for its prediction', () => {
  const store = open();
  expect(label(store, 'a', 'fraud', 1_000)).toEqual([]);
  expect(store.waiting).toEqual({ predictions: 0, labels: 1 });
  expect(predict(store, ['a'], 2_000)).toMatchObject([{ truth: { label: 'fraud' }, arrivedMs: 1_000, eventMs: 2_000 }]);
  expect(store.waiting).toEqual({ predictions: 0, labels: 0 });
});

test('the same truth again is a duplicate, another one a correction that tells what it replaces', () => {
  const store = open();
  predict(store, ['a'], 0);
  label(store, 'a', 'fraud', 1_000);
  expect(label(store, 'a', 'fraud', 2_000)).toEqual([]);
  expect(label(store, 'a', 'ok', 3_000)).toMatchObject([
    { truth: { label: 'ok' }, replaced: { label: 'fraud' }, arrivedMs: 3_000 },
  ]);
  expect(store.counts).toMatchObject({ matched: 1, duplicate: 1, corrected: 1 });
  label(store, 'x', 'ok', 1_000);
  label(store, 'x', 'ok', 1_000);
  label(store, 'x', 'fraud', 1_000);
  expect(predict(store, ['x'], 2_000)).toMatchObject([{ truth: { label: 'fraud' } }]);
  expect(store.counts).toMatchObject({ matched: 2, duplicate: 2, corrected: 2 });
});

test('models and rows are apart, also where their texts run into one another', () => {
  const store = open();
  const batch = (model: string, id: string, row: number) => ({
    model,
    version: '7',
    inferenceIds: [id],
    rows: [row],
    eventMs: [0],
  });
  store.addPredictions(batch('a', 'bc', 0), 0);
  store.addPredictions(batch('ab', 'c', 0), 0);
  store.addPredictions(batch('a', 'bc', 1), 0);
  expect(store.counts).toMatchObject({ predictions: 3, duplicatePredictions: 0 });
  const truth = { labels: ['yes'] };
  expect(store.addLabels({ ...batch('ab', 'c', 0), ...truth }, 1)).toMatchObject([{ model: 'ab' }]);
  expect(store.addLabels({ ...batch('ab', 'c', 1), ...truth }, 1)).toEqual([]);
});

test('a label that names no version meets a champion and its shadow, and is counted once', () => {
  const store = open();
  const of = (version: string | undefined, truth: string) => ({
    model: 'fraud',
    version,
    inferenceIds: ['a'],
    rows: [0],
    labels: [truth],
  });
  const predicted = (version: string) => ({ ...of(version, 'ok'), version, eventMs: [0] });
  store.addPredictions(predicted('7'), 0);
  store.addPredictions(predicted('8'), 0);
  expect(store.addLabels(of('8', 'fraud'), 1)).toMatchObject([{ version: '8' }]);
  expect(store.addLabels(of(undefined, 'fraud'), 2)).toMatchObject([{ version: '7', truth: { label: 'fraud' } }]);
  expect(store.addLabels(of(undefined, 'ok'), 3)).toMatchObject([{ version: '7' }, { version: '8' }]);
  expect(store.addLabels(of('9', 'ok'), 3)).toEqual([]);
  expect(store.counts).toMatchObject({ predictions: 2, labelled: 2, matched: 2, corrected: 1 });
  expect(store.waiting).toEqual({ predictions: 0, labels: 1 });
});

test('versions are known when the file is opened again, and forgotten with their predictions', () => {
  const path = fileOf();
  const options = { path, ttlMs: 16_000 };
  const first = new PendingLabels(options);
  predict(first, ['a'], 0);
  first.close();
  const second = new PendingLabels(options);
  expect(label(second, 'a', 'fraud', 1)).toMatchObject([{ version: '7' }]);
  second.expire(40_000);
  second.close();
  const db = new DatabaseSync(path);
  expect(db.prepare('SELECT * FROM versions').all()).toEqual([]);
  db.close();
});

test('what has waited long enough is let go and counted: predictions, labels, and labels that are too late', () => {
  const store = open({ ttlMs: 16_000, labelWaitMs: 1_600 });
  predict(store, ['a', 'b'], 0);
  label(store, 'never captured', 'ok', 0);
  store.expire(1_500);
  expect(store.waiting).toEqual({ predictions: 2, labels: 1 });
  store.expire(1_800);
  expect(store.counts.unmatched).toBe(1);
  label(store, 'a', 'ok', 2_000);
  store.expire(18_000);
  expect(store.counts).toMatchObject({ expired: 1, matched: 1 });
  expect(store.waiting).toEqual({ predictions: 0, labels: 0 });
  label(store, 'b', 'ok', 20_000, 0);
  expect(store.counts.late).toBe(1);
});

test('beyond its limits the oldest go, and are counted', () => {
  const store = open({ rowsMax: 160 });
  for (let i = 0; i < 50; i++)
    predict(
      store,
      Array.from({ length: 10 }, (_, j) => `${i}-${j}`),
      i,
    );
  const { evicted, predictions } = store.counts;
  expect(predictions).toBe(500);
  expect(evicted).toBe(500 - store.waiting.predictions);
  expect(store.waiting.predictions).toBeLessThanOrEqual(160);
  expect(store.waiting.predictions).toBeGreaterThan(140);
  expect(label(store, '49-9', 'ok', 60)).toHaveLength(1);
  expect(label(store, '0-0', 'ok', 60)).toHaveLength(0);
});

test('a file has a limit too', () => {
  const store = open({ path: fileOf(), rowsMax: 16_000, bytesMax: 400_000 });
  for (let i = 0; i < 20; i++)
    predict(
      store,
      Array.from({ length: 500 }, (_, j) => `${i}-${j}`),
      i,
    );
  expect(store.counts.evicted).toBeGreaterThan(3_000);
  expect(store.waiting.predictions).toBeGreaterThan(2_000);
});

test('a batch that fails changes nothing, and the next one works', () => {
  const store = open();
  predict(store, ['a'], 0);
  const broken = {
    get length(): number {
      throw new Error('disk is full');
    },
  } as unknown as string[];
  expect(() =>
    store.addPredictions({ model: 'fraud', version: '7', inferenceIds: broken, rows: [], eventMs: [] }, 1),
  ).toThrow('disk');
  const half = {
    model: 'fraud',
    version: '7',
    inferenceIds: ['b', 7 as unknown as string],
    rows: [0, 0],
    eventMs: [1, 1],
  };
  expect(() => store.addPredictions(half, 1)).toThrow();
  expect([store.counts.predictions, store.waiting.predictions]).toEqual([1, 1]);
  expect(predict(store, ['b'], 2)).toEqual([]);
  expect(store.counts).toMatchObject({ predictions: 2, duplicatePredictions: 0 });
});

test('what was taken in is there when the file is opened again; a file of a later version is refused', () => {
  const path = fileOf();
  const first = new PendingLabels({ path, ttlMs: DAY_MS });
  predict(first, ['a', 'b'], 0);
  label(first, 'a', 'ok', 1);
  first.close();
  const second = new PendingLabels({ path, ttlMs: DAY_MS });
  expect(second.counts).toMatchObject({ predictions: 2, matched: 1 });
  expect(second.waiting).toEqual({ predictions: 1, labels: 0 });
  expect(label(second, 'a', 'ok', 2)).toEqual([]);
  expect(label(second, 'b', 'ok', 2)).toHaveLength(1);
  second.close();
  const db = new DatabaseSync(path);
  db.exec("UPDATE facts SET value = '99' WHERE name = 'version'");
  db.close();
  expect(() => new PendingLabels({ path, ttlMs: DAY_MS })).toThrow('written by a later version of Leeway (99)');
});

test('options that make no sense are refused', () => {
  expect(() => new PendingLabels({ path: ':memory:', ttlMs: 0 })).toThrow('ttlMs 0');
  expect(() => new PendingLabels({ path: ':memory:', ttlMs: 1, rowsMax: 3 })).toThrow('rowsMax 3');
});
