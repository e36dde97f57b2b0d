/** Each diagnosis with a real application, in a process of its own, and real endpoints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Sidecar, startSidecar } from '@leeway/sidecar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopBalanced } from '../../../sidecar/test/scoring.ts';
import { apiCheck } from './api-copies.ts';
import { applicationChecks } from './application-checks.ts';
import { endpointChecks } from './destination-checks.ts';
import { probeEndpoint } from './endpoint-probe.ts';
import { readFacts } from './facts.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const NODE = here('../../../../node_modules/node/bin/node');
const FIXTURES = here('../../../register/test/fixtures');
const REGISTER = ['--import', here('../../../register/src/index.ts')];
const MODEL = here('../../../../examples/flights/service/model/late-flights.onnx');
const REFERENCE = here('../../../../examples/flights/reference.json');

interface Diagnosis {
  readonly code: number | null;
  readonly ok: boolean;
  readonly checks: readonly { readonly id: string; readonly state: string; readonly text: string; fix?: string }[];
  readonly stderr: string;
}

const folder = mkdtempSync(join(tmpdir(), 'leeway-doctor-test-'));
const servers: (Server | TcpServer)[] = [];
let sidecar: Sidecar;
let good: string;

beforeAll(async () => {
  good = await listening(createServer((_, response) => response.writeHead(200).end()));
  const env = { LEEWAY_LISTEN_OTLP_HTTP: '127.0.0.1:0', LEEWAY_LISTEN_HTTP: '127.0.0.1:0', LEEWAY_LOG_LEVEL: 'silent' };
  sidecar = await startSidecar({ env, referenceFiles: [REFERENCE] });
}, 60_000);
afterAll(async () => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
  await stopBalanced(sidecar);
});

async function listening(server: Server | TcpServer): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Given {
  /** Of register's fixtures, or a path. */
  readonly fixture?: string;
  readonly args?: readonly string[];
  readonly preload?: readonly string[];
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function diagnose({ fixture = 'function.mjs', args = [], preload = REGISTER, options = [], env = {} }: Given) {
  const main = here('../main.ts');
  const source = '--conditions=@leeway/source';
  const command = [NODE, source, ...preload, resolve(FIXTURES, fixture), ...args];
  const child = spawn(NODE, [source, main, 'doctor', '--json', ...options, '--', ...command], {
    env: { PATH: process.env.PATH ?? '', OTEL_EXPORTER_OTLP_ENDPOINT: good, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr, ...JSON.parse(stdout) } as Diagnosis;
}

const failures = ({ checks }: Diagnosis) => checks.filter(({ state }) => state === 'failed').map(({ id }) => id);
const textOf = ({ checks }: Diagnosis, id: string) =>
  checks
    .filter((check) => check.id === id)
    .map(({ text, fix }) => `${text}${fix === undefined ? '' : ` → ${fix}`}`)
    .join('\n');
const CAPTURED = { LEEWAY_CAPTURE_FEATURES: '*' };

test('all is well, down to the features of the reference', async () => {
  const env = { ...CAPTURED, OTEL_EXPORTER_OTLP_ENDPOINT: sidecar.otlpUrl };
  const diagnosis = await diagnose({ env, options: ['--sidecar', sidecar.httpUrl] });
  expect([diagnosis.code, diagnosis.ok, failures(diagnosis)]).toEqual([0, true, []]);
  expect(textOf(diagnosis, 'features')).toBe('all 5 features of the reference are sent');
  expect(textOf(diagnosis, 'sdk')).toContain('Leeway started');
  expect(textOf(diagnosis, 'clock')).toBe('the clocks agree');
});

test('names that differ from those of the reference', async () => {
  const env = { ...CAPTURED, OTEL_EXPORTER_OTLP_ENDPOINT: sidecar.otlpUrl, FEATURES: 'hour,dist,origin' };
  const diagnosis = await diagnose({ env, options: ['--sidecar', sidecar.httpUrl] });
  expect([diagnosis.code, failures(diagnosis)]).toEqual([1, ['features']]);
  expect(textOf(diagnosis, 'features')).toContain('3 of 5 features of the reference are not sent');
  expect(textOf(diagnosis, 'features')).toContain('sent and not in it: dist');
});

test('a model that the sidecar has no reference of', async () => {
  const env = { ...CAPTURED, OTEL_EXPORTER_OTLP_ENDPOINT: sidecar.otlpUrl, MODEL: 'churn' };
  const diagnosis = await diagnose({ env, options: ['--sidecar', sidecar.httpUrl] });
  expect(failures(diagnosis)).toEqual(['model']);
  expect(textOf(diagnosis, 'model')).toContain('leeway profile rows.parquet --model churn');
});

test('a sidecar that is not there, and what is none', async () => {
  const gone = await diagnose({ env: CAPTURED, options: ['--sidecar', 'http://127.0.0.1:9'] });
  expect(failures(gone)).toEqual(['sidecar']);
  const other = await diagnose({ env: CAPTURED, options: ['--sidecar', good] });
  expect(textOf(other, 'sidecar')).toContain('no Leeway sidecar');
});

test('register was not loaded', async () => {
  const diagnosis = await diagnose({ preload: [] });
  expect([diagnosis.code, failures(diagnosis)]).toEqual([1, ['register']]);
  expect(textOf(diagnosis, 'register')).toContain('node --import @leeway/register app.js');
});

test.each(['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED'])('%s', async (name) => {
  const diagnosis = await diagnose({ env: { [name]: 'true' } });
  expect(failures(diagnosis)).toEqual(['switch']);
  expect(textOf(diagnosis, 'switch')).toContain(`unset ${name}`);
});

test('a library that was loaded before', async () => {
  const preload = ['--require', join(FIXTURES, 'preloaded.cjs'), ...REGISTER];
  const diagnosis = await diagnose({ fixture: 'idle.mjs', preload });
  expect(failures(diagnosis)).toEqual(['library', 'inference']);
  expect(textOf(diagnosis, 'library')).toMatch(
    /onnxruntime-node \d+\S+ is loaded but not instrumented: it was loaded be/,
  );
});

test('a bundled copy, known by its native part', async () => {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const from = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  const to = join(folder, 'bundle');
  mkdirSync(to);
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
  const env = { BUNDLED: join(to, 'onnxruntime_binding.node') };
  const diagnosis = await diagnose({ fixture: 'bundled.cjs', env });
  expect(failures(diagnosis)).toEqual(['library', 'inference']);
  expect(textOf(diagnosis, 'library')).toContain('manuallyInstrument()');
});

test('a version that is not supported', async () => {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const from = join(dirname(main), '..');
  const to = join(folder, 'old', 'node_modules', 'onnxruntime-node');
  const native = join('bin', 'napi-v6', process.platform, process.arch);
  mkdirSync(join(to, dirname(native)), { recursive: true });
  cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
  symlinkSync(join(from, native), join(to, native));
  symlinkSync(join(from, '..', 'onnxruntime-common'), join(to, '..', 'onnxruntime-common'));
  writeFileSync(join(to, 'package.json'), JSON.stringify({ version: '1.16.3', main: 'dist/index.js' }));
  for (const name of ['score.cjs', 'feed.cjs']) copyFileSync(join(FIXTURES, name), join(folder, 'old', name));
  const diagnosis = await diagnose({ fixture: join(folder, 'old', 'score.cjs'), args: [MODEL] });
  expect(failures(diagnosis)).toEqual(['library', 'inference']);
  expect(textOf(diagnosis, 'library')).toContain('onnxruntime-node 1.16.3 is loaded but not instrumented');
  expect(textOf(diagnosis, 'library')).toContain('supported is 1.17 or later; npm ls onnxruntime-node');
});

test('no inference: the application ended, or the time was over', async () => {
  const ended = await diagnose({ fixture: 'idle.mjs' });
  expect(failures(ended)).toEqual(['inference']);
  expect(textOf(ended, 'inference')).toContain('ended by itself (code 0)');
  const running = await diagnose({ fixture: 'forever.mjs', options: ['--timeout', '4s'] });
  expect(textOf(running, 'inference')).toContain('the time was over');
});

test.each([
  ['no allow-list', {}, 'capture', 'LEEWAY_CAPTURE_FEATURES=age,plan'],
  ['rate 0', { ...CAPTURED, LEEWAY_CAPTURE_RATE: '0' }, 'capture', 'unset LEEWAY_CAPTURE_RATE'],
  ['a small rate', { ...CAPTURED, LEEWAY_CAPTURE_RATE: '1e-9' }, 'capture', 'sampled out by LEEWAY_CAPTURE_RATE=1e-9'],
  ['the sampler', { ...CAPTURED, OTEL_TRACES_SAMPLER: 'always_off' }, 'sampling', 'OTEL_TRACES_SAMPLER=parentbased'],
  ['no SDK', { ...CAPTURED, LEEWAY_SDK: 'app' }, 'sdk', 'start one in code'],
])('%s', async (_, env, id, text) => {
  const diagnosis = await diagnose({ env });
  expect(failures(diagnosis)[0]).toBe(id);
  expect(textOf(diagnosis, id)).toContain(text);
});

test("an SDK of the application's that Leeway cannot see", async () => {
  const preload = ['--require', join(FIXTURES, 'old-api.cjs'), ...REGISTER];
  const diagnosis = await diagnose({ env: CAPTURED, preload });
  expect(failures(diagnosis)).toContain('sdk');
  expect(textOf(diagnosis, 'sdk')).toContain('upgrade to OpenTelemetry SDK 3');
  expect(diagnosis.stderr).toContain('Leeway records nothing');
});

const answering = (status: number): RequestListener => {
  return (_, response) => response.writeHead(status).end();
};
test.each([
  ['404', () => listening(createServer(answering(404))), 'without /v1/traces'],
  ['401', () => listening(createServer(answering(401))), 'OTEL_EXPORTER_OTLP_HEADERS'],
  ['415', () => listening(createServer(answering(415))), 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  ['TLS', async () => (await listening(createServer(answering(200)))).replace('http:', 'https:'), 'TLS fails'],
  ['no HTTP', () => listening(createTcpServer((socket) => socket.end('\0\0\0\x04gRPC'))), '4318 is OTLP over HTTP'],
  ['no name', async () => 'http://collector.invalid:4318', 'correct the host'],
  ['nobody', async () => 'http://127.0.0.1:9', 'nothing listens there'],
])('an endpoint: %s', async (_, start, text) => {
  const [check, ...rest] = endpointChecks(await probeEndpoint(await start(), {}, Date.now));
  expect([check.state, rest]).toEqual(['failed', []]);
  expect(`${check.text} → ${check.fix}`).toContain(text);
});

test('the headers of the environment are sent, so that the answer is that to the application', async () => {
  const url = await listening(
    createServer((request, response) => response.writeHead(request.headers['x-key'] === 'a b' ? 200 : 401).end()),
  );
  const probe = await probeEndpoint(url, { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b' }, Date.now);
  expect(probe.answer).toBe(200);
});

test('an endpoint in a configuration file is not asked; that exports to it failed is told', async () => {
  const file = join(folder, 'otel.yaml');
  const exporter = '{ otlp_http: { endpoint: "http://127.0.0.1:9/v1/traces", timeout: 500 } }';
  writeFileSync(file, `file_format: "1.0"\ntracer_provider:\n  processors: [{ batch: { exporter: ${exporter} } }]\n`);
  const diagnosis = await diagnose({ env: { ...CAPTURED, OTEL_CONFIG_FILE: file } });
  expect(failures(diagnosis)).toEqual(['export']);
  expect(textOf(diagnosis, 'export')).toContain('nothing listens there (ECONNREFUSED)');
  expect(textOf(diagnosis, 'endpoint')).toContain('otel.yaml');
});

test('a clock that differs', async () => {
  const probe = await probeEndpoint(good, {}, () => Date.now() + 3_600_000);
  const check = endpointChecks(probe).find(({ id }) => id === 'clock');
  expect([check?.state, check?.text]).toEqual(['failed', expect.stringMatching(/36\d\d s behind|3599 s behind/)]);
});

test('two lines of the API', () => {
  const write = (path: string, version: string) => {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'package.json'), JSON.stringify({ version }));
  };
  write('node_modules/@opentelemetry/api', '1.9.0');
  expect(apiCheck(folder).state).toBe('ok');
  write('node_modules/@leeway/register/node_modules/@opentelemetry/api', '1.10.0');
  expect(apiCheck(folder)).toMatchObject({ state: 'failed', text: expect.stringContaining('1.9.0') });
});

test('a Node that is too old says so', () => {
  const file = join(folder, 'facts.jsonl');
  writeFileSync(file, '{"fact":"refused","fault":"Leeway needs Node 22.15 or later, this is 20.19.6"}\nno JSON\n');
  const run = { facts: readFacts(file), end: 'exit', code: 0, signal: null } as const;
  expect(applicationChecks(run)).toMatchObject([
    { id: 'register', state: 'failed', text: expect.stringContaining('20') },
  ]);
});
