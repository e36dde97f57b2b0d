/** Real applications in processes of their own, started as a user starts them, exporting to a real HTTP server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = here('../../../examples/flights/service/model/late-flights.onnx');
/** vitest may run under another Node than the project's. */
const NODE = here('../../../node_modules/node/bin/node');

interface Attribute {
  readonly key: string;
  readonly value: unknown;
}
interface Span {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

let backend: Server;
let url: string;
const received: { path: string; body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});
afterAll(() => backend.close());
beforeEach(() => {
  received.length = 0;
});

async function run(fixture: string, env: Record<string, string> = {}) {
  const args = [
    '--conditions=@leeway/source',
    '--import',
    here('./index.ts'),
    here(`../test/fixtures/${fixture}`),
    MODEL,
  ];
  const child = spawn(NODE, args, {
    env: {
      PATH: process.env.PATH ?? '',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = await once(child, 'exit');
  return { code, stdout, stderr };
}

const spansOf = (): Span[] =>
  received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) =>
      (body.resourceSpans as { scopeSpans: { spans: Span[] }[] }[]).flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans),
      ),
    );
const valueOfKey = (span: Span, key: string) => span.attributes.find((attribute) => attribute.key === key)?.value;

test.each(['score.mjs', 'score.cjs', 'default.mjs'])(
  '%s: spans with columns, errors passed on, metrics',
  async (fixture) => {
    const { code, stdout, stderr } = await run(fixture, { LEEWAY_CAPTURE_FEATURES: '*' });
    expect([code, stderr.includes('leeway: watching onnxruntime-node')]).toEqual([0, true]);
    expect(stdout).toMatch(/^on_time,on_time\nError\n$/);
    const [ok, failed] = spansOf();
    expect(ok.name).toBe('predict late-flights');
    expect(valueOfKey(ok, 'ml.model.version')).toEqual({ stringValue: '1' });
    expect(valueOfKey(ok, 'ml.features.distance')).toEqual({ arrayValue: { values: [{ intValue: 500 }, {}] } });
    expect(valueOfKey(ok, 'ml.features.origin')).toEqual({ arrayValue: { values: [{ stringValue: 'ORD' }, {}] } });
    expect(valueOfKey(ok, 'ml.prediction.label')).toEqual({
      arrayValue: { values: [{ stringValue: 'on_time' }, { stringValue: 'on_time' }] },
    });
    expect(failed.status.code).toBe(2);
    expect(JSON.stringify(received.filter(({ path }) => path === '/v1/metrics'))).toContain('ml.inference.duration');
  },
);

test('values are off by default', async () => {
  await run('score.mjs');
  const [span] = spansOf();
  expect(span.attributes.map(({ key }) => key).filter((key) => /features|prediction/.test(key))).toEqual([]);
});

test('LEEWAY_DISABLED turns everything off', async () => {
  const { stdout, stderr } = await run('score.mjs', { LEEWAY_DISABLED: 'true', LEEWAY_CAPTURE_FEATURES: '*' });
  expect(stdout).toContain('on_time');
  expect([stderr, received]).toEqual(['', []]);
});
