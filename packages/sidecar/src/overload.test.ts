import { rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  booksBalance,
  one,
  post,
  referenceOf,
  rowsOf,
  scrape,
  spansOf,
  stopBalanced,
  total,
  writeFiles,
} from '../test/scoring.ts';
import { startSidecar } from './main.ts';
import { Overload } from './overload.ts';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';

const MIB = 2 ** 20;
const ACCEPTED: AppendOutcome = { kind: 'accepted', rejectedCount: 0 };
const batchOf = (bytes: number, compression: ReceivedBatch['compression'] = 'identity'): ReceivedBatch => ({
  signal: 'traces',
  encoding: 'json',
  compression,
  body: new Uint8Array(bytes),
});

function queueOf(settings: { residentBytes?: number } = {}) {
  const clock = { nowMs: 0 };
  const overload = new Overload({
    memoryBytesMax: () => 1_000 * MIB,
    bodyBytesMax: 10 * MIB,
    elapsedMs: () => clock.nowMs,
    residentBytes: () => (settings.residentBytes ?? 0) * MIB,
    heapRatio: () => 0,
  });
  const waiting: (() => void)[] = [];
  const append = overload.guard(() => new Promise((resolve) => waiting.push(() => resolve(ACCEPTED))));
  const finish = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { overload, append, clock, finish };
}

test('a queue of more than eight bodies of the greatest size takes no more, and takes again when it is done', async () => {
  const { overload, append, finish } = queueOf();
  const under = Array.from({ length: 9 }, () => append(batchOf(9 * MIB)));
  expect(overload.isOverloaded()).toBe(true);
  expect(await append(batchOf(1))).toEqual({ kind: 'busy', retryAfterSeconds: 1 });
  expect(overload.queue.bytes).toBe(81 * MIB);
  finish();
  expect(await Promise.all(under)).toEqual(under.map(() => ACCEPTED));
  expect([overload.isOverloaded(), overload.queue]).toEqual([false, { ageMs: 0, bytes: 0 }]);
});

test('a queue whose oldest request is older than its sender will wait takes no more', () => {
  const { overload, append, clock } = queueOf();
  void append(batchOf(1));
  clock.nowMs = 3_000;
  expect(overload.isOverloaded()).toBe(false);
  clock.nowMs = 3_001;
  expect(overload.isOverloaded()).toBe(true);
});

test('memory above the ceiling refuses, but never the only request: it could not go down again', () => {
  const { overload, append } = queueOf({ residentBytes: 1_001 });
  expect(overload.isOverloaded()).toBe(false);
  void append(batchOf(1));
  expect(overload.isOverloaded()).toBe(true);
});

test('what gzip says of its size counts, up to the greatest body; a lie below the size itself does not', () => {
  const { overload, append } = queueOf();
  const zeros = gzipSync(Buffer.alloc(5 * MIB));
  void append({ ...batchOf(0, 'gzip'), body: new Uint8Array(zeros) });
  expect(overload.queue.bytes).toBe(5 * MIB);
  const lie = new Uint8Array(100);
  void append({ ...batchOf(0, 'gzip'), body: lie });
  expect(overload.queue.bytes).toBe(5 * MIB + 100);
  void append({ ...batchOf(0, 'gzip'), body: lie.fill(255) });
  expect(overload.queue.bytes).toBe(15 * MIB + 100);
});

test('many bodies at once that inflate to 40 MiB: some are told to come back, memory is bounded, the books balance', async () => {
  const files = writeFiles(referenceOf(rowsOf(500, 1)));
  const sidecar = await startSidecar({ configFile: files.config, env: {} });
  const rows = rowsOf(100, 1);
  // Real spans, and white space: 40 MiB that are 60 kB on the wire.
  const body = gzipSync(spansOf(rows, Date.now()) + ' '.repeat(40 * MIB));
  const { port } = new URL(sidecar.otlpUrl);
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': body.length };
  const send = () =>
    new Promise<{ status: number; retryAfter: string | undefined }>((resolve, reject) => {
      const out = httpRequest({ port, path: '/v1/traces', method: 'POST', headers, agent: false }, (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }),
        );
      });
      out.on('error', reject);
      out.end(body);
    });
  const answers = await Promise.all(Array.from({ length: 120 }, send));
  clearInterval(watch);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.filter(({ status }) => status !== 429 && status !== 503)).toEqual([]);
  expect(refused.every(({ retryAfter }) => Number(retryAfter) <= 2)).toBe(true);
  // All at once they would be 4.8 GiB. One is inflated at a time, and what waits waits compressed.
  expect(peak - before).toBeLessThan(700 * MIB);
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  const taken = answers.filter(({ status }) => status === 200).length;
  expect(taken).toBeGreaterThan(0);
  expect(total(metrics, 'leeway_observations_received_total')).toBe(taken * 100);
  expect(booksBalance(metrics)).toBe(true);
  expect(one(metrics, 'leeway_queue_size_bytes')).toBe(0);
  // And it goes on.
  await sleep(50);
  expect((await post(sidecar.otlpUrl, spansOf(rows, Date.now()))).status).toBe(200);
  await stopBalanced(sidecar);
  rmSync(files.folder, { recursive: true, force: true });
});
