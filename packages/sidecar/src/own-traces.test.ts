/** The sidecar's own spans on the wire, and what becomes of them when nobody takes them. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { evaluateUnreferenced } from '@leeway/engine';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, expect, test } from 'vitest';
import { startOwnTraces } from './own-traces.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

async function backend(status: number | 'hang') {
  const received: { readonly request: IncomingMessage; readonly body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ request, body: Buffer.concat(chunks) });
      if (status !== 'hang') response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

function start(env: Record<string, string>) {
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  return startOwnTraces(resourceFromAttributes({ 'service.name': 'leeway' }), env, () => 1_800_000_000_000);
}

const evaluation = evaluateUnreferenced({ startMs: 0, endMs: 1, rowCount: 5 });
const model = { environment: 'test', model: 'risk', version: '7' };

test('a span a judged window: names of the registry, protocol and endpoint of the signal', async () => {
  const { url, received } = await backend(200);
  const traces = start({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/own`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
  });
  traces.evaluated(model, evaluation, 250);
  await traces.shutdown(5_000);
  expect(received.map(({ request }) => [request.url, request.headers['content-type']])).toEqual([
    ['/own', 'application/json'],
  ]);
  const [span] = JSON.parse(gunzipSync(received[0].body).toString()).resourceSpans[0].scopeSpans[0].spans;
  expect(span).toMatchObject({
    name: 'ml.monitor.evaluation risk',
    startTimeUnixNano: '1799999999750000000',
    endTimeUnixNano: '1800000000000000000',
  });
  const attributes = Object.fromEntries(
    span.attributes.map(({ key, value }: { key: string; value: Record<string, unknown> }) => [
      key,
      Object.values(value)[0],
    ]),
  );
  expect(attributes).toMatchObject({
    'ml.model.name': 'risk',
    'ml.model.version': '7',
    'deployment.environment.name': 'test',
    'ml.signals.data_drift': evaluation.signals.data_drift.status,
    'ml.signals.data_quality': evaluation.signals.data_quality.status,
  });
  expect(traces.failures.size).toBe(0);
});

test('protobuf is the default', async () => {
  const { url, received } = await backend(200);
  const traces = start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
  traces.evaluated(model, evaluation, 1);
  await traces.shutdown(5_000);
  expect(received.map(({ request }) => [request.url, request.headers['content-type']])).toEqual([
    ['/v1/traces', 'application/x-protobuf'],
  ]);
});

test('regression: spans that nobody takes are counted, and a backend that hangs does not hold up the stop', async () => {
  const refusing = await backend(400);
  const traces = start({ OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url });
  traces.evaluated(model, evaluation, 1);
  await traces.shutdown(5_000);
  expect([...traces.failures]).toEqual([['400', 1]]);
  const hanging = await backend('hang');
  const held = start({ OTEL_EXPORTER_OTLP_ENDPOINT: hanging.url });
  held.evaluated(model, evaluation, 1);
  const started = performance.now();
  await held.shutdown(200);
  expect(performance.now() - started).toBeLessThan(8_000);
});

test('a protocol that is not supported is refused by the name of its variable', () => {
  expect(() => start({ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' })).toThrow(
    /OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "grpc"/,
  );
});
