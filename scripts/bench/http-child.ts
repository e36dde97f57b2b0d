/**
 * A server for the HTTP bench. `leeway`: receiver and shard in one thread. `protobufjs`: the same receiver, but the body
 * is decoded by protobufjs, extracted into the same columns and counted by the same engine. `worker`: receiver and one
 * worker, for the delay of the loop.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';
import { CELL, compileLayout, createPane, observe } from '@leeway/engine';
import { profileOf, type SampleColumn } from '../../packages/engine/test/sample-profile.ts';
import { sampleStream } from '../../packages/engine/test/sample-stream.ts';
import { BatchBuilder } from '../../packages/intake/src/batch-builder.ts';
import { Texts } from '../../packages/intake/src/texts.ts';
import { TRACE_REQUEST } from '../../packages/sidecar/src/receive/bench/otlp-schema.bench.ts';
import { FEATURE_PREFIX, featureNames } from '../../packages/sidecar/src/receive/bench/payload.bench.ts';
import { type Append, startReceiver } from '../../packages/sidecar/src/receive/index.ts';
import { shardOf, startShards } from '../../packages/sidecar/src/shard-host.ts';

const CATEGORIES = ['basic', 'standard', 'premium', 'enterprise', 'trial'];
const kind = process.argv[2];
const stream = sampleStream(1);
const columns = featureNames(20).map((name, i): [string, SampleColumn] => [
  name,
  Array.from({ length: 2_000 }, () => (i % 7 === 6 ? CATEGORIES[stream.whole(5)] : Math.exp(stream.normal()))),
]);
const profile = profileOf(Object.fromEntries(columns), { model: { name: 'late-flights' } });

const receiver = await startReceiver({ listen: { port: 0 } }, kind === 'protobufjs' ? libraryAppend() : leewayAppend());
receiver.markReady();
const delay = monitorEventLoopDelay({ resolution: 1 });
// A timer of 1 ms is work of its own: only where the delay is what is measured.
if (kind === 'worker') delay.enable();
process.on('SIGINT', () => process.exit());
process.on('message', (what) => {
  if (what === 'reset') delay.reset();
  const { user, system } = process.cpuUsage();
  process.send?.(what === 'cpu' ? user + system : delay.percentile(99) / 1e6);
});
process.send?.(receiver.port);

function leewayAppend(): Append {
  const settings = {
    paneMs: 3_600_000,
    latenessMs: 1e15,
    skewMs: 1e15,
    mode: 'wall' as const,
    bodyBytesMax: 64 * 2 ** 20,
    environmentsMax: 10,
    modelsMax: 10,
    versionsMax: 10,
    dedupIdsMax: 4_000_000,
    hashSeed: [1, 2] as const,
    references: [{ model: 'late-flights', version: 'inherit', file: '', profile }],
  };
  const shards = startShards(settings, kind === 'worker' ? 1 : 0, {
    onCrash: (error) => {
      throw error;
    },
  });
  // Hours pass between two batches, so that ids are forgotten and all rows of a body that comes again are new.
  let nowMs = Date.now();
  return async (batch) => {
    nowMs += 2 * 3_600_000;
    return (await shardOf(shards, batch).append(batch, nowMs)).outcome;
  };
}

interface LibraryAttribute {
  readonly key: string;
  readonly value: { readonly doubleValue?: number; readonly intValue?: unknown; readonly stringValue?: string };
}
interface LibraryRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly attributes: readonly LibraryAttribute[] }[] }[];
  }[];
}

function libraryAppend(): Append {
  const layout = compileLayout(profile);
  const pane = createPane(layout);
  const texts = new Texts([1, 2]);
  const builder = new BatchBuilder(layout.columns, texts);
  const encoder = new TextEncoder();
  let rows = new Int32Array(0);
  return async ({ body }) => {
    const request = TRACE_REQUEST.decode(gunzipSync(body)) as unknown as LibraryRequest;
    builder.clear();
    for (const { scopeSpans } of request.resourceSpans) {
      for (const { spans } of scopeSpans)
        for (const { attributes } of spans) addRow(builder, texts, encoder, attributes);
    }
    if (rows.length < builder.rowCount) rows = Int32Array.from({ length: builder.rowCount }, (_, i) => i);
    observe(layout, pane, builder, rows, 0, builder.rowCount);
    return { kind: 'accepted', rejectedCount: 0 };
  };
}

function addRow(
  builder: BatchBuilder,
  texts: Texts,
  encoder: InstanceType<typeof TextEncoder>,
  attributes: readonly LibraryAttribute[],
): void {
  const row = builder.addRows(1, CELL.missing, 1, 0);
  for (const { key, value } of attributes) {
    if (!key.startsWith(FEATURE_PREFIX)) continue;
    const { kinds, values } = builder.columns[builder.featureColumn(key.slice(FEATURE_PREFIX.length))];
    if (value.stringValue === undefined || value.stringValue === '') {
      kinds[row] = CELL.number;
      values[row] = value.doubleValue ?? Number(value.intValue);
    } else {
      const bytes = encoder.encode(value.stringValue);
      kinds[row] = CELL.text;
      values[row] = texts.idOf(bytes, 0, bytes.length);
    }
  }
}
