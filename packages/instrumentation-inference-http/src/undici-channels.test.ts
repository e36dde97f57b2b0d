import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { Agent, RetryAgent, request as undiciRequest } from 'undici';
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

test('a fetch to a model is a CLIENT span with the columns, and metrics', async () => {
  instrument();
  server.answer(json(OUTPUTS));
  expect(await (await post()).json()).toEqual(OUTPUTS);
  const [span] = await telemetry.ended(1);
  expect([span.name, span.kind]).toEqual(['predict iris', 2]);
  expect(span.attributes).toMatchObject({
    'ml.operation.name': 'predict',
    'ml.model.name': 'iris',
    'ml.model.version': '3',
    'ml.system.name': 'kserve',
    'server.address': '127.0.0.1',
    'server.port': server.port(),
    'ml.inference.batch.size': 2,
  });
  expect(valuesOf(span)).toEqual(CAPTURED);
  const [rows] = await telemetry.points('ml.inference.rows');
  expect([rows.value, rows.attributes['ml.system.name']]).toEqual([2, 'kserve']);
  expect((await telemetry.points('ml.predictions')).map(({ value }) => value)).toEqual([1, 1]);
  expect((await telemetry.points('ml.inference.active')).map(({ value }) => value)).toEqual([0]);
});

test('other requests make nothing', async () => {
  instrument();
  server.answer(json(OUTPUTS));
  await (await fetch(`${server.url()}/v2/models/iris`)).text();
  await (await fetch(server.url() + MODEL)).text();
  await (await post(INPUTS, '/v2/health/ready')).text();
  await (await post(INPUTS, '/score')).text();
  expect(telemetry.spans()).toEqual([]);
});

test('values are off by default: rows and declared labels are counted from the response', async () => {
  instrument({ capture: {}, models: { classified: { classes: ['no', 'yes'] } } });
  server.answer(json(OUTPUTS));
  await (await post()).text();
  await (await post(INPUTS, '/v2/models/classified/infer')).text();
  const [span] = await telemetry.ended(2);
  expect(valuesOf(span)).toEqual({});
  expect((await telemetry.points('ml.inference.rows')).map(({ value }) => value)).toEqual([2, 2]);
  // A label that nobody declared is a value that nobody allowed.
  const labels = (await telemetry.points('ml.predictions')).map(({ attributes }) => attributes['ml.prediction.label']);
  expect(labels).toEqual(['no', 'yes']);
  expect(await telemetry.points('ml.capture.skipped')).toEqual([]);
});

test('nothing of a request that is sampled out is read, and the captured ones stand for the others', async () => {
  instrument({ capture: { features: '*', rate: 0.5 } });
  server.answer(json(OUTPUTS));
  const bodies: { isRead: boolean }[] = [];
  const original = JSON.parse;
  for (let i = 0; i < 60; i++) {
    const body = { isRead: false };
    bodies.push(body);
    JSON.parse = (text: string, ...rest: []) => {
      if (text.includes('"inputs"')) body.isRead = true;
      return original(text, ...rest);
    };
    try {
      await (await post()).arrayBuffer();
    } finally {
      JSON.parse = original;
    }
  }
  const spans = await telemetry.ended(60);
  const captured = spans.map(({ attributes }) => attributes['ml.capture.probability'] === 0.5);
  expect(bodies.map(({ isRead }) => isRead)).toEqual(captured);
  // 60 fair coins: fewer than 10 or more than 50 heads come once in ten million runs.
  expect(captured.filter(Boolean).length).toBeGreaterThanOrEqual(10);
  expect(captured.filter(Boolean).length).toBeLessThanOrEqual(50);
});

test.each([400, 404, 500, 503])('status %i is the error.type; the features are kept', async (status) => {
  instrument();
  server.answer(json({ error: 'no' }, status));
  expect((await post()).status).toBe(status);
  const [span] = await telemetry.ended(1);
  expect([span.attributes['error.type'], span.status.code]).toEqual([String(status), 2]);
  expect(span.attributes['ml.features.age']).toEqual([31.5, 40]);
  expect((await telemetry.points('ml.inference.duration'))[0].attributes['error.type']).toBe(String(status));
});

test('a connection that is refused, cut or aborted', async () => {
  instrument();
  server.answer((response) => response.destroy());
  await expect(post()).rejects.toThrow('fetch failed');
  const [cut] = await telemetry.ended(1);
  expect(cut.attributes['error.type']).toBe('UND_ERR_SOCKET');
  const controller = new AbortController();
  server.answer(() => controller.abort());
  await expect(post(INPUTS, MODEL, { signal: controller.signal })).rejects.toThrow('aborted');
  const [, aborted] = await telemetry.ended(2);
  expect(aborted.attributes['error.type']).toBe('AbortError');
  await expect(fetch(`http://127.0.0.1:59999${MODEL}`, { method: 'POST', body: '{}' })).rejects.toThrow('fetch failed');
  const [, , refused] = await telemetry.ended(3);
  expect(refused.attributes['error.type']).toBe('ECONNREFUSED');
  expect((await telemetry.points('ml.inference.active')).map(({ value }) => value)).toEqual([0, 0]);
});

