import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelDescriptionInput } from '@leeway/instrumentation';
import { referenceNames } from '@leeway/instrumentation/tensors';
import { expect, test } from 'vitest';
import type { OnnxHeader } from './onnx-header.ts';
import { type SessionFacts, sessionModel } from './session-model.ts';

const header = (properties: Record<string, string>, rest: Partial<OnnxHeader> = {}): OnnxHeader => ({
  inputNames: [],
  isOperator: false,
  properties: new Map(Object.entries(properties)),
  ...rest,
});
const model = (facts: Partial<SessionFacts> = {}, env: Record<string, string> = {}) =>
  sessionModel(
    {
      description: undefined,
      source: {},
      reference: undefined,
      runtimeVersion: undefined,
      ...facts,
    },
    env,
  );
const named = (facts: Partial<SessionFacts>, env = {}) => model(facts, env).info.name;

test('the name: description, environment, metadata, config.json, graph, file', () => {
  const description: ModelDescriptionInput = { name: 'described' };
  const env = { LEEWAY_MODEL_NAME: 'environment' };
  const source = { path: '/models/file.onnx', header: header({ model_name: 'metadata' }, { graphName: 'risk' }) };
  const config = { _name_or_path: 'org/config' };
  const graph = { ...source, header: header({}, { graphName: 'risk' }) };
  expect(named({ description, source: { ...source, config } }, env)).toBe('described');
  expect(named({ source: { ...source, config } }, env)).toBe('environment');
  expect(named({ source: { ...source, config } })).toBe('metadata');
  expect(named({ source: { ...graph, config } })).toBe('org/config');
  expect(named({ source: graph })).toBe('risk');
  expect(named({ source: { path: source.path } })).toBe('file');
  expect(named({})).toBe('onnx');
});

test.each([
  ['main_graph', '/srv/churn.onnx', 'churn'],
  ['torch_jit', 'C:\\models\\fraud\\model.onnx', 'fraud'],
  ['ONNX(LogisticRegression)', './bert-tiny/onnx/model_quantized.onnx', 'bert-tiny'],
  ['5f0a7c1e9d5a4b0f8f6a2f3b1c2d3e4f', 'risk.ort', 'risk'],
  ['main_graph', 'model.onnx', 'onnx'],
  ['main_graph', '/home/alice/models/model.onnx', 'onnx'],
])('a graph called %s in %s is %s', (graphName, path, name) => {
  expect(named({ source: { path, header: header({}, { graphName }) } })).toBe(name);
});

test('version and id: description, environment or file; the 0 that nobody set is none', () => {
  const source = { digest: 'sha256:ab', header: header({ model_version: '3' }, { modelVersion: '2' }) };
  expect(model({ source }).info).toMatchObject({ version: '3', id: 'sha256:ab' });
  expect(model({ source }, { LEEWAY_MODEL_VERSION: '4' }).info.version).toBe('4');
  expect(model({ source, description: { version: '5', id: 'r1' } }).info).toMatchObject({ version: '5', id: 'r1' });
  expect(model({ source: { header: header({}, { modelVersion: '0' }) } }).info.version).toBeUndefined();
});

test('features: description, metadata (commas or JSON), reference, in this order', () => {
  const source = { header: header({ feature_names: '["a, b","c"]' }) };
  const reference = { features: ['r'], classes: [] };
  expect(model({ source, reference, description: { features: ['d'] } }).features).toEqual({
    names: ['d'],
    isDescribed: true,
  });
  expect(model({ source, reference }).features).toEqual({ names: ['a, b', 'c'], isDescribed: false });
  expect(model({ source: { header: header({ features: 'a, b' }) } }).features?.names).toEqual(['a', 'b']);
  expect(model({ reference }).features).toEqual({ names: ['r'], isDescribed: false });
  expect(model().features).toBeUndefined();
});

test('classes: description, metadata, config.json, classifier in the file, reference', () => {
  const reference = { features: [], classes: ['r0', 'r1'] };
  const source = { header: header({}, { classLabels: ['f0', 'f1'] }) };
  const config = { id2label: { 0: 'c0', 1: 'c1' } };
  expect(model({ reference, source: { ...source, config }, description: { classes: ['d'] } }).info.classes).toEqual([
    'd',
  ]);
  expect(model({ reference, source: { ...source, config } }).info.classes).toEqual(['c0', 'c1']);
  expect(model({ reference, source })).toMatchObject({ info: { classes: ['f0', 'f1'] }, fileClasses: ['f0', 'f1'] });
  expect(model({ reference }).info.classes).toEqual(['r0', 'r1']);
  for (const broken of [{ id2label: { 0: 'a', 9999: 'b' } }, { id2label: 'x' }, { id2label: null }, 7])
    expect(model({ source: { config: broken } }).info.classes).toBeUndefined();
});

test('of a reference only names are read; a file that is none names nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-reference-'));
  try {
    const path = join(folder, 'reference.json');
    const outputs = ['label', 'score', 'late'].map((name) => ({ name }));
    writeFileSync(path, JSON.stringify({ features: [{ name: 'hour', numeric: { edges: [1] } }], outputs }));
    expect(referenceNames(path)).toEqual({ features: ['hour'], classes: ['late'] });
    writeFileSync(path, '[1');
    expect([referenceNames(path), referenceNames(undefined), referenceNames('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
