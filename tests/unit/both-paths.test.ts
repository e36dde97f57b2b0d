/**
 * Law: what an OTLP sink receives over HTTP, in both encodings, and what Prometheus scrapes at the same moment are the
 * same series with the same values: histograms, series without labels and the sidecar's own metrics included.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { prometheusLabel, prometheusName } from '@leeway/exporter';
import { startSidecar } from '@leeway/sidecar';
import { afterEach, expect, test } from 'vitest';
import { post, referenceOf, rowsOf, spansOf, stopBalanced, writeFiles } from '../../packages/sidecar/test/scoring.ts';
import { attributesOf, decodeOtlp, type Encoding, type Metric } from '../collector/otlp-messages.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
type Series = ReadonlyMap<string, number>;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const keyOf = (name: string, labels: Readonly<Record<string, unknown>>) =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

function seriesOfMetric(metric: Metric): [string, number][] {
  const kind = metric.histogram ? 'histogram' : metric.sum?.isMonotonic ? 'counter' : 'gauge';
  const name = prometheusName(metric.name, metric.unit ?? '', kind);
  const labelsOf = (attributes: Parameters<typeof attributesOf>[0]) =>
    Object.fromEntries(Object.entries(attributesOf(attributes)).map(([key, value]) => [prometheusLabel(key), value]));
  const numbers = (metric.gauge ?? metric.sum)?.dataPoints ?? [];
  const histograms = (metric.histogram?.dataPoints ?? []).flatMap((point): [string, number][] => {
    const labels = labelsOf(point.attributes);
    let count = 0;
    const buckets = (point.bucketCounts ?? []).map((n, i): [string, number] => {
      count += Number(n);
      const bound = point.explicitBounds?.[i];
      return [keyOf(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound) }), count];
    });
    return [
      ...buckets,
      [keyOf(`${name}_sum`, labels), point.sum ?? 0],
      [keyOf(`${name}_count`, labels), Number(point.count)],
    ];
  });
  const values = numbers.map((point): [string, number] => [
    keyOf(name, labelsOf(point.attributes)),
    point.asDouble ?? Number(point.asInt),
  ]);
  return [...values, ...histograms];
}

function overOtlp(body: Uint8Array, encoding: Encoding): Series {
  const { resourceMetrics = [] } = decodeOtlp('metrics', body, encoding);
  const metrics = resourceMetrics.flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics: all = [] }) => all),
  );
  return new Map(metrics.flatMap(seriesOfMetric));
}

function overScrape(text: string): Series {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labelText = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no sample: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, key, escaped] of labelText.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
      labels[key] = escaped.replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    series.set(keyOf(name, labels), Number(value));
  }
  return series;
}

async function sink(): Promise<{ url: string; bodies: Buffer[] }> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

/** Changes with every export, and so tells which of them was collected in the state that was scraped. */
const EXPORTED = keyOf('leeway_export_points_total', { leeway_outcome: 'exported' });

test.each(['json', 'protobuf'] as const)('OTLP (%s) and /metrics say the same, series by series', async (encoding) => {
  const { url, bodies } = await sink();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: encoding === 'json' ? 'http/json' : 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'none',
  };
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const files = writeFiles(referenceOf(rowsOf(5_000, 1)), { export: { interval: '100ms' } });
  cleanups.push(() => rmSync(files.folder, { recursive: true, force: true }));
  const clock = { nowMs: START_MS };
  const sidecar = await startSidecar({ configFile: files.config, env, now: () => clock.nowMs });
  cleanups.push(() => stopBalanced(sidecar));
  for (let minute = 0; minute < 4; minute++) {
    await post(sidecar.otlpUrl, spansOf(rowsOf(300, minute, 30 * minute), clock.nowMs + 1));
    const unknown = { model: 'a"b\\c\nd{e="f"} 1', version: '7' };
    await post(sidecar.otlpUrl, spansOf(rowsOf(5, minute), clock.nowMs + 1, unknown));
    clock.nowMs += MINUTE_MS;
    await sidecar.pipeline.tick();
  }
  clock.nowMs += 11_000;
  await sidecar.pipeline.tick();
  const scraped = overScrape(await (await fetch(`${sidecar.httpUrl}/metrics`)).text());
  const ofTheSameState = () =>
    bodies.map((body) => overOtlp(body, encoding)).filter((one) => one.get(EXPORTED) === scraped.get(EXPORTED));
  await expect.poll(() => ofTheSameState().length, { timeout: 15_000 }).toBeGreaterThan(0);
  const exported = ofTheSameState().at(-1);
  expect(exported).toEqual(scraped);
  const names = [...scraped.keys()].map((key) => JSON.parse(key)[0] as string);
  for (const name of [
    'ml_drift_score',
    'ml_monitor_evaluation_duration_seconds_bucket',
    'leeway_dedup_reach_seconds',
    'leeway_receiver_requests_total',
  ])
    expect(names).toContain(name);
  expect([...scraped.keys()].filter((key) => JSON.parse(key)[1].length === 0).length).toBeGreaterThan(3);
  expect(scraped.size).toBeGreaterThan(150);
});
