import { expect, test } from 'vitest';
import { randomOf, referenceOf, rowsOf, spansOf } from '../test/scoring.ts';
import { Shard, type ShardSettings } from './shard.ts';

const MINUTE_MS = 60_000;
const profile = referenceOf(rowsOf(2_000, 1));
const settings: ShardSettings = {
  paneMs: MINUTE_MS,
  latenessMs: 10_000,
  skewMs: 1_000,
  mode: 'wall',
  bodyBytesMax: 1 << 20,
  environmentsMax: 5,
  modelsMax: 5,
  versionsMax: 5,
  dedupIdsMax: 1_000,
  hashSeed: [1, 2],
  references: [{ model: 'risk', version: 'inherit', file: '', profile }],
};
const batch = (rows: number, seed: number, timeMs: number) => ({
  signal: 'traces' as const,
  encoding: 'json' as const,
  compression: 'identity' as const,
  body: new TextEncoder().encode(spansOf(rowsOf(rows, seed), timeMs)),
});
const third = batch(30, 3, 66_000);
const panesOf = (shard: Shard, nowMs: number) =>
  shard.report(nowMs).series.map(({ panes }) => panes.map(({ index, state }) => [index, [...state]]));

test('open panes survive a snapshot: what is restored closes as if nothing had happened', () => {
  const first = new Shard(settings);
  first.append(batch(100, 1, 5_000), 5_000);
  first.append(batch(50, 2, 65_000), 65_000);
  const second = new Shard(settings);
  expect(second.restore(first.snapshot())).toEqual({ ok: true, seriesCount: 1, leftCount: 0 });
  for (const shard of [first, second]) shard.append(third, 66_000);
  expect(panesOf(second, 10 * MINUTE_MS)).toEqual(panesOf(first, 10 * MINUTE_MS));
});

test('rows that were seen before a snapshot are duplicates after it, whatever the seed of the process is', () => {
  const first = new Shard(settings);
  first.append(third, 66_000);
  const second = new Shard({ ...settings, hashSeed: [3, 4] });
  second.restore(first.snapshot());
  second.append(third, 67_000);
  const last = new Shard({ ...settings, hashSeed: [5, 6] });
  last.restore(second.snapshot());
  last.append(third, 68_000);
  const { received, processed } = last.report(68_000).books;
  expect(received).toBe(90);
  expect(processed).toEqual([
    { outcome: 'counted', reason: 'reference', count: 30 },
    { outcome: 'duplicate', reason: 'duplicate', count: 60 },
  ]);
});

test('bytes of another reference are left out; bytes that are no snapshot change nothing', () => {
  const shard = new Shard(settings);
  shard.append(batch(10, 1, 5_000), 5_000);
  const bytes = shard.snapshot();
  const other = new Shard({
    ...settings,
    references: [{ model: 'risk', version: 'inherit', file: '', profile: referenceOf(rowsOf(1_000, 2), 'other') }],
  });
  expect(other.restore(bytes)).toEqual({ ok: true, seriesCount: 0, leftCount: 1 });
  const random = randomOf(20_261_125);
  const fresh = new Shard(settings);
  for (let i = 0; i < 60; i++) {
    const cut = bytes.slice(0, Math.floor(random() * bytes.length));
    expect(fresh.restore(cut)).toEqual({ ok: false, reason: 'not_a_snapshot' });
    const flipped = bytes.slice();
    flipped[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
    expect(fresh.restore(flipped)).toEqual({ ok: false, reason: 'not_a_snapshot' });
  }
  expect(fresh.report(6_000)).toMatchObject({ series: [], books: { received: 0, processed: [] } });
});

test('regression: rejected_spans counted observations; an item of which all rows are refused is one rejected item', () => {
  const shard = new Shard(settings);
  const array = (key: string, values: readonly number[]) => ({
    key,
    value: { arrayValue: { values: values.map((doubleValue) => ({ doubleValue })) } },
  });
  const span = (timeMs: number, ...attributes: readonly object[]) => ({
    endTimeUnixNano: `${timeMs}000000`,
    attributes: [{ key: 'ml.model.name', value: { stringValue: 'risk' } }, ...attributes],
  });
  const spans = [
    span(5_000, array('ml.features.amount', [1, 2, 3, 4, 5])),
    span(5_000, array('ml.features.amount', [1, 2, 3]), array('ml.prediction.score', [0.5])),
    span(900_000, array('ml.features.amount', [1, 2])),
    span(5_000, array('ml.features.amount', [1, 2]), array('ml.event.time', [5e9, 9e11])),
  ];
  const body = new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const { outcome } = shard.append({ ...batch(0, 1, 0), body }, 6_000);
  expect(outcome).toMatchObject({
    kind: 'accepted',
    rejectedCount: 2,
    message: expect.stringMatching(/^6 observations were rejected/),
  });
  expect(shard.report(6_000).books.processed).toEqual([
    { outcome: 'rejected', reason: 'shape', count: 3 },
    { outcome: 'counted', reason: 'reference', count: 6 },
    { outcome: 'rejected', reason: 'future', count: 3 },
  ]);
});
