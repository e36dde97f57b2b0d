/** `leeway pipeline run` as a scheduler runs it, against a real HTTP server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { httpBackend, type Received } from '../../test/http-backend.ts';
import { finish, startLeeway } from '../../test/run-leeway.ts';

const node = process.execPath;

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-pipeline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const start = (args: readonly string[], env: Record<string, string>) =>
  startLeeway(['pipeline', 'run', '--pipeline', 'retrain', ...args], {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    ...env,
  });
const run = (args: readonly string[], env: Record<string, string>) => finish(start(args, env));

type KeyValue = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
const textOf = (attributes: readonly KeyValue[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const bodies = (received: readonly Received[], path: string) =>
  received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body));

function eventsOf(received: readonly Received[]): Record<string, unknown>[] {
  return bodies(received, '/v1/logs').map(({ resourceLogs }) => {
    const { eventName, attributes } = resourceLogs[0].scopeLogs[0].logRecords[0];
    return { eventName, ...textOf(attributes) };
  });
}

/** The points of each request, by metric name. */
function metricsOf(received: readonly Received[]): Record<string, Point[]>[] {
  return bodies(received, '/v1/metrics').map(({ resourceMetrics }) => {
    const { resource, scopeMetrics } = resourceMetrics[0];
    const metrics = scopeMetrics[0].metrics.map(
      (metric: { name: string; sum?: Points; gauge?: Points; histogram?: Points }) => [
        metric.name,
        (metric.sum ?? metric.gauge ?? metric.histogram)?.dataPoints ?? [],
      ],
    );
    return Object.fromEntries([['instance', textOf(resource.attributes)['service.instance.id']], ...metrics]);
  });
}
interface Point {
  readonly attributes: readonly KeyValue[];
  readonly asDouble: number;
  readonly count: number;
  readonly sum: number;
}
type Points = { readonly dataPoints: readonly Point[] };

const WRITE_RESULT = `require('fs').writeFileSync(process.env.LEEWAY_PIPELINE_RESULT, JSON.stringify(
  { rows: 120, data_version: process.env.LEEWAY_PIPELINE + ' ' + process.env.LEEWAY_PIPELINE_STEP, cost: 3.5, metrics: { auroc: 0.71 } }));
  console.log('fitted')`;

