/** The processors within the real SDK, exporting to a real HTTP server that refuses, tires and finds things too large. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AlwaysOffSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test } from 'vitest';
import { setLoggerProvider } from '../events.ts';
import { recordGroundTruth } from '../ground-truth.ts';
import { monitor } from '../monitor.ts';
import { setTracerProvider } from '../tracing.ts';
import { inferenceLogRecordProcessor, inferenceSpanProcessor } from './processors.ts';

interface Backend {
  readonly url: string;
  readonly bodies: string[];
  readonly server: Server;
}

const backends: Server[] = [];
afterEach(() => {
  setTracerProvider(undefined);
  setLoggerProvider(undefined);
  for (const server of backends.splice(0)) server.close();
});

/** @param statusOf of the n-th request, from 0 */
async function backend(statusOf: (index: number, bytes: number) => number): Promise<Backend> {
  const bodies: string[] = [];
  let index = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const status = statusOf(index++, body.length);
    if (status === 200) bodies.push(body);
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  backends.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, server };
}

const spanCount = ({ bodies }: Backend) =>
  bodies.reduce((sum, body) => sum + (body.match(/"spanId"/g)?.length ?? 0), 0);

async function scored(count: number, statusOf: (index: number, bytes: number) => number) {
  const server = await backend(statusOf);
  const processor = inferenceSpanProcessor(new OTLPTraceExporter({ url: server.url }));
  setTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
  const risk = monitor({ model: { name: 'risk' }, capture: { features: '*' } });
  for (let i = 0; i < count; i++) risk.predict({ amount: i }, () => 0.5);
  await processor.forceFlush();
  const lines = processor.counts().map(({ outcome, reason, observations }) => [outcome, reason, observations]);
  await processor.shutdown();
  return { lines, arrived: spanCount(server) };
}

test('a burst of 5,000 arrives whole', async () => {
  expect(await scored(5_000, () => 200)).toEqual({ lines: [['sent', 'accepted', 5_000]], arrived: 5_000 });
});

test.each([429, 503])('a server that is busy (%i) gets it again', async (status) => {
  const { lines, arrived } = await scored(10, (index) => (index === 0 ? status : 200));
  expect([lines, arrived]).toEqual([[['sent', 'accepted', 10]], 10]);
});

test('a server that refuses is not asked again: dropped and counted', async () => {
  expect(await scored(10, () => 400)).toEqual({ lines: [['dropped', 'refused', 10]], arrived: 0 });
});

test('what is too large goes in pieces', async () => {
  const { lines, arrived } = await scored(1_000, (_, bytes) => (bytes > 100_000 ? 413 : 200));
  expect([lines, arrived]).toEqual([[['sent', 'accepted', 1_000]], 1_000]);
});

test('other spans go to the other processor, and only they; unsampled spans go nowhere', async () => {
  const server = await backend(() => 200);
  const others = new InMemorySpanExporter();
  const processor = inferenceSpanProcessor(
    new OTLPTraceExporter({ url: server.url }),
    new SimpleSpanProcessor({ exporter: others }),
  );
  const provider = new TracerProvider({ spanProcessors: [processor] });
  setTracerProvider(provider);
  monitor({ model: { name: 'risk' } }).predict({}, () => 1);
  provider.getTracer('mine').startSpan('checkout', {}, ROOT_CONTEXT).end();
  await processor.forceFlush();
  expect(others.getFinishedSpans().map(({ name }) => name)).toEqual(['checkout']);
  expect([spanCount(server), server.bodies.join()]).toEqual([1, expect.stringContaining('predict risk')]);

  setTracerProvider(new TracerProvider({ spanProcessors: [processor], sampler: new AlwaysOffSampler() }));
  monitor({ model: { name: 'risk' } }).predict({}, () => 1);
  await processor.shutdown();
  expect(spanCount(server)).toBe(1);
  expect(trace.getActiveSpan()).toBe(undefined);
});

test('events of inferences and labels go by the queue, other records to the other processor', async () => {
  const server = await backend(() => 200);
  const others = new InMemoryLogRecordExporter();
  const processor = inferenceLogRecordProcessor(
    new OTLPLogExporter({ url: server.url }),
    new SimpleLogRecordProcessor({ exporter: others }),
  );
  const provider = new LoggerProvider({ processors: [processor] });
  setLoggerProvider(provider as never);
  provider.getLogger('mine').emit({ body: 'hello' });
  for (let i = 0; i < 3_000; i++) recordGroundTruth({ model: { name: 'risk' }, inferenceId: `id-${i}`, value: i });
  monitor({ model: { name: 'risk' }, capture: { features: '*', carrier: 'event' } }).predict({ amount: 1 }, () => 1);
  await processor.forceFlush();
  expect(others.getFinishedLogRecords().map(({ body }) => body)).toEqual(['hello']);
  expect(processor.counts()).toEqual([{ outcome: 'sent', reason: 'accepted', items: 3_001, observations: 1 }]);
  expect(server.bodies.join().match(/ml\.ground_truth\.value/g)).toHaveLength(3_000);
  await processor.shutdown();
});
