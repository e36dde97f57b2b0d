/** Every way in which an application gets at onnxruntime-node. Each scores one row with the model of its first argument. */
import { join } from 'node:path';
import { MODELS, Project, REPOSITORY } from './run-app.ts';

export const IMPORT_STYLES: Readonly<Record<string, string>> = {
  'named.mjs':
    "import { InferenceSession, Tensor } from 'onnxruntime-node'; await score({ InferenceSession, Tensor });",
  'default.mjs': "import ort from 'onnxruntime-node'; await score(ort);",
  'namespace.mjs': "import * as ort from 'onnxruntime-node'; await score(ort);",
  'dynamic.mjs': "await score(await import('onnxruntime-node'));",
  'create-require.mjs':
    "import { createRequire } from 'node:module'; await score(createRequire(import.meta.url)('onnxruntime-node'));",
  're-exported.mjs':
    "import { InferenceSession, Tensor } from 'scoring-kit'; await score({ InferenceSession, Tensor });",
  're-required.mjs': "import kit from 'scoring-kit-cjs'; await score(kit);",
  'require.cjs': "score(require('onnxruntime-node'));",
  'require-in-package.cjs': "score(require('scoring-kit-cjs'));",
  // By both ways at once it is still one class, patched once.
  'both.mjs':
    "import * as ort from 'onnxruntime-node'; import { createRequire } from 'node:module'; createRequire(import.meta.url)('onnxruntime-node'); await score(ort);",
};

/** @param onnxruntime folder of the installed onnxruntime-node */
export function projectOfStyles(onnxruntime = join(REPOSITORY, 'node_modules/onnxruntime-node')): Project {
  const project = new Project();
  project.link('node_modules/onnxruntime-node', onnxruntime);
  project.write(
    'node_modules/scoring-kit/package.json',
    '{ "name": "scoring-kit", "type": "module", "exports": "./index.js" }',
  );
  project.write('node_modules/scoring-kit/index.js', "export * from 'onnxruntime-node';");
  project.write('node_modules/scoring-kit-cjs/package.json', '{ "name": "scoring-kit-cjs", "main": "index.js" }');
  project.write('node_modules/scoring-kit-cjs/index.js', "module.exports = require('onnxruntime-node');");
  const score = JSON.stringify(join(REPOSITORY, 'packages/instrumentation-onnxruntime/test/fixtures/apps/score.cjs'));
  for (const [file, source] of Object.entries(IMPORT_STYLES)) {
    const head = file.endsWith('.cjs') ? `const { score } = require(${score});` : `import { score } from ${score};`;
    project.write(file, `${head}\n${source}\n`);
  }
  return project;
}

export const LOGISTIC = join(MODELS, 'skl-logistic.onnx');
