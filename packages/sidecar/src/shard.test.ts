import { expect, test } from 'vitest';
import { referenceOf, rowsOf, spansOf } from '../test/scoring.ts';
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
const panesOf = (shard: Shard, nowMs: number) =>
  shard.report(nowMs).series.map(({ panes }) => panes.map(({ index, state }) => [index, [...state]]));

test('open panes survive a snapshot: what is restored closes as if nothing had happened', () => {
  const first = new Shard(settings);
  first.append(batch(100, 1, 5_000), 5_000);
  first.append(batch(50, 2, 65_000), 65_000);
  const second = new Shard(settings);
  expect(second.restore(first.snapshot())).toBe(1);
  second.append(batch(30, 3, 66_000), 66_000);
  first.append(batch(30, 3, 66_000), 66_000);
  expect(panesOf(second, 10 * MINUTE_MS)).toEqual(panesOf(first, 10 * MINUTE_MS));
});

test('bytes that are no snapshot, or of another reference, change nothing', () => {
  const shard = new Shard(settings);
  shard.append(batch(10, 1, 5_000), 5_000);
  const bytes = shard.snapshot();
  const other = new Shard({
    ...settings,
    references: [{ model: 'risk', version: 'inherit', file: '', profile: referenceOf(rowsOf(1_000, 2), 'other') }],
  });
  expect(other.restore(bytes)).toBe(0);
  for (let length = 0; length < bytes.length; length += 7) {
    const fresh = new Shard(settings);
    const taken = fresh.restore(bytes.slice(0, length));
    expect(taken === 'invalid' || taken === 0).toBe(true);
  }
});
