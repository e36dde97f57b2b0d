/** Every standard setting, and every bad backend, on real sockets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { accept, Bench, type Received, refuse } from '../test/backend.ts';
import { createAuthority } from '../test/certificates.ts';
import { proxyFor } from './export-agent.ts';
import type { MetricFamily } from './metric-family.ts';
import { otlpProblems } from './otlp-environment.ts';

const bench = new Bench();
afterEach(() => bench.close());

const folder = mkdtempSync(join(tmpdir(), 'leeway-wire-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const authority = createAuthority();
const server = authority.issue('server');
const client = authority.issue('client');
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const CA = write('ca.pem', authority.cert);
const CLIENT_CERTIFICATE = write('client.pem', client.cert);
const CLIENT_KEY = write('client-key.pem', client.key);

const counter = (value: number): MetricFamily => ({
  name: 'ml.feature.observations',
  points: [{ attributes: { 'ml.bin': '01' }, value }],
});
const one = () => [counter(1)];
const sumOf = ({ body }: Received): number =>
  JSON.parse(body.toString()).resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[0].asDouble;

test('a private authority: trusted when the environment names it, refused and counted when not', async () => {
  const { url, received } = await bench.backend([accept], server);
  const trusting = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_CERTIFICATE: CA }, one);
  expect(await trusting.flush()).toBeUndefined();
  expect(received).toHaveLength(1);
  await bench.close();
  const again = await bench.backend([accept], server);
  const distrusting = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: again.url }, one);
  expect(await distrusting.flush()).toBeInstanceOf(Error);
  expect(again.received).toHaveLength(0);
  expect(distrusting.producer.counts).toMatchObject({ exported: 0, failed: 1 });
});

test.each(['', 'METRICS_'])(
  'a client certificate is shown: OTEL_EXPORTER_OTLP_%sCLIENT_CERTIFICATE',
  async (signal) => {
    const { url, received } = await bench.backend([accept], {
      ...server,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const names = {
      [`OTEL_EXPORTER_OTLP_${signal}CERTIFICATE`]: CA,
      [`OTEL_EXPORTER_OTLP_${signal}CLIENT_CERTIFICATE`]: CLIENT_CERTIFICATE,
      [`OTEL_EXPORTER_OTLP_${signal}CLIENT_KEY`]: CLIENT_KEY,
    };
    expect(await bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, ...names }, one).flush()).toBeUndefined();
    expect(received).toHaveLength(1);
  },
);

test('settings of the signal come before the common ones; its endpoint is used as it stands', async () => {
  const { url, received } = await bench.backend();
  const exporter = bench.start(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/ingest`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=common,b=common',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'a=own',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip',
    },
    one,
  );
  expect(await exporter.flush()).toBeUndefined();
  expect(received.map(({ path }) => path)).toEqual(['/ingest']);
  expect(received[0].headers).toMatchObject({
    a: 'own',
    b: 'common',
    'content-encoding': 'gzip',
    'content-type': 'application/json',
  });
});

test('HTTPS goes through the proxy by CONNECT, with the authority of the environment', async () => {
  const backend = await bench.backend([accept], server);
  const proxy = await bench.proxy(backend.url);
  const exporter = bench.start(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://localhost:44318',
      OTEL_EXPORTER_OTLP_CERTIFICATE: CA,
      HTTPS_PROXY: proxy.url,
      NO_PROXY: '',
    },
    one,
  );
  expect(await exporter.flush()).toBeUndefined();
  expect(proxy.asked).toEqual(['CONNECT localhost:44318']);
  expect(backend.received).toHaveLength(1);
});

test('HTTP goes through the proxy with the whole URL; NO_PROXY goes past it', async () => {
  const backend = await bench.backend();
  const proxy = await bench.proxy(backend.url);
  const through = bench.start(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318', HTTP_PROXY: proxy.url, NO_PROXY: '' },
    one,
  );
  expect(await through.flush()).toBeUndefined();
  expect(proxy.asked).toEqual(['POST http://collector.invalid:4318/v1/metrics']);
  const past = bench.start(
    { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, HTTP_PROXY: proxy.url, NO_PROXY: 'example.org,127.0.0.1' },
    one,
  );
  expect(await past.flush()).toBeUndefined();
  expect([proxy.asked.length, backend.received.length]).toEqual([1, 2]);
});

test.each([
  ['http://a.example.org/', { http_proxy: 'p:1' }, 'http://p:1'],
  ['http://a.example.org/', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ['https://a.example.org/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.org' }, undefined],
  ['https://a.example.org/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.example.org' }, undefined],
  ['https://a.example.org/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.example.org:443' }, undefined],
  ['https://a.example.org:8443/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.org:443' }, 'http://p:1'],
  ['https://notexample.org/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'example.org' }, 'http://p:1'],
  ['https://[::1]:4318/', { ALL_PROXY: 'http://p:1', no_proxy: '::1' }, undefined],
  ['https://a/', { ALL_PROXY: 'http://p:1', no_proxy: '*' }, undefined],
])('the proxy for %s under %j', (url, env, proxy) => {
  expect(proxyFor(url, env)).toBe(proxy);
});

test('a backend that hangs: OTEL_EXPORTER_OTLP_TIMEOUT ends it, it is counted, and the next export is tried', async () => {
  const { url, received } = await bench.backend([() => undefined, accept]);
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '200' }, one);
  expect(await exporter.flush()).toBeInstanceOf(Error);
  expect(exporter.producer.counts).toMatchObject({ exported: 0, failed: 1 });
  expect(await exporter.flush()).toBeUndefined();
  expect(received).toHaveLength(2);
  expect(exporter.producer.counts).toMatchObject({ exported: 1, failed: 1 });
});

test('503 with Retry-After is tried again, and counts as one export', async () => {
  const { url, received } = await bench.backend([refuse(503, { 'retry-after': '1' }), accept]);
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, one);
  expect(await exporter.flush()).toBeUndefined();
  expect(received).toHaveLength(2);
  expect(exporter.producer.counts).toMatchObject({ exported: 1, failed: 0 });
});

test('a huge answer is a failure; the next export goes on', async () => {
  const { url } = await bench.backend([(response) => response.writeHead(200).end(Buffer.alloc(5 << 20)), accept]);
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, one);
  expect((await exporter.flush())?.message).toMatch(/size limit/);
  expect(await exporter.flush()).toBeUndefined();
});

test('regression: an answer that never ends is cut off at the deadline', async () => {
  const ended: boolean[] = [];
  const { url } = await bench.backend([
    (response) => {
      response.writeHead(500);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(timer);
        ended.push(true);
      });
    },
  ]);
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: '100' }, one);
  expect(await exporter.flush()).toBeInstanceOf(Error);
  await expect.poll(() => ended).toEqual([true]);
  expect([...exporter.failures]).toEqual([['timeout', 1]]);
});

test('a closed port is a failure by its code', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
  const exporter = bench.start(env, one);
  expect(await exporter.flush()).toMatchObject({ code: 'ECONNREFUSED' });
  expect([...exporter.failures]).toEqual([['ECONNREFUSED', 1]]);
});

test.each([400, 503])(
  'regression: with delta temporality nothing is lost while the backend answers %i',
  async (status) => {
    const { url, received } = await bench.backend([accept, refuse(status), refuse(status), accept]);
    let value = 30;
    const exporter = bench.start(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_TIMEOUT: '100',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      },
      () => [counter(value)],
    );
    for (const next of [30, 50, 70, 100]) {
      value = next;
      await exporter.flush();
    }
    const taken = [received[0], received[3]].map(sumOf);
    expect(taken).toEqual([30, 70]);
    expect(exporter.producer.counts).toEqual({ exported: 2, failed: 2, notFinite: 0 });
  },
);

test('two who flush at once export one after the other: no delta goes out twice', async () => {
  const { url, received } = await bench.backend();
  let value = 10;
  const exporter = bench.start(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    },
    () => [counter(value++)],
  );
  await Promise.all([exporter.flush(), exporter.flush(), exporter.flush()]);
  expect(received.map(sumOf)).toEqual([10, 1, 1]);
});

test('the last export is bounded, whatever the backend does', async () => {
  const { url } = await bench.backend([() => undefined]);
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, one);
  const started = performance.now();
  expect(await exporter.shutdown(200)).toMatchObject({ name: 'timeout' });
  // The exporter's own timeout is 10 s; this is far from it on the slowest machine.
  expect(performance.now() - started).toBeLessThan(8_000);
  expect(exporter.producer.counts).toMatchObject({ failed: 1 });
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', /must be a URL/],
  ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '10s', /positive number of milliseconds/],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zip', /none or gzip/],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'deltas', /cumulative or delta/],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/nowhere/ca.pem', /cannot be read/],
])('what the SDK would only warn of is refused: %s=%s', (name, value, expected) => {
  const problems = otlpProblems({ [name]: value }, 'METRICS');
  expect(problems).toEqual([expect.stringMatching(expected)]);
  expect(problems[0]).toContain(name);
});

test('credentials in the endpoint stay out of what is shown', () => {
  const exporter = bench.start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@127.0.0.1:1/x?token=secret' }, one);
  expect(exporter.url).toBe('http://127.0.0.1:1/x');
});
