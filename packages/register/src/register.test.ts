/** Real applications in processes of their own, exporting to a real HTTP server. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Backend, REGISTER, runApp, type Span } from '../test/running-app.ts';
import { nodeFault } from './node-version.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await Backend.start();
});
afterAll(() => backend.stop());
beforeEach(() => {
  backend.received.length = 0;
});

const run = (fixture: string, env: Record<string, string> = {}, preload?: readonly string[]) =>
  runApp(fixture, backend.url, { env, ...(preload && { preload }) });
const valueOfKey = (span: Span, key: string) => span.attributes.find((attribute) => attribute.key === key)?.value;

test.each(['score.mjs', 'score.cjs', 'default.mjs'])(
  '%s: spans with columns, errors passed on, metrics',
  async (fixture) => {
    const { code, stdout, stderr } = await run(fixture, { LEEWAY_CAPTURE_FEATURES: '*' });
    expect([code, stderr.includes('leeway: watching onnxruntime-node, @tensorflow/tfjs, fetch')]).toEqual([0, true]);
    expect(stderr).toMatch(/leeway: recording onnxruntime-node \d+\.\d+\.\d+ · OTLP to http/);
    expect(stdout).toMatch(/^on_time,on_time\nError\n$/);
    const [ok, failed] = backend.spans();
    expect(ok.name).toBe('predict late-flights');
    expect(valueOfKey(ok, 'ml.model.version')).toEqual({ stringValue: '1' });
    expect(valueOfKey(ok, 'ml.features.distance')).toEqual({ arrayValue: { values: [{ intValue: 500 }, {}] } });
    expect(valueOfKey(ok, 'ml.features.origin')).toEqual({ arrayValue: { values: [{ stringValue: 'ORD' }, {}] } });
    expect(valueOfKey(ok, 'ml.prediction.label')).toEqual({
      arrayValue: { values: [{ stringValue: 'on_time' }, { stringValue: 'on_time' }] },
    });
    expect(failed.status.code).toBe(2);
    const metrics = JSON.stringify(backend.received.filter(({ path }) => path === '/v1/metrics'));
    expect(metrics).toContain('ml.inference.duration');
    // What is recorded at the load, before any inference: the SDK is there by then.
    expect(metrics).toContain('ml.model.load.duration');
    expect(JSON.stringify(backend.received)).toContain('ml.model.loaded');
  },
);

test('values are off by default, and the line at the start claims no more than is known', async () => {
  const { stderr } = await run('score.mjs');
  expect(stderr).toContain('values: those that the code allows, none by the environment');
  const [span] = backend.spans();
  expect(span.attributes.map(({ key }) => key).filter((key) => /features|prediction/.test(key))).toEqual([]);
});

test('LEEWAY_DISABLED turns everything off', async () => {
  const { stdout, stderr } = await run('score.mjs', { LEEWAY_DISABLED: 'true', LEEWAY_CAPTURE_FEATURES: '*' });
  expect(stdout).toContain('on_time');
  expect([stderr, backend.received]).toEqual(['', []]);
});

test('LEEWAY_QUIET leaves the lines out', async () => {
  expect((await run('score.mjs', { LEEWAY_QUIET: 'true' })).stderr).toBe('');
  expect(backend.spans().length).toBe(2);
});

test('a worker thread is instrumented, exports, and does not say it all again', async () => {
  const { code, stdout, stderr } = await run('worker.mjs');
  expect([code, stdout]).toEqual([0, 'on_time,on_time\nError\n']);
  expect(stderr.match(/leeway: watching/g)).toHaveLength(1);
  expect(backend.spans().map(({ name }) => name)).toEqual(['predict late-flights', 'predict late-flights']);
});

test('a library that was loaded before is told at once, with the fix', async () => {
  const before = ['--require', REGISTER.replace('src/index.ts', 'test/fixtures/preloaded.cjs')];
  const { stderr } = await run('idle.mjs', {}, [...before, '--import', REGISTER]);
  expect(stderr).toMatch(/onnxruntime-node \d+\S+ is loaded but not instrumented: something loaded it before Leeway/);
  expect(stderr.match(/not instrumented/g)).toHaveLength(1);
});

test('regression: the library that is instrumented is not said to be missed', async () => {
  expect((await run('score.mjs')).stderr).not.toContain('not instrumented');
});

test.each([
  ['18.20.0', true],
  ['20.19.6', true],
  ['22.14.0', true],
  ['22.15.0', false],
  ['24.21.0', false],
  ['26.0.0', false],
])('Node %s is refused: %s', (version, isRefused) => {
  expect(nodeFault(version)?.includes(`Leeway needs Node 22.15 or later, this is ${version}`) ?? false).toBe(isRefused);
});
