/** Real applications in processes of their own, under the project's Node; `npm run test:libraries` runs them under others. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { IMPORT_STYLES, LOGISTIC, projectOfStyles } from '../test/import-styles.ts';
import { REPOSITORY } from '../test/run-app.ts';

const project = projectOfStyles();
afterAll(() => project.remove());

test.each(Object.keys(IMPORT_STYLES))('%s is watched, once', async (file) => {
  const { code, stdout, stderr, spans } = await project.run(file, { args: [LOGISTIC] });
  expect([code, stdout, stderr]).toEqual([0, 'no\n', '']);
  expect(spans.map(({ name }) => name)).toEqual(['predict skl-logistic']);
});

test.each(['named.mjs', 'dynamic.mjs', 're-exported.mjs'])('%s with the loader of older Nodes', async (file) => {
  const { stdout, spans } = await project.run(file, { args: [LOGISTIC], env: { TEST_HOOK: 'loader' } });
  expect([stdout, spans.length]).toEqual(['no\n', 1]);
});

test('a second copy of the module is watched too; off and on again holds for both', async () => {
  const own = 'node_modules/legacy/node_modules';
  project.copy(`${own}/onnxruntime-node`, join(REPOSITORY, 'node_modules/onnxruntime-node'));
  project.copy(`${own}/onnxruntime-common`, join(REPOSITORY, 'node_modules/onnxruntime-common'));
  project.write('node_modules/legacy/package.json', '{ "name": "legacy", "main": "index.js" }');
  project.write('node_modules/legacy/index.js', "module.exports = require('onnxruntime-node');");
  const score = JSON.stringify(join(REPOSITORY, 'packages/instrumentation-onnxruntime/test/fixtures/apps/score.cjs'));
  project.write(
    'two-copies.mjs',
    `import { score } from ${score};
import * as ort from 'onnxruntime-node';
import legacy from 'legacy';
const { onnxruntime } = globalThis.instrumentations;
console.log(ort.InferenceSession !== legacy.InferenceSession, onnxruntime.patchedCount);
await score(ort);
await score(legacy);
onnxruntime.disable();
await score(ort);
await score(legacy);
console.log(onnxruntime.patchedCount);
onnxruntime.enable();
await score(ort);
await score(legacy);
`,
  );
  const { code, stdout, stderr, spans } = await project.run('two-copies.mjs', { args: [LOGISTIC] });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n')).toEqual(['true 2', 'no', 'no', 'no', 'no', '0', 'no', 'no', '']);
  expect(spans).toHaveLength(4);
});

test('neither tensors nor results nor sessions are kept alive', async () => {
  project.write(
    'memory.mjs',
    `import { InferenceSession, Tensor } from 'onnxruntime-node';
const held = [];
const score = async (session, isGood) => {
  const x = new Tensor('float32', Float32Array.of(0.1, 0.2, 0.3), isGood ? [1, 3] : [3]);
  held.push(new WeakRef(x), new WeakRef(x.data));
  const results = await session.run({ X: x }).catch(() => ({}));
  for (const result of Object.values(results)) held.push(new WeakRef(result));
};
const scoreAll = async () => {
  const session = await InferenceSession.create(process.argv[2]);
  held.push(new WeakRef(session));
  for (let i = 0; i < 50; i++) await score(session, i % 5 !== 0);
};
await scoreAll();
for (let i = 0; i < 20; i++) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  globalThis.gc();
}
console.log(held.length, held.filter((ref) => ref.deref() !== undefined).length);
`,
  );
  const { code, stdout, stderr, spans } = await project.run('memory.mjs', {
    args: [LOGISTIC],
    nodeOptions: ['--expose-gc'],
    env: { LEEWAY_CAPTURE_FEATURES: '*' },
  });
  // 50 inputs with their data, label and probabilities of the 40 that worked, the session.
  expect([code, stderr, stdout]).toEqual([0, '', `${50 * 2 + 40 * 2 + 1} 0\n`]);
  expect(spans).toHaveLength(50);
});
