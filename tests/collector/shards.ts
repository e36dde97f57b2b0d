/**
 * The gateway and two shards, each a Collector and a sidecar, with real flights of several models. Between two waves of
 * telemetry, while more arrives, one shard is stopped by SIGTERM and replaced. What the shards counted, summed over all
 * sidecars that there were, must be what one sidecar counts that gets everything.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReferenceProfile } from '@leeway/engine';
import { type RunningCollector, startCollector } from './collector.ts';
import type { Flight } from './flights.ts';
import { observationOf } from './observation.ts';
import { freePorts } from './processes.ts';
import { flightsReference } from './reference.ts';
import type { Report } from './report.ts';
import { countItems, dayOf, type OtlpItem, renamed } from './scenario.ts';
import { sendAll, type Wire, wireRequest } from './send.ts';
import { type RunningSidecar, startSidecar } from './sidecar.ts';
import { OtlpSink } from './sink.ts';

export interface ShardsInput {
  readonly binary: string;
  readonly folder: string;
  /** Of one day. */
  readonly flights: readonly Flight[];
  /** Earlier ones, for the references. */
  readonly past: readonly Flight[];
}

const MODELS = ['delay-a', 'delay-b', 'delay-c', 'delay-d', 'delay-e', 'delay-f'];
const WIRE: Wire = { encoding: 'protobuf', compression: 'gzip' };
const DAY_MS = 86_400_000;
const ARRIVE_MS = 30_000;
const EXPORT_MS = 500;
/** How long the shard is away while telemetry for it arrives. */
const AWAY_MS = 1_500;
/** Counters that merge by addition. */
const MERGEABLE = [
  'ml.feature.observations',
  'ml.prediction.observations',
  'ml.feature.values',
  'ml.feature.squared_weights',
  'ml.prediction.squared_weights',
  'leeway.observations.received',
  'leeway.observations.processed',
] as const;
/** Sums of sums in another order. */
const RELATIVE_ERROR_MAX = 1e-12;

interface Shard {
  readonly sidecar: RunningSidecar;
  readonly collector: RunningCollector;
}

export async function checkShards(report: Report, input: ShardsInput): Promise<void> {
  const references = MODELS.map((name) =>
    flightsReference(input.past.map(observationOf), DAY_MS, { name, version: '7' }),
  );
  const waves = [0, 1].map((part) => waveOf(input.flights, part));
  const alone = await countedByOne(input, references, waves.flat());
  const merged = await countedByShards(report, input, references, waves);
  const wrong = [...new Set([...alone.keys(), ...merged.keys()])].filter(
    (key) => !isEqual(alone.get(key) ?? 0, merged.get(key) ?? 0),
  );
  const example = wrong.slice(0, 3).map((key) => `${key}: ${merged.get(key)}, alone ${alone.get(key)}`);
  report.check('shards: there are counters', alone.size > 80 * MODELS.length, `${alone.size} series`);
  report.check('shards: merged counters are those of one process', wrong.length === 0, example.join('; '));
}

/** Every other flight of the day, as each of the models scored it. */
function waveOf(flights: readonly Flight[], part: number): OtlpItem[] {
  return MODELS.flatMap((model, i) => {
    const rows = flights.filter((_, row) => row % MODELS.length === i && Math.floor(row / MODELS.length) % 2 === part);
    return renamed(dayOf(rows, `${model} ${part}`).items, model);
  });
}

async function countedByOne(
  { folder }: ShardsInput,
  references: readonly ReferenceProfile[],
  items: readonly OtlpItem[],
): Promise<Map<string, number>> {
  const sink = await OtlpSink.start();
  try {
    const sidecar = await startSidecar({
      ...settings(join(folder, 'alone'), references),
      env: exportTo(sink.endpoint),
    });
    try {
      const models = items.filter(({ signal }) => signal !== 'metrics');
      await sendAll(`http://127.0.0.1:${sidecar.otlpPort}`, wires(models));
    } finally {
      await sidecar.service.stop();
    }
    return counters(sink);
  } finally {
    await sink.stop();
  }
}

