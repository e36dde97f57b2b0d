/** The table of the OTLP specification, row by row, over a real server. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test } from 'vitest';
import type { AppendOutcome, ReceivedBatch } from './batch.ts';
import { EXPORT_RESPONSE, RPC_STATUS } from './bench/otlp-schema.bench.ts';
import { createDecoder } from './decode.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from './server.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<ReceiverOptions> = {}, outcome?: AppendOutcome | (() => Promise<AppendOutcome>)) {
  const batches: ReceivedBatch[] = [];
  const decoder = createDecoder({
    isObservationKey: (key) => key.startsWith('ml.features.'),
    limits: { bodyBytesMax: 1 << 20 },
  });
  const receiver = await startReceiver({ listen: { port: 0 }, ...options }, async (batch) => {
    // A copy: the JSON scanner resolves escapes in the body itself.
    batches.push({ ...batch, body: batch.body.slice() });
    if (outcome !== undefined) return typeof outcome === 'function' ? outcome() : outcome;
    const decoded = decoder.decode(batch);
    return decoded.ok ? { kind: 'accepted', rejectedCount: 0 } : { ...decoded, kind: decoded.kind };
  });
  cleanups.push(() => receiver.stop(100));
  receiver.markReady();
  return { receiver, batches, decoder };
}

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

async function send(receiver: Receiver, { path = '/v1/traces', method = 'POST', headers = {}, body = '' }: Sent) {
  const out = httpRequest({
    host: '127.0.0.1',
    port: receiver.port,
    path,
    method,
    headers: { 'content-type': JSON_TYPE, ...headers },
  });
  out.end(body);
  const [response] = await once(out, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

const SPAN =
  '{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"ml.features.x","value":{"doubleValue":1}}]}]}]}]}';
const ROWS: readonly (readonly [string, Sent, number])[] = [
  ['traces as JSON', { body: SPAN }, 200],
  ['logs as JSON', { path: '/v1/logs', body: '{}' }, 200],
  ['metrics are answered', { path: '/v1/metrics', body: '{}' }, 200],
  ['an empty protobuf request', { headers: { 'content-type': PROTOBUF } }, 200],
  ['parameters of the content type', { headers: { 'content-type': `${JSON_TYPE}; charset=utf-8` }, body: SPAN }, 200],
  ['gzip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(SPAN) }, 200],
  [
    'gzip of two members',
    {
      headers: { 'content-encoding': 'gzip' },
      body: Buffer.concat([gzipSync(SPAN.slice(0, 40)), gzipSync(SPAN.slice(40))]),
    },
    200,
  ],
  ['deflate', { headers: { 'content-encoding': 'deflate' }, body: deflateSync(SPAN) }, 200],
  ['zstd', { headers: { 'content-encoding': 'zstd' }, body: zstdCompressSync(SPAN) }, 200],
  ['snappy', { headers: { 'content-encoding': 'snappy' }, body: SPAN }, 400],
  ['gzip that is none', { headers: { 'content-encoding': 'gzip' }, body: SPAN }, 400],
  ['truncated gzip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(SPAN).subarray(0, 30) }, 400],
  ['what cannot be decoded', { body: '{"resourceSpans":[' }, 400],
  [
    'protobuf that cannot be decoded',
    { headers: { 'content-type': PROTOBUF }, body: Uint8Array.of(0x0a, 0x7f, 1) },
    400,
  ],
  ['another path', { path: '/v1/profiles', body: '{}' }, 404],
  ['another method', { method: 'PUT', body: '{}' }, 405],
  ['another type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415],
  ['a bomb', { headers: { 'content-encoding': 'zstd' }, body: zstdCompressSync(Buffer.alloc(200 * 2 ** 20)) }, 413],
  ['a foreign origin', { headers: { origin: 'https://evil.example' }, body: SPAN }, 403],
  ['a foreign host name', { headers: { host: 'evil.example' }, body: SPAN }, 403],
];

test.each(ROWS)('%s', async (_, sent, status) => {
  const { receiver } = await start();
  expect((await send(receiver, sent)).status).toBe(status);
  expect(receiver.counters).toMatchObject({ inFlightBytes: 0, inFlightRequestCount: 0 });
});

test('full success is exactly the empty message, in the request’s encoding', async () => {
  const { receiver } = await start();
  const json = await send(receiver, { body: SPAN });
  expect([json.body.toString(), json.headers['content-type']]).toEqual(['{}', JSON_TYPE]);
  const protobuf = await send(receiver, { headers: { 'content-type': PROTOBUF } });
  expect([protobuf.body.length, protobuf.headers['content-type']]).toEqual([0, PROTOBUF]);
});

test('some refused: 200 with the count and a message', async () => {
  const { receiver } = await start({}, { kind: 'accepted', rejectedCount: 300, message: 'why' });
  expect(JSON.parse((await send(receiver, { body: SPAN })).body.toString())).toEqual({
    partialSuccess: { rejectedSpans: '300', errorMessage: 'why' },
  });
  const protobuf = await send(receiver, { headers: { 'content-type': PROTOBUF } });
  const decoded = EXPORT_RESPONSE.toObject(EXPORT_RESPONSE.decode(protobuf.body), { longs: Number });
  expect(decoded).toEqual({ partialSuccess: { rejected: 300, errorMessage: 'why' } });
});

test('every refusal carries google.rpc.Status in the request’s encoding, and nothing that was sent', async () => {
  const { receiver } = await start();
  const secret = 'S3CRET';
  const json = await send(receiver, { body: `{"${secret}` });
  expect(JSON.parse(json.body.toString())).toMatchObject({ code: 3, message: expect.any(String) });
  expect(json.body.toString()).not.toContain(secret);
  const protobuf = await send(receiver, { headers: { 'content-type': PROTOBUF }, body: Uint8Array.of(0x07) });
  expect(RPC_STATUS.toObject(RPC_STATUS.decode(protobuf.body))).toMatchObject({ code: 3 });
});

test('busy, starting and stopping: 429 or 503 with Retry-After of at most 2 s', async () => {
  const { receiver: busy } = await start({}, { kind: 'busy', retryAfterSeconds: 30 });
  const answer = await send(busy, { body: SPAN });
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
  const { receiver: full } = await start({ limits: { inFlightBytesMax: 10 } });
  expect((await send(full, { body: SPAN })).status).toBe(429);
  const { receiver: thrown } = await start({}, () => Promise.reject(new Error('the worker died')));
  expect((await send(thrown, { body: SPAN })).status).toBe(503);
  const starting = await startReceiver({ listen: { port: 0 } }, async () => ({ kind: 'accepted', rejectedCount: 0 }));
  cleanups.push(() => starting.stop(100));
  expect((await send(starting, { body: SPAN })).status).toBe(503);
  const { receiver: overloaded } = await start({ isOverloaded: () => true });
  expect((await send(overloaded, { body: SPAN })).status).toBe(503);
});

test('a body over the limit is refused by what it announces', async () => {
  const { receiver } = await start({ limits: { bodyBytesMax: 100 } });
  const answer = await send(receiver, { body: 'x'.repeat(1_000) });
  expect([answer.status, answer.headers.connection]).toEqual([413, 'close']);
});

test('bytes that were not announced count against the budget as they come', async () => {
  const { receiver } = await start({ limits: { inFlightBytesMax: 1_000 } });
  const out = httpRequest({
    host: '127.0.0.1',
    port: receiver.port,
    path: '/v1/traces',
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, 'transfer-encoding': 'chunked' },
  });
  out.on('error', () => undefined);
  out.end('x'.repeat(5_000));
  const [response] = await once(out, 'response');
  response.resume();
  expect(response.statusCode).toBe(429);
});

test('a token, when one is configured', async () => {
  const { receiver } = await start({ bearerTokens: ['abc'] });
  expect((await send(receiver, { body: SPAN })).status).toBe(401);
  expect((await send(receiver, { headers: { authorization: 'Bearer abd' }, body: SPAN })).status).toBe(401);
  expect((await send(receiver, { headers: { authorization: 'Bearer abc' }, body: SPAN })).status).toBe(200);
  receiver.reload({ bearerTokens: ['def'] });
  expect((await send(receiver, { headers: { authorization: 'Bearer abc' }, body: SPAN })).status).toBe(401);
});

test('an address that is open to the network needs TLS, a token, or a word', async () => {
  const append = async () => ({ kind: 'accepted', rejectedCount: 0 }) as const;
  await expect(startReceiver({ listen: { host: '0.0.0.0', port: 0 } }, append)).rejects.toThrow(/insecure_bind/);
  const receiver = await startReceiver({ listen: { host: '0.0.0.0', port: 0 }, insecureBind: true }, append);
  await receiver.stop(100);
});

test('a unix socket', async () => {
  const socketPath = join(tmpdir(), `leeway-test-${process.pid}.sock`);
  const { receiver } = await start({ listen: { socketPath } });
  const out = httpRequest({ socketPath, path: '/v1/traces', method: 'POST', headers: { 'content-type': JSON_TYPE } });
  out.end('{}');
  const [response] = await once(out, 'response');
  response.resume();
  expect([response.statusCode, receiver.url]).toEqual([200, `unix:${socketPath}`]);
});

test.each([
  'GET /%zz HTTP/1.1\r\n\r\n',
  'NONSENSE\r\n\r\n',
  'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
])('raw bytes that are no honest request: %j', async (bytes) => {
  const { receiver } = await start();
  const socket = connect(receiver.port, '127.0.0.1');
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
  socket.destroy();
  expect((await send(receiver, { body: SPAN })).status).toBe(200);
});

test('a client that leaves in the middle of its body leaves nothing behind', async () => {
  const { receiver, batches } = await start();
  const socket = connect(receiver.port, '127.0.0.1');
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 1000\r\n\r\nabc`,
  );
  await sleep(50);
  socket.destroy();
  await sleep(50);
  expect(receiver.counters).toMatchObject({ inFlightBytes: 0, inFlightRequestCount: 0 });
  expect(batches).toHaveLength(0);
});

const EXPORTERS = [
  ['JSON', JsonTraceExporter, CompressionAlgorithm.NONE],
  ['JSON gzip', JsonTraceExporter, CompressionAlgorithm.GZIP],
  ['protobuf', ProtobufTraceExporter, CompressionAlgorithm.NONE],
  ['protobuf gzip', ProtobufTraceExporter, CompressionAlgorithm.GZIP],
] as const;

test.each(EXPORTERS)('the official exporter as client: %s', async (_, Exporter, compression) => {
  const { receiver, batches, decoder } = await start();
  const exporter = new Exporter({ url: `${receiver.url}/v1/traces`, compression });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({}),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const span = provider
    .getTracer('t')
    .startSpan('predict m', { attributes: { 'ml.features.x': [1.5, 2.5], 'ml.features.c': 'é"' } });
  span.end();
  await provider.forceFlush();
  await provider.shutdown();
  expect(batches).toHaveLength(1);
  const decoded = decoder.decode(batches[0]);
  expect(
    decoded.ok && [
      decoded.view.itemCount,
      decoded.view.itemObservationCount[0],
      [...decoded.view.elementNumber.subarray(0, 2)],
    ],
  ).toEqual([1, 2, [1.5, 2.5]]);
});

test('a large answer is compressed if that is asked for', async () => {
  const { receiver } = await start({}, { kind: 'accepted', rejectedCount: 1, message: 'x'.repeat(5_000) });
  const answer = await send(receiver, { headers: { 'accept-encoding': 'gzip' }, body: SPAN });
  expect(answer.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(answer.body).toString()).partialSuccess.errorMessage).toHaveLength(5_000);
});
