/** Whose SDK takes the telemetry, and what is sent when the process ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { GrpcBackend } from '../test/grpc-backend.ts';
import { Backend, runApp } from '../test/running-app.ts';

let backend: Backend;
const folder = mkdtempSync(join(tmpdir(), 'leeway-register-'));
beforeAll(async () => {
  backend = await Backend.start();
});
afterAll(() => {
  backend.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  backend.received.length = 0;
});

const run = (fixture: string, env: Record<string, string> = {}) => runApp(fixture, backend.url, { env });
const BY_APPLICATION = { stringValue: 'by-the-application' };

test('an SDK that the application starts in its code takes all, and nothing is sent twice', async () => {
  const { code, stderr } = await run('own-sdk.mjs');
  expect([code, stderr.includes("· the application's OpenTelemetry SDK")]).toEqual([0, true]);
  expect(stderr).toContain('keeps 2,048 spans and drops the rest of a burst without a word');
  expect(backend.services()).toEqual([BY_APPLICATION]);
  expect(backend.spans()).toHaveLength(1);
  const metrics = backend.received.filter(({ path }) => path === '/v1/metrics');
  expect(metrics).toHaveLength(1);
});

test('an SDK that comes after the first inference is told that it is late; still nothing is sent twice', async () => {
  const { stderr } = await run('own-sdk.mjs', { SDK_IS_LATE: 'true' });
  expect(stderr.match(/the application's own OpenTelemetry SDK came after the first inference/g)).toHaveLength(1);
  expect(stderr).toContain('LEEWAY_SDK=app');
  expect(backend.spans()).toHaveLength(1);
  expect(backend.services()).not.toEqual([BY_APPLICATION]);
});

test('LEEWAY_SDK=app: none is started here, and that is said', async () => {
  const { stderr } = await run('score.mjs', { LEEWAY_SDK: 'app' });
  expect(stderr).toContain('nothing is recorded, LEEWAY_SDK=app and the application has no SDK');
  expect(backend.received).toEqual([]);
});

test('OTEL_CONFIG_FILE configures the SDK', async () => {
  const file = join(folder, 'otel.yaml');
  const traces = `${backend.url}/v1/traces`;
  writeFileSync(
    file,
    `file_format: "1.0"
resource: { attributes: [{ name: service.name, value: of-the-file }] }
tracer_provider:
  processors: [{ batch: { exporter: { otlp_http: { endpoint: "${traces}", encoding: json } } } }]
`,
  );
  const { code, stderr } = await run('score.mjs', {
    OTEL_CONFIG_FILE: file,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  expect(code).toBe(0);
  expect(stderr).toContain(`the processors of ${file} export: a batch processor keeps 2,048 spans`);
  expect(backend.services()).toEqual([{ stringValue: 'of-the-file' }]);
});

test('over gRPC a burst takes the same way out: nothing of it is dropped', async () => {
  const grpc = await GrpcBackend.start();
  const { code, stderr } = await runApp('burst.mjs', grpc.url, { env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } });
  grpc.stop();
  expect([code, stderr.includes('failed')]).toEqual([0, false]);
  expect(grpc.spanCount).toBe(5_000);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: everything is sent, then the signal ends the process',
  async (signal) => {
    const at = { text: 'scored', act: (child: { kill(name: NodeJS.Signals): boolean }) => void child.kill(signal) };
    const finished = await runApp('serve.mjs', backend.url, { at });
    expect(finished.signal).toBe(signal);
    expect(finished.stderr).not.toContain('may be lost');
    expect(backend.spans()).toHaveLength(1);
  },
);

test('regression: what a service scored while it drained after SIGTERM was lost without a word', async () => {
  const at = { text: 'ready', act: (child: { kill(name: NodeJS.Signals): boolean }) => void child.kill('SIGTERM') };
  const { code, stderr } = await runApp('drain.mjs', backend.url, { at });
  expect([code, stderr.includes('may be lost')]).toEqual([0, false]);
  expect(backend.spans()).toHaveLength(6);
});

test('process.exit says what it lost, and how not to', async () => {
  const { stderr } = await run('exit.mjs');
  expect(stderr).toContain('the process ended before the last telemetry was sent');
  const awaited = await run('exit.mjs', { AWAITED: 'true' });
  expect(awaited.stderr).not.toContain('was sent');
  expect(backend.spans()).toHaveLength(1);
});

test('a process that recorded nothing has nothing to lose', async () => {
  expect((await run('idle.mjs')).stderr).not.toContain('was sent');
});

test('regression: an endpoint that is down is one readable line, not JSON with a stack every second', async () => {
  const env = { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_EXPORTER_OTLP_TIMEOUT: '500' };
  const { stderr } = await runApp('dead.mjs', 'http://127.0.0.1:9', { env });
  const lines = stderr.trim().split('\n');
  expect(lines.filter((line) => line.includes('telemetry does not arrive'))).toHaveLength(1);
  expect(lines.every((line) => line.startsWith('leeway: '))).toBe(true);
  expect(stderr).toContain('at http://127.0.0.1:9: nothing listens there (ECONNREFUSED); start the Collector');
});