async function countedByShards(
  report: Report,
  input: ShardsInput,
  references: readonly ReferenceProfile[],
  waves: readonly (readonly OtlpItem[])[],
): Promise<Map<string, number>> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const sink = await OtlpSink.start();
    stops.push(() => sink.stop());
    const ports = await freePorts(2);
    const start = async (i: number, life: number): Promise<Shard> => {
      const folder = join(input.folder, `shard-${i}-${life}`);
      const shard = await startShard(input.binary, folder, references, sink, ports[i]);
      stops.push(() => stopShard(shard));
      return shard;
    };
    const first = await start(0, 0);
    await start(1, 0);
    const gateway = await startCollector(input.binary, {
      config: 'gateway-lb.yaml',
      env: {
        OTEL_BACKEND_ENDPOINT: sink.endpoint,
        LEEWAY_SHARDS: `[${ports.map((port) => `127.0.0.1:${port}`).join(', ')}]`,
      },
    });
    stops.push(() => gateway.service.stop());
    const rows = waves.map((wave) => countItems(wave).rows);
    await sendAll(gateway.endpoint, wires(waves[0]));
    await received(sink, rows[0]);
    report.check('shards: both have work', receivedBySidecar(sink).filter((count) => count > 0).length === 2);
    const [code] = await Promise.all([stopShard(first), sendAll(gateway.endpoint, wires(waves[1]))]);
    report.equal('shards: the one that was stopped ended cleanly', code, [0, 0]);
    await sleep(AWAY_MS);
    await start(0, 1);
    await received(sink, rows[0] + rows[1]);
    for (const stop of stops.splice(1).reverse()) await stop();
    report.equal('shards: sidecars that there were', receivedBySidecar(sink).length, 3);
    report.equal('shards: faults at the sink', sink.faults, []);
    return counters(sink);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function startShard(
  binary: string,
  folder: string,
  references: readonly ReferenceProfile[],
  sink: OtlpSink,
  port: number,
): Promise<Shard> {
  const [returnPort] = await freePorts(1);
  const env = exportTo(`http://127.0.0.1:${returnPort}`);
  const sidecar = await startSidecar({ ...settings(folder, references), env });
  const collector = await startCollector(binary, {
    config: 'shard.yaml',
    returnPort,
    env: {
      SHARD_LISTEN: `127.0.0.1:${port}`,
      LEEWAY_ENDPOINT: `http://127.0.0.1:${sidecar.otlpPort}`,
      OTEL_BACKEND_ENDPOINT: sink.endpoint,
    },
  });
  return { sidecar, collector };
}

/** The sidecar first: its last windows leave through its Collector. */
async function stopShard({ sidecar, collector }: Shard): Promise<(number | null)[]> {
  return [await sidecar.service.stop(), await collector.service.stop()];
}

const settings = (folder: string, references: readonly ReferenceProfile[]) => ({
  folder,
  references,
  metrics: ['psi'] as const,
  clock: 'event' as const,
  windowMs: DAY_MS,
  paneMs: DAY_MS / 12,
  // The waves and the shards are not in order of time: nothing may be late.
  latenessMs: 2 * DAY_MS,
});

const exportTo = (endpoint: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_MS),
});

const wires = (items: readonly OtlpItem[]) => items.map((item) => wireRequest(item, WIRE));

async function received(sink: OtlpSink, rows: number): Promise<void> {
  const count = () => receivedBySidecar(sink).reduce((sum, one) => sum + one, 0);
  try {
    await sink.waitFor('all rows at the shards', () => count() >= rows, ARRIVE_MS);
  } catch (error) {
    throw new Error(`${count()} of ${rows} rows: ${error instanceof Error ? error.message : error}`);
  }
}

const receivedBySidecar = (sink: OtlpSink): number[] =>
  sink.series('leeway.observations.received').map(({ value }) => value);

/** By metric and attributes, summed over the sidecars. Series at 0 say nothing: each sidecar has those of all models. */
function counters(sink: OtlpSink): Map<string, number> {
  const sums = new Map<string, number>();
  for (const metric of MERGEABLE) {
    for (const { attributes, value } of sink.series(metric)) {
      if (value === 0) continue;
      const key = JSON.stringify([metric, Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))]);
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
  }
  return sums;
}

const isEqual = (a: number, b: number): boolean =>
  Math.abs(a - b) <= RELATIVE_ERROR_MAX * Math.max(Math.abs(a), Math.abs(b));
