/**
 * `npm run test:libraries`: the instrumentations in process against the libraries themselves, as applications load them:
 * TensorFlow.js, transformers.js, a bundle by esbuild, the oldest onnxruntime-node that is supported, and every way of
 * importing onnxruntime-node under other versions of Node. What cannot be installed is skipped loudly, and fails in CI.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  IMPORT_STYLES,
  LOGISTIC,
  projectOfStyles,
} from '../../packages/instrumentation-onnxruntime/test/import-styles.ts';
import {
  type AppOptions,
  type AppResult,
  Project,
  REPOSITORY,
} from '../../packages/instrumentation-onnxruntime/test/run-app.ts';
import { installed } from './installed.ts';

const LIBRARIES = [
  '@tensorflow/tfjs@4.22.0',
  '@huggingface/transformers@4.3.1',
  'onnxruntime-node@1.30.0',
  'esbuild@0.28.2',
];
const OLDEST_RUNTIME = 'onnxruntime-node@1.17.0';
/** The oldest that is supported, and one newer than the project's own. */
const NODES = ['22.15.0', '26.10.0'];
const APPS = join(dirname(fileURLToPath(import.meta.url)), 'apps');
const FIXTURES = join(REPOSITORY, 'packages/instrumentation-onnxruntime/test/fixtures');
const CAPTURE = { LEEWAY_CAPTURE_FEATURES: '*' };

let passed = 0;
let failed = 0;
let skipped = 0;

const libraries = await needed('the libraries', LIBRARIES);
const nodes = await Promise.all(NODES.map(async (version) => [version, await nodeOf(version)] as const));
if (libraries !== undefined) {
  for (const [version, node] of [['the project', undefined] as const, ...nodes]) {
    if (version !== 'the project' && node === undefined) continue;
    const options = node === undefined ? {} : { node };
    await test(`TensorFlow.js under Node of ${version}`, () => tfjs(libraries, options));
    await test(`tfjs-layers alone, required, under Node of ${version}`, () => tfjsLayers(libraries, options));
    await test(`transformers.js under Node of ${version}`, () => transformers(libraries, options));
  }
  await test('TensorFlow.js keeps no tensor alive', () => tfjsMemory(libraries));
  await test('TensorFlow.js with bad input', () => tfjsBadInput(libraries));
  await test('the gate for TensorFlow.js', () => tfjsGate(libraries));
  await test('a bundle by esbuild', () => bundle(libraries));
}
for (const [version, node] of nodes) {
  if (node === undefined) continue;
  for (const style of Object.keys(IMPORT_STYLES))
    await test(`${style} under Node ${version}`, () => importStyle(style, { node }));
}
const oldest = await needed(OLDEST_RUNTIME, [OLDEST_RUNTIME]);
if (oldest !== undefined)
  await test(OLDEST_RUNTIME, () => importStyle('named.mjs', {}, join(oldest, 'node_modules/onnxruntime-node')));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 && (skipped === 0 || process.env.CI !== 'true') ? 0 : 1;

async function needed(name: string, packages: readonly string[]): Promise<string | undefined> {
  const folder = installed(packages);
  if (folder === undefined) {
    skipped++;
    console.log(`SKIPPED ${name}: ${packages.join(', ')} cannot be installed here`);
  }
  return folder;
}

async function nodeOf(version: string): Promise<string | undefined> {
  const folder = await needed(`Node ${version}`, [`node@${version}`]);
  return folder === undefined ? undefined : join(folder, 'node_modules/node/bin/node');
}

