/** What becomes of bodies: compressed, too large, binary, in pieces. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { valuesOf } from '../test/memory-sdk.ts';
import { json, withModelServer } from '../test/model-server.ts';
import { CAPTURED, INPUTS, MODEL, OUTPUTS } from '../test/plan-call.ts';
import { withTelemetry } from '../test/telemetry.ts';
import { InferenceHttpInstrumentation, type InferenceHttpOptions } from './inference-http-instrumentation.ts';

const server = withModelServer();
const telemetry = withTelemetry();
let instrumentation: InferenceHttpInstrumentation | undefined;

function instrument(options: InferenceHttpOptions = {}): void {
  instrumentation = new InferenceHttpInstrumentation({ capture: { features: '*' }, ...options });
}
afterEach(() => instrumentation?.disable());

const post = (body: unknown = INPUTS, path = MODEL, init: RequestInit = {}) =>
  fetch(server.url() + path, { method: 'POST', body: JSON.stringify(body), ...init });

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const)('a response in %s is read', async (encoding, compress) => {
  instrument();
  server.answer((response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding })
      .end(compress(Buffer.from(JSON.stringify(OUTPUTS)))),
  );
  expect(await (await post()).json()).toEqual(OUTPUTS);
  expect(valuesOf((await telemetry.ended(1))[0])).toEqual(CAPTURED);
});

const skipped = async () =>
  (await telemetry.points('ml.capture.skipped')).map(({ attributes, value }) => [attributes['leeway.reason'], value]);

test('a response that unpacks to more than the limit is not read', async () => {
  instrument({ responseBytesMax: 1_000 });
  server.answer((response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.from(JSON.stringify({ ...OUTPUTS, pad: 'x'.repeat(100_000) })))),
  );
  await (await post()).text();
  await telemetry.ended(1);
  expect(await skipped()).toEqual([['response_body_limit', 2]]);
});

test('a body over the limit: a span without its values, and the reason', async () => {
  instrument({ requestBytesMax: 100 });
  server.answer(json(OUTPUTS));
  await (await post()).text();
  const [span] = await telemetry.ended(1);
  expect(span.attributes['ml.capture.skipped.reason']).toBe('body_limit');
  expect(Object.keys(span.attributes).filter((key) => key.startsWith('ml.features.'))).toEqual([]);
  expect(await skipped()).toEqual([['body_limit', 2]]);
});

test('a response without a body is no JSON', async () => {
  instrument();
  server.answer((response) => response.writeHead(204).end());
  await (await post()).text();
  await telemetry.ended(1);
  expect(await skipped()).toEqual([['response_json', 2]]);
});

test('a request that the application compressed is refused', async () => {
  instrument();
  server.answer(json(OUTPUTS));
  const body = gzipSync(JSON.stringify(INPUTS));
  await (await post(INPUTS, MODEL, { body, headers: { 'content-encoding': 'gzip' } })).text();
  await telemetry.ended(1);
  expect(await skipped()).toEqual([['content_encoding', 2]]);
});

test("Triton's binary tensors are counted by their rows", async () => {
  instrument();
  server.answer(json(OUTPUTS));
  const header = JSON.stringify({
    inputs: [{ name: 'x', shape: [2, 3], datatype: 'FP32', parameters: { binary_data_size: 24 } }],
  });
  await (
    await post(INPUTS, MODEL, {
      body: Buffer.concat([Buffer.from(header), Buffer.alloc(24)]),
      headers: { 'inference-header-content-length': String(header.length) },
    })
  ).text();
  const [span] = await telemetry.ended(1);
  expect(span.attributes).toMatchObject({ 'ml.system.name': 'triton', 'ml.inference.batch.size': 2 });
  expect(span.attributes['ml.prediction.label']).toEqual(['0', '1']);
  expect(await skipped()).toEqual([['binary', 2]]);
});

test("Triton's binary response: its JSON is read, its raw bytes are not", async () => {
  instrument();
  const answer = (outputs: unknown[], raw: Buffer): void =>
    server.answer((response) => {
      const header = JSON.stringify({ model_name: 'iris', outputs });
      response
        .writeHead(200, {
          'content-type': 'application/octet-stream',
          'Inference-Header-Content-Length': header.length,
        })
        .end(Buffer.concat([Buffer.from(header), raw]));
    });
  const binary = { name: 'p', shape: [2, 2], datatype: 'FP32', parameters: { binary_data_size: 16 } };
  answer([binary, OUTPUTS.outputs[0]], Buffer.alloc(16, 0xff));
  await (await post()).arrayBuffer();
  answer([binary], Buffer.alloc(16, 0xff));
  await (await post()).arrayBuffer();
  const [mixed, raw] = await telemetry.ended(2);
  expect(mixed.attributes['ml.prediction.label']).toEqual(['0', '1']);
  expect(raw.attributes['ml.prediction.label']).toBeUndefined();
  expect(await skipped()).toEqual([['response_binary', 2]]);
});

test('a body in a stream is sent and read as it was', async () => {
  instrument();
  server.answer(json(OUTPUTS));
  const text = JSON.stringify(INPUTS);
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < text.length; i += 7) controller.enqueue(new TextEncoder().encode(text.slice(i, i + 7)));
      controller.close();
    },
  });
  const response = await post(INPUTS, MODEL, { body, duplex: 'half' } as RequestInit);
  expect(await response.json()).toEqual(OUTPUTS);
  expect(server.received[0].body.toString()).toBe(text);
  expect(valuesOf((await telemetry.ended(1))[0])).toEqual(CAPTURED);
});

test('a response in a stream reaches the caller piece by piece', async () => {
  instrument();
  const events = { 'content-type': 'text/event-stream' };
  let send: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  server.answer((response) => {
    response.writeHead(200, events).write('data: 1\n\n');
    send = (text) => response.write(text);
    end = () => response.end();
  });
  const reader = (await post()).body!.getReader();
  const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
  expect(await next()).toBe('data: 1\n\n');
  expect(telemetry.spans()).toEqual([]);
  send('data: 2\n\n');
  expect(await next()).toBe('data: 2\n\n');
  end();
  expect((await reader.read()).done).toBe(true);
  await telemetry.ended(1);
  expect(await skipped()).toEqual([['response_content_type', 2]]);
});
