/** What arrives on the wire, under the standard settings. A backend is a plain HTTP server here; a real Collector is in test:collector. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, expect, test } from 'vitest';
import type { MetricFamily } from './metric-family.ts';
import { otlpProtocol } from './otlp-environment.ts';
import { type OtlpExport, startOtlpExport } from './otlp-export.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function backend(status = 200): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status, { 'content-type': request.headers['content-type'] ?? '' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** The SDK's exporters read the process environment, so the test sets it and puts it back. */
function startWith(env: Record<string, string>, families: () => MetricFamily[]): OtlpExport {
  const before = { ...process.env };
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const key of Object.keys(env)) {
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
    }
  });
  const exporter = startOtlpExport({
    sources: [{ startMs: 1_000, collect: families }],
    resource: resourceFromAttributes({ 'service.name': 'leeway' }),
    env: process.env,
    now: () => 2_000,
    version: 'test',
  });
  cleanups.push(() => exporter.shutdown().catch(() => undefined));
  return exporter;
}

const counter = (value: number): MetricFamily => ({
  name: 'ml.feature.observations',
  points: [{ attributes: { 'ml.bin': '01' }, value }],
});

test('JSON: endpoint, headers and compression of the environment, cumulative', async () => {
  const { url, received } = await backend();
  const exporter = startWith(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    },
    () => [
      counter(7),
      {
        name: 'ml.drift.score',
        points: [
          { attributes: {}, value: Number.NaN },
          { attributes: {}, value: 0.5 },
        ],
      },
    ],
  );
  await exporter.flush();
  expect(received).toHaveLength(1);
  expect(received[0].path).toBe('/v1/metrics');
  expect(received[0].headers).toMatchObject({
    authorization: 'Bearer abc',
    'content-encoding': 'gzip',
    'content-type': 'application/json',
  });
  const [scope] = JSON.parse(gunzipSync(received[0].body).toString()).resourceMetrics[0].scopeMetrics;
  expect(scope.metrics[0].sum).toMatchObject({
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: [{ asDouble: 7 }],
  });
  expect(scope.metrics[1].gauge.dataPoints).toHaveLength(1);
});

test('delta temporality, proven on the wire', async () => {
  const { url, received } = await backend();
  let value = 7;
  const exporter = startWith(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    },
    () => [counter(value)],
  );
  await exporter.flush();
  value = 9;
  await exporter.flush();
  const sums = received.map(
    ({ body }) => JSON.parse(body.toString()).resourceMetrics[0].scopeMetrics[0].metrics[0].sum,
  );
  expect(sums.map((sum) => sum.aggregationTemporality)).toEqual([1, 1]);
  expect(sums.map((sum) => sum.dataPoints[0].asDouble)).toEqual([7, 2]);
});

test('protobuf is the default', async () => {
  const { url, received } = await backend();
  await startWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, () => [counter(1)]).flush();
  expect(received[0].headers['content-type']).toBe('application/x-protobuf');
  expect(received[0].body.includes('ml.feature.observations')).toBe(true);
});

test('a backend that refuses is counted by class, and the next export is tried', async () => {
  const { url, received } = await backend(400);
  const exporter = startWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, () => [counter(1)]);
  await exporter.flush().catch(() => undefined);
  await exporter.flush().catch(() => undefined);
  expect(received).toHaveLength(2);
  expect([...exporter.failures.values()].reduce((sum, n) => sum + n, 0)).toBe(2);
});

test('a proxy of the environment is used', async () => {
  const proxy = await backend();
  const exporter = startWith(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318', HTTP_PROXY: proxy.url, NO_PROXY: '' },
    () => [counter(1)],
  );
  await exporter.flush();
  expect(proxy.received.map(({ path }) => path)).toEqual(['http://collector.invalid:4318/v1/metrics']);
});

test('a protocol that is not supported is refused with the fix', () => {
  expect(() => otlpProtocol({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(/"grpc".*http\/protobuf or http\/json/);
});