test('a run: its output is its own, an event has the facts, and the sums go on from run to run', async () => {
  const { url, received } = await httpBackend([200]);
  const state = stateFolder();
  const args = [
    '--step',
    'fit',
    '--state',
    state,
    '--scheduled',
    '2026-01-01T00:00:00Z',
    '--next',
    '2030-01-01T00:00:00Z',
  ];
  const more = ['--budget', '20', '--model', 'fraud', '--model-version', '8', '--metric', 'log_loss=0.4'];
  const once = () => run([...args, ...more, '--', node, '-e', WRITE_RESULT], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(await once()).toMatchObject({ code: 0, stdout: 'fitted\n', stderr: '' });
  expect(await once()).toMatchObject({ code: 0 });
  const [event] = eventsOf(received);
  expect(event).toMatchObject({
    eventName: 'ml.pipeline.run',
    'ml.pipeline.name': 'retrain',
    'ml.pipeline.step': 'fit',
    'ml.pipeline.run.status': 'ok',
    'ml.pipeline.run.scheduled_time': '2026-01-01T00:00:00.000Z',
    'ml.pipeline.run.rows': 120,
    'ml.pipeline.run.cost': 3.5,
    'ml.pipeline.data.version': 'retrain fit',
    'ml.pipeline.metrics.auroc': 0.71,
    'ml.pipeline.metrics.log_loss': 0.4,
    'ml.model.name': 'fraud',
    'ml.model.version': '8',
  });
  expect(event).not.toHaveProperty('error.type');
  const [first, second] = metricsOf(received);
  expect(first.instance).toBe(second.instance);
  expect([first, second].map((one) => one['ml.pipeline.runs'][0].asDouble)).toEqual([1, 2]);
  expect([first, second].map((one) => one['ml.pipeline.cost'][0].asDouble)).toEqual([3.5, 7]);
  expect(second['ml.pipeline.run.duration'][0].count).toBe(2);
  expect(second['ml.pipeline.schedule.delay'][0].sum).toBeGreaterThan(2 * 86_400);
  expect(second['ml.pipeline.next_run.time'][0].asDouble).toBe(Date.UTC(2030, 0, 1) / 1000);
  expect(second['ml.pipeline.budget'][0].asDouble).toBe(20);
}, 30_000);

test('a run that fails: its exit code is kept, and error.type says it', async () => {
  const { url, received } = await httpBackend([200]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
  const state = stateFolder();
  expect(await run(['--state', state, '--', node, '-e', 'process.exit(3)'], env)).toMatchObject({ code: 3 });
  expect(await run(['--state', state, '--', 'no-such-command-there'], env)).toMatchObject({
    code: 127,
    stderr: expect.stringContaining('is it installed'),
  });
  expect(eventsOf(received).map((event) => [event['ml.pipeline.run.status'], event['error.type']])).toEqual([
    ['error', 'exit_3'],
    ['error', 'not_started'],
  ]);
  const runs = metricsOf(received)[1]['ml.pipeline.runs'];
  expect(runs.map(({ attributes, asDouble }) => [textOf(attributes)['error.type'], asDouble])).toEqual([
    ['exit_3', 1],
    ['not_started', 1],
  ]);
}, 30_000);

test('a signal reaches the command, and what it makes of it is the end', async () => {
  const { url, received } = await httpBackend([200]);
  const code = "process.on('SIGTERM', () => process.exit(7)); console.log('up'); setInterval(() => {}, 1000)";
  const child = start(['--state', stateFolder(), '--', node, '-e', code], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const finished = finish(child);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  child.kill('SIGTERM');
  expect(await finished).toMatchObject({ code: 7 });
  expect(eventsOf(received)).toMatchObject([{ 'error.type': 'exit_7' }]);
}, 30_000);

test('no backend: the exit code stays, what was not told is said, and the next run counts both', async () => {
  const state = stateFolder();
  const dead = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '500' };
  const lost = await run(['--state', state, '--', node, '-e', '0'], dead);
  expect(lost.code).toBe(0);
  expect(lost.stderr).toContain('http://127.0.0.1:9/v1/logs');
  expect(lost.stderr).toContain('http://127.0.0.1:9/v1/metrics');
  const { url, received } = await httpBackend([200]);
  await run(['--state', state, '--', node, '-e', '0'], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(metricsOf(received)[0]['ml.pipeline.runs'][0].asDouble).toBe(2);
}, 60_000);

test.each([
  ['no JSON', 'is no JSON'],
  ['{"rows": -1}', '/rows'],
  ['{"row": 1}', 'it may have rows, data_version, cost, metrics'],
])(
  'a result that is not understood fails nothing: %s',
  async (text, said) => {
    const { url, received } = await httpBackend([200]);
    const code = `require('fs').writeFileSync(process.env.LEEWAY_PIPELINE_RESULT, ${JSON.stringify(text)})`;
    const args = ['--state', stateFolder(), '--rows', '5', '--', node, '-e', code];
    const { code: exit, stderr } = await run(args, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect([exit, stderr]).toEqual([0, expect.stringContaining(said)]);
    expect(eventsOf(received)).toMatchObject([{ 'ml.pipeline.run.rows': 5 }]);
  },
  30_000,
);

test('runs that end at once are all counted; sums that cannot be read are set aside', async () => {
  const state = stateFolder();
  const env = { LEEWAY_DISABLED: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: (await httpBackend([200])).url };
  await Promise.all([1, 2, 3].map(() => run(['--state', state, '--', node, '-e', '0'], env)));
  const [file] = readdirSync(state);
  expect(JSON.parse(readFileSync(join(state, file), 'utf8')).ends[''].runs).toBe(3);
  writeFileSync(join(state, file), '{"version": 9}');
  expect((await run(['--state', state, '--', node, '-e', '0'], env)).stderr).toContain('cannot be read');
  expect(JSON.parse(readFileSync(join(state, file), 'utf8')).ends[''].runs).toBe(1);
}, 60_000);

test('switched off: the command runs, and nothing is sent or kept', async () => {
  const { url, received } = await httpBackend([200]);
  const state = join(stateFolder(), 'none');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, LEEWAY_DISABLED: 'true' };
  expect(await run(['--state', state, '--', node, '-e', 'process.exit(2)'], env)).toMatchObject({ code: 2 });
  expect([received, () => readdirSync(state)]).toEqual([[], expect.any(Function)]);
  expect(() => readdirSync(state)).toThrow('ENOENT');
}, 30_000);

test.each([
  [['--scheduled', 'soon'], '2026-03-01T02:00:00Z'],
  [['--metric', 'auroc'], 'auroc=0.71'],
  [['--every', 'daily'], '1d'],
  [['--rows', '-1'], 'whole number'],
])('%j is refused with the fix', async (args, fix) => {
  const { code, stderr } = await run([...args, '--', node, '-e', '0'], {});
  expect([code, stderr]).toEqual([1, expect.stringContaining(fix)]);
});