test.each([
  ['307', '/elsewhere'],
  ['308', MODEL],
])('a %s that is followed is one inference', async (status, path) => {
  instrument();
  server.answer((response, { url }) =>
    url === path && server.received.length > 1
      ? json(OUTPUTS)(response, server.received[0])
      : response.writeHead(Number(status), { location: path }).end(),
  );
  expect(await (await post()).json()).toEqual(OUTPUTS);
  const spans = await telemetry.ended(1);
  expect([spans.length, server.received.length]).toEqual([1, 2]);
  expect(valuesOf(spans[0])).toEqual(CAPTURED);
  expect((await telemetry.points('ml.inference.rows')).map(({ value }) => value)).toEqual([2]);
});

test('undici itself: request, keep-alive, and each retry a span of its own', async () => {
  instrument();
  const agent = new Agent();
  try {
    const send = async (dispatcher: Agent | RetryAgent) =>
      (
        await undiciRequest(server.url() + MODEL, { method: 'POST', body: JSON.stringify(INPUTS), dispatcher })
      ).body.json();
    server.answer(json(OUTPUTS));
    await send(agent);
    await send(agent);
    server.answer((response) => json(OUTPUTS, server.received.length === 1 ? 503 : 200)(response, server.received[0]));
    await send(new RetryAgent(agent, { minTimeout: 1, maxTimeout: 2, methods: ['POST'] }));
    const spans = await telemetry.ended(4);
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([undefined, undefined, '503', undefined]);
    for (const span of [spans[0], spans[1], spans[3]]) expect(valuesOf(span)).toEqual(CAPTURED);
  } finally {
    await agent.close();
  }
});

test('HTTP/2', async () => {
  instrument();
  const h2 = createHttp2Server((request, response) => {
    request.resume();
    request.on('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(OUTPUTS)),
    );
  });
  h2.listen(0, '127.0.0.1');
  await once(h2, 'listening');
  const agent = new Agent({ allowH2: true, useH2c: true } as Agent.Options);
  try {
    const url = `http://127.0.0.1:${(h2.address() as AddressInfo).port}${MODEL}`;
    const { body } = await undiciRequest(url, { method: 'POST', body: JSON.stringify(INPUTS), dispatcher: agent });
    expect(await body.json()).toEqual(OUTPUTS);
    expect(valuesOf((await telemetry.ended(1))[0])).toEqual(CAPTURED);
  } finally {
    await agent.close();
    h2.close();
  }
});

test('neither a request nor what was read of its bodies is kept', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  instrument();
  server.answer(json(OUTPUTS));
  const kept: WeakRef<object>[] = [];
  const keep = ({ request }: { request: object }) => kept.push(new WeakRef(request));
  const keepAll = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    kept.push(new WeakRef(value));
    for (const part of Object.values(value)) keepAll(part);
  };
  const parse = JSON.parse;
  JSON.parse = (...args: Parameters<typeof parse>) => {
    const value: unknown = parse(...args);
    keepAll(value);
    return value;
  };
  subscribe('undici:request:create', keep as (message: unknown) => void);
  try {
    for (let i = 0; i < 5; i++) await (await post()).arrayBuffer();
  } finally {
    JSON.parse = parse;
    unsubscribe('undici:request:create', keep as (message: unknown) => void);
  }
  expect(valuesOf((await telemetry.ended(5))[4])).toEqual(CAPTURED);
  // A call: the request, the 8 objects and lists of INPUTS, the 5 of OUTPUTS.
  expect(kept.length).toBe(5 * 14);
  let alive = kept;
  for (let i = 0; i < 20 && alive.length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    alive = alive.filter((reference) => reference.deref() !== undefined);
  }
  expect(alive.length).toBe(0);
});

test('requests of exporters, which suppress tracing, make nothing', async () => {
  instrument();
  server.answer(json(OUTPUTS));
  await context.with(suppressTracing(context.active()), () => post().then((response) => response.text()));
  expect(telemetry.spans()).toEqual([]);
});

test('a second instance stays off: nothing is counted twice', async () => {
  instrument();
  const second = new InferenceHttpInstrumentation();
  expect([instrumentation?.isEnabled, second.isEnabled]).toEqual([true, false]);
  server.answer(json(OUTPUTS));
  await (await post()).text();
  await (await post()).text();
  expect((await telemetry.ended(2)).length).toBe(2);
  instrumentation?.disable();
  second.enable();
  expect(second.isEnabled).toBe(true);
  second.disable();
  await (await post()).text();
  expect(telemetry.spans().length).toBe(2);
});

test('LEEWAY_DISABLED turns it off, and nothing overrides it', async () => {
  process.env.LEEWAY_DISABLED = 'true';
  try {
    instrument({ enabled: true });
    instrumentation?.enable();
    server.answer(json(OUTPUTS));
    await (await post()).text();
    expect([instrumentation?.isEnabled, telemetry.spans()]).toEqual([false, []]);
  } finally {
    delete process.env.LEEWAY_DISABLED;
  }
});

test('predictions of another number of rows than were asked for are left out', async () => {
  instrument();
  server.answer(json({ outputs: [{ name: 'predict', shape: [3], datatype: 'INT64', data: [0, 1, 2] }] }));
  await (await post()).text();
  const [span] = await telemetry.ended(1);
  expect(Object.keys(valuesOf(span))).toEqual(['ml.capture.probability', 'ml.features.age', 'ml.features.plan']);
});
