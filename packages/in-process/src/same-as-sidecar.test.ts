/** The law of this package: the same stream gives the same series as the sidecar, by whichever way it came. */
import { rmSync } from 'node:fs';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, expect, test } from 'vitest';
import { startSidecar } from '../../sidecar/src/main.ts';
import { referenceOf, rowsOf, stopBalanced, writeFiles } from '../../sidecar/test/scoring.ts';
import { type Emitted, Service } from '../test/traffic.ts';
import { createLeeway } from './leeway.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(5_000, 1));
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Of one host only: its receiver and what waits there, its workers, its export and alarms; and how long an evaluation took. */
const OWN =
  /^(leeway_receiver_|leeway_queue_|leeway_worker_|leeway_observations_lost|leeway_export_|leeway_alarms_|leeway_webhook_|leeway_build_info|ml_monitor_evaluation_duration)|reason="(not_sampled|too_large|closed|fault)"/;

function seriesOf(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !OWN.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}

async function both(settings: object) {
  const files = writeFiles(reference, { workers: 0, ...settings });
  const clock = { nowMs: START_MS };
  const now = () => clock.nowMs;
  const sidecar = await startSidecar({ configFile: files.config, env: {}, now });
  const { window, alarms, metrics, limits, retire_after } = settings as Record<string, never>;
  const leeway = createLeeway({
    reference: { file: files.referenceFile, version: '1' },
    window: window ?? { length: '3m', pane: '1m', lateness: '10s', skew: '1h' },
    alarms,
    metrics,
    limits,
    retire_after,
    now,
    every: () => () => undefined,
  });
  cleanups.push(async () => {
    await leeway.shutdown();
    await stopBalanced(sidecar);
    rmSync(files.folder, { recursive: true, force: true });
  });
  const send = async ({ spans, records }: Emitted) => {
    const post = async (path: string, bytes: Uint8Array | undefined) => {
      const headers = { 'content-type': 'application/x-protobuf' };
      const response = await fetch(`${sidecar.otlpUrl}${path}`, {
        method: 'POST',
        headers,
        body: bytes as Uint8Array<ArrayBuffer>,
      });
      expect(response.status).toBe(200);
    };
    await post('/v1/traces', ProtobufTraceSerializer.serializeRequest(spans));
    await post('/v1/logs', ProtobufLogsSerializer.serializeRequest(records));
    for (const span of spans) leeway.spanProcessor.onEnd(span);
    for (const record of records) leeway.logRecordProcessor.onEmit(record);
  };
  const compare = async () => {
    await sidecar.pipeline.tick();
    const theirs = seriesOf(await (await fetch(`${sidecar.httpUrl}/metrics`)).text());
    const ours = seriesOf(await leeway.metricsText());
    expect([...ours].sort()).toEqual([...theirs].sort());
    return ours;
  };
  return { sidecar, leeway, clock, send, compare };
}

const twice = ({ spans, records }: Emitted): Emitted => ({
  spans: [...spans, ...spans.slice(0, 50)],
  records: [...records, ...records.slice(0, 10)],
});

test.each([
  ['wall', {}],
  ['event', { window: { length: '3m', pane: '1m', lateness: '10s', skew: '1h', clock: 'event' } }],
  ['limits', { limits: { environments: 2, models: 1, versions: 2, dedup_ids: 100_000 }, retire_after: '2m' }],
  [
    'alarms',
    {
      metrics: ['psi', 'kolmogorov_smirnov', 'chi_square'],
      alarms: { min_rows: 50, columns: { amount: { metric: 'kolmogorov_smirnov', warning: 0.05 } } },
    },
  ],
])('the same stream gives the same series as the sidecar: %s', async (_, settings) => {
  const { clock, send, compare } = await both(settings);
  const production = new Service('production');
  const staging = new Service('staging');
  let series = new Map<string, string>();
  for (let minute = 0; minute < 6; minute++) {
    for (const service of minute < 3 ? [production, staging] : [production]) {
      service.minute(clock.nowMs + 1, minute, minute > 3 ? 150 : 0);
      await send(twice(service.take()));
    }
    await compare();
    clock.nowMs += MINUTE_MS;
    await compare();
    clock.nowMs += 11_000;
    series = await compare();
    clock.nowMs += MINUTE_MS - 11_000;
  }
  expect(series.size).toBeGreaterThan(100);
  const counted = [...series].filter(([name]) => name.includes('outcome="counted"') && name.includes('"reference"'));
  expect(counted.map(([, value]) => Number(value) > 1_000)).toEqual([true]);
  // All that is packed was unpacked, but for what had no names.
  const unnamed = [...series].filter(([name]) => name.includes('"unknown_schema"'));
  expect(unnamed.map(([, value]) => value)).toEqual(['9']);
});

test('the last window is the same too', async () => {
  const { sidecar, leeway, clock, send, compare } = await both({});
  const service = new Service('production');
  for (let minute = 0; minute < 4; minute++) {
    service.minute(clock.nowMs + 1, minute);
    await send(service.take());
    clock.nowMs += MINUTE_MS;
    await compare();
  }
  await sidecar.pipeline.tick(true);
  await leeway.shutdown();
  await compare();
});
