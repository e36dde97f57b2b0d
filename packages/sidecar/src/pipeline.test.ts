/** Pipelines without a network: what must survive a crash of a worker, and a restart of the process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelMetrics } from '@leeway/exporter';
import { afterEach, expect, test } from 'vitest';
import { referenceOf, rowsOf, spansOf } from '../test/scoring.ts';
import { Pipeline, type PipelineSettings } from './pipeline.ts';
import type { ReceivedBatch } from './receive/index.ts';
import { RESTARTS_MAX } from './worker-shard.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const profile = referenceOf(rowsOf(5_000, 1));
const window = { paneMs: MINUTE_MS, paneCount: 3, windowMs: 3 * MINUTE_MS, latenessMs: 10_000 };
const open: Pipeline[] = [];

afterEach(async () => {
  for (const pipeline of open.splice(0)) await pipeline.close();
});

function start(settings: Partial<PipelineSettings> = {}) {
  const clock = { nowMs: START_MS };
  const mode = 'wall' as const;
  const pipeline = new Pipeline({
    shard: shardSettings(),
    window: { ...window, skewMs: 1_000, mode },
    policyOf: () => ({}),
    references: [{ model: 'risk', version: 'inherit', file: '', profile }],
    workerCount: 0,
    retireAfterMs: () => 60 * MINUTE_MS,
    now: () => clock.nowMs,
    elapsedMs: () => 0,
    pause: async () => undefined,
    ...settings,
  });
  open.push(pipeline);
  return { pipeline, clock };
}

const bytesOf = (text: string): ReceivedBatch => ({
  signal: 'traces',
  encoding: 'json',
  compression: 'identity',
  body: new TextEncoder().encode(text),
});
const seriesOf = (pipeline: Pipeline) => new ModelMetrics(pipeline.models, 0).collect();
const sumOf = ({ books }: Pipeline) => books.processed.reduce((sum, { count }) => sum + count, books.inFlight);
const countOf = ({ books }: Pipeline, wanted: string) =>
  books.processed.filter(({ outcome }) => outcome === wanted).reduce((sum, { count }) => sum + count, 0);

test.each([0, 2])(
  'snapshot, new process, restore: the same series as without interruption (%i workers)',
  async (workerCount) => {
    const one = start({ workerCount });
    const bodies = Array.from({ length: 7 }, (_, minute) =>
      spansOf(rowsOf(300, minute, minute > 4 ? 150 : 0), START_MS + minute * MINUTE_MS + 1),
    );
    const play = async ({ pipeline, clock }: ReturnType<typeof start>, minute: number) => {
      clock.nowMs = START_MS + minute * MINUTE_MS + 1_000;
      await pipeline.append(bytesOf(bodies[minute]));
      await pipeline.tick();
    };
    for (let minute = 0; minute < 4; minute++) await play(one, minute);
    const bytes = await one.pipeline.snapshot();
    const two = start({ workerCount });
    two.clock.nowMs = one.clock.nowMs;
    expect(await two.pipeline.restore(bytes)).toMatchObject({ ok: true, leftCount: 0 });
    expect(seriesOf(two.pipeline)).toEqual(seriesOf(one.pipeline));
    for (const each of [one, two]) {
      await each.pipeline.append(bytesOf(bodies[3]));
      for (let minute = 4; minute < 7; minute++) await play(each, minute);
      each.clock.nowMs += 2 * MINUTE_MS;
      await each.pipeline.tick();
    }
    expect(seriesOf(two.pipeline)).toEqual(seriesOf(one.pipeline));
    expect(countOf(two.pipeline, 'counted')).toBe(7 * 300);
    expect(countOf(two.pipeline, 'duplicate')).toBe(300);
    expect(two.pipeline.books.received).toBe(8 * 300);
    expect(sumOf(two.pipeline)).toBe(8 * 300);
    const status = seriesOf(two.pipeline).find(({ name }) => name === 'ml.monitor.status');
    expect(JSON.stringify(status)).toContain('"value":6');
  },
);

test('a snapshot that does not fit changes nothing', async () => {
  const one = start();
  await one.pipeline.append(bytesOf(spansOf(rowsOf(50, 1), START_MS)));
  const bytes = await one.pipeline.snapshot();
  const two = start({ workerCount: 2 });
  expect(await two.pipeline.restore(bytes)).toEqual({ ok: false, reason: 'shard_count' });
  expect(await two.pipeline.restore(bytes.slice(1))).toEqual({ ok: false, reason: 'not_a_snapshot' });
  const three = start({ shard: { ...shardSettings(), paneMs: 2 * MINUTE_MS } });
  expect(await three.pipeline.restore(bytes)).toEqual({ ok: false, reason: 'panes' });
  await three.pipeline.tick();
  expect(three.pipeline.books).toMatchObject({ received: 0, processed: [] });
  expect(seriesOf(three.pipeline)).toEqual([]);
});

function shardSettings(): PipelineSettings['shard'] {
  const limits = { environmentsMax: 5, modelsMax: 5, versionsMax: 5, dedupIdsMax: 100_000 };
  return {
    paneMs: MINUTE_MS,
    latenessMs: 10_000,
    skewMs: 1_000,
    mode: 'wall',
    bodyBytesMax: 2 ** 20,
    hashSeed: [1, 2],
    ...limits,
  };
}

const dying = { workerUrl: new URL('../test/dying-worker.ts', import.meta.url), restartDelayMs: 1 };

test('a worker that dies: the books stay true, what it acknowledged and took with it is counted, the next one works', async () => {
  const crashes: string[] = [];
  const { pipeline, clock } = start({
    workerCount: 1,
    worker: dying,
    onWorkerCrash: ({ message }) => crashes.push(message),
  });
  await pipeline.append(bytesOf(spansOf(rowsOf(40, 1), START_MS)));
  await pipeline.tick();
  expect(await pipeline.append(bytesOf(spansOf(rowsOf(25, 2), START_MS)))).toEqual({
    kind: 'accepted',
    rejectedCount: 0,
  });
  await pipeline.append(bytesOf('DIE'));
  await pipeline.tick();
  expect(crashes).toEqual(['the worker ended with code 7']);
  expect(pipeline.workerCrashCount).toBe(1);
  expect(pipeline.lost).toEqual({ not_booked: 25, open_pane: 40 });
  expect([pipeline.books.received, countOf(pipeline, 'counted'), countOf(pipeline, 'lost')]).toEqual([65, 40, 25]);
  const body = spansOf(rowsOf(10, 3), START_MS);
  const accepted = async () => (await pipeline.append(bytesOf(body))).kind === 'accepted';
  for (let i = 0; i < 400 && !(await accepted()); i++) await sleep(25);
  clock.nowMs += 2 * MINUTE_MS;
  await pipeline.tick();
  expect([pipeline.books.received, sumOf(pipeline), countOf(pipeline, 'counted')]).toEqual([75, 75, 50]);
  // Regression: an hour. The ids that the dead worker had seen are gone.
  expect(pipeline.dedupReachMs).toBe(2 * MINUTE_MS);
  expect(pipeline.downCount).toBe(0);
});

test('a worker that dies again and again is not started for ever; its senders are told to come later', async () => {
  const { pipeline } = start({
    workerCount: 1,
    worker: { ...dying, workerUrl: new URL('../test/no-worker.ts', import.meta.url) },
  });
  for (let i = 0; i < 2_000 && pipeline.downCount === 0; i++) await sleep(25);
  expect([pipeline.downCount, pipeline.workerCrashCount]).toEqual([1, RESTARTS_MAX + 1]);
  expect(await pipeline.append(bytesOf(spansOf(rowsOf(1, 1), START_MS)))).toEqual({
    kind: 'busy',
    retryAfterSeconds: 1,
  });
  await pipeline.tick();
  expect(pipeline.books.received).toBe(0);
}, 60_000);