async function test(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${error instanceof Error ? error.message : error}`);
  }
}

/** Runs an application of `apps` in a project that has the libraries. */
async function runApp(folder: string, app: string, options: AppOptions): Promise<AppResult> {
  const project = new Project();
  try {
    project.link('node_modules/@leeway', join(REPOSITORY, 'node_modules/@leeway'));
    for (const name of ['@tensorflow', '@huggingface', 'onnxruntime-node'])
      project.link(`node_modules/${name}`, join(folder, 'node_modules', name));
    cpSync(join(APPS, app), join(project.folder, app));
    return await project.run(app, options);
  } finally {
    project.remove();
  }
}

function labels({ spans }: AppResult): unknown[] {
  return spans.map(({ attributes }) => attributes['ml.prediction.label']);
}

async function tfjs(folder: string, options: AppOptions): Promise<void> {
  const result = await runApp(folder, 'tfjs.mjs', { ...options, env: CAPTURE });
  const linesOf = ({ stdout }: AppResult) =>
    stdout.split('\n').filter((line) => /^(predict|functional|graph|error|done)/.test(line));
  const told = linesOf(result);
  // Whatever the application sees, it sees without us too.
  const disabled = await runApp(folder, 'tfjs.mjs', { ...options, env: { LEEWAY_DISABLED: 'true' } });
  assert.deepEqual([linesOf(disabled), disabled.spans], [told, []]);
  // The number of tensors left behind, whether the input was disposed, the shape of the result.
  assert.deepEqual(told, [
    'predict 0 false 2x2',
    'predictOnBatch 0 false 2x2',
    'functional 0 false 2x2',
    'graph.predict 0 false 2x2',
    'graph.execute 0 false 2x2',
    'graph.executeAsync 0 false 2x2',
    'graph.predictAsync 0 false 2x2',
    'graph.inner 0 false 2x2',
    'error ValueError',
    'error Error',
    'error TypeError',
    'done',
  ]);
  const good = ['left', 'right'];
  assert.deepEqual(labels(result), [...Array(7).fill(good), undefined, undefined, undefined, undefined, good]);
  const [first] = result.spans;
  assert.equal(first.name, 'predict seq');
  assert.deepEqual(first.attributes['ml.features.a'], [5, 1]);
  // Softmax of (5, 1): 1 / (1 + e^-4).
  const [score] = first.attributes['ml.prediction.scores.left'] as number[];
  assert.ok(Math.abs(score - 1 / (1 + Math.exp(-4))) < 1e-6);
  assert.deepEqual(result.spans.map(({ attributes }) => attributes['error.type']).filter(Boolean), [
    'ValueError',
    'Error',
    'TypeError',
  ]);
  assert.deepEqual(result.spans.map(({ attributes }) => attributes['ml.capture.skipped.reason']).filter(Boolean), [
    'output_shape',
    'shape',
    'disposed',
  ]);
  // One event a model; that of a model that was named beforehand comes first.
  const loaded = result.events.map(({ eventName, attributes }) => `${eventName} ${attributes['ml.model.name']}`);
  const expected = ['functional', 'graph', 'seq'].map((name) => `ml.model.loaded ${name}`);
  assert.deepEqual(loaded.sort(), expected);
  assert.equal(first.attributes['ml.runtime.version'], '4.22.0');
}

async function tfjsLayers(folder: string, options: AppOptions): Promise<void> {
  const result = await runApp(folder, 'tfjs.cjs', { ...options, env: CAPTURE });
  assert.match(result.stdout, /done/);
  assert.deepEqual(
    result.spans.map(({ attributes }) => attributes['ml.capture.skipped.reason']),
    ['names'],
  );
}

async function tfjsMemory(folder: string): Promise<void> {
  const result = await runApp(folder, 'tfjs-memory.mjs', { env: CAPTURE, nodeOptions: ['--expose-gc'] });
  assert.match(result.stdout, /^100 0$/m);
  assert.equal(result.spans.length, 50);
}

async function tfjsBadInput(folder: string): Promise<void> {
  const linesOf = ({ stdout }: AppResult) => stdout.split('\n').filter((line) => line.startsWith('end'));
  const result = await runApp(folder, 'tfjs-bad.mjs', { env: CAPTURE });
  const disabled = await runApp(folder, 'tfjs-bad.mjs', { env: { LEEWAY_DISABLED: 'true' } });
  assert.equal(linesOf(result).length, 8, result.stderr);
  assert.deepEqual(linesOf(result), linesOf(disabled));
  assert.equal(linesOf(result).at(-1), 'end reads 0');
  assert.deepEqual(
    result.spans.map(({ attributes }) => attributes['ml.capture.skipped.reason']),
    ['shape', 'shape', 'shape', 'unreadable', 'shape', 'dtype', 'location'],
  );
  assert.ok(!/ml\.(features|prediction)/.test(JSON.stringify(result.spans)));
}

async function tfjsGate(folder: string): Promise<void> {
  const env = { LEEWAY_CAPTURE_FEATURES: 'allowed', LEEWAY_CAPTURE_PREDICTIONS: 'false' };
  const result = await runApp(folder, 'tfjs-gate.mjs', { env });
  assert.match(result.stdout, /secret out 73517352\n(.*\n)*error true/);
  const told = JSON.stringify([result.spans, result.events, result.metrics]);
  assert.equal(result.spans.length, 5);
  assert.equal(result.spans[0].attributes['ml.features.allowed'], 12);
  for (const secret of ['tell-nobody', '7351735']) assert.ok(!told.includes(secret), told);
}

async function transformers(folder: string, options: AppOptions): Promise<void> {
  const result = await runApp(folder, 'transformers.mjs', { ...options, env: CAPTURE, args: [`${FIXTURES}/`] });
  assert.equal(result.stdout, 'POSITIVE,NEGATIVE\n');
  assert.deepEqual(labels(result), [['POSITIVE', 'NEGATIVE']]);
  const [{ name, attributes }] = result.spans;
  assert.equal(name, 'predict leeway/tiny-bert');
  assert.equal(attributes['ml.inference.batch.size'], 2);
  // Tokens are no features.
  assert.equal(attributes['ml.capture.skipped.reason'], 'names');
}

async function importStyle(style: string, options: AppOptions, runtime?: string): Promise<void> {
  const project = projectOfStyles(runtime);
  try {
    const result = await project.run(style, { ...options, args: [LOGISTIC] });
    assert.equal(result.stdout, 'no\n', result.stderr);
    assert.deepEqual(
      result.spans.map(({ name }) => name),
      ['predict skl-logistic'],
    );
  } finally {
    project.remove();
  }
}

async function bundle(folder: string): Promise<void> {
  const project = new Project();
  try {
    for (const name of ['@tensorflow', 'onnxruntime-common'])
      project.link(`node_modules/${name}`, join(folder, 'node_modules', name));
    // esbuild takes the native parts of all platforms into one folder: there is one here.
    project.copy('node_modules/onnxruntime-node', join(folder, 'node_modules/onnxruntime-node'));
    cpSync(join(APPS, 'bundled.mjs'), join(project.folder, 'bundled.mjs'));
    const native = join(folder, `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`);
    cpSync(native, join(project.folder, 'out'), { recursive: true });
    const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    const options = [
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--outdir=out',
      '--out-extension:.js=.mjs',
      '--loader:.node=copy',
      '--asset-names=[name]',
      `--banner:js=${require}`,
    ];
    const esbuild = spawnSync(join(folder, 'node_modules/.bin/esbuild'), ['bundled.mjs', ...options], {
      cwd: project.folder,
      encoding: 'utf8',
    });
    assert.equal(esbuild.status, 0, esbuild.stderr);
    assert.ok(readFileSync(join(project.folder, 'out/bundled.mjs')).length > 1e6);
    const result = await project.run('out/bundled.mjs', { args: [LOGISTIC], env: { TEST_MANUAL: 'true' } });
    assert.match(result.stdout, /^no$/m, result.stderr);
    assert.deepEqual(
      result.spans.map(({ name }) => name),
      ['predict bundled', 'predict skl-logistic'],
    );
    assert.deepEqual(
      result.spans.map(({ attributes }) => attributes['ml.runtime.version']),
      ['4.22.0', '1.30.0'],
    );
  } finally {
    project.remove();
  }
}
