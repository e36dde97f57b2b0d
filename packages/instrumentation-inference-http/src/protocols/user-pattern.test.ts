import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAll, readPredictions } from '../../test/columns.ts';
import { remoteModelInfo } from '../described-remote-models.ts';
import { KNOWN_PROTOCOLS } from '../known-protocols.ts';
import { protocolsOf, protocolsOfFile } from '../pattern-file.ts';
import { type HttpPattern, userProtocol } from './user-pattern.ts';

const protocol = (pattern: Partial<HttpPattern>) =>
  userProtocol({ url: '/p', model: 'm', ...pattern }, KNOWN_PROTOCOLS);
const match = (pattern: Partial<HttpPattern>, url: string) => {
  const { origin, pathname } = new URL(url);
  return protocol(pattern).match({ origin, path: pathname });
};

test('a URL, or a path: wildcards and the names in it', () => {
  expect(match({ url: '/api/{model}/v{version}/predict' }, 'http://a/api/churn/v3/predict')).toEqual({
    name: 'churn',
    version: '3',
  });
  expect(match({ url: '/api/predict', version: '3' }, 'http://a/api/predict')).toEqual({ name: 'm', version: '3' });
  expect(match({ url: 'https://*.internal:8443/**/score' }, 'https://ml.internal:8443/a/b/score')).toEqual({
    name: 'm',
  });
  expect(match({ url: 'https://*.internal:8443/**/score' }, 'https://ml.external:8443/a/b/score')).toBeUndefined();
  expect(match({ url: '/a.b' }, 'http://a/axb')).toBeUndefined();
  expect(match({ url: '/a/*/c' }, 'http://a/a/b/b/c')).toBeUndefined();
});

test('features by paths: of each row, or of the whole request', () => {
  const { readRequest } = protocol({
    request: { features: { age: 'rows.*.customer.age', plan: 'rows.*.plan', region: 'meta.region', dotted: ['a.b'] } },
  });
  const body = { rows: [{ customer: { age: 1 }, plan: 'a' }, { plan: 'b' }], meta: { region: 'eu' }, 'a.b': 7 };
  expect(readAll(readRequest(body, {}))).toEqual({
    age: [1, undefined],
    plan: ['a', 'b'],
    region: ['eu', 'eu'],
    dotted: [7, 7],
  });
  expect(readAll(readRequest({ rows: 7 }, {}))).toBe('shape');
  const single = protocol({ request: { features: { age: 'customer.age' } } });
  expect(readAll(single.readRequest({ customer: { age: 5 } }, {}))).toEqual({ age: [5] });
});

test('features by one path to rows of objects or lists', () => {
  const { readRequest } = protocol({ request: { features: 'rows.*' } });
  expect(readAll(readRequest({ rows: [{ a: 1 }, { a: 2 }] }, {}))).toEqual({ a: [1, 2] });
  expect(readAll(readRequest({ rows: [[1], [2]] }, { features: ['a'] }))).toEqual({ a: [1, 2] });
  expect(readAll(protocol({ request: { features: 'customer' } }).readRequest({ customer: { a: 1 } }, {}))).toEqual({
    a: [1],
  });
});

test('predictions by paths', () => {
  const { readResponse } = protocol({ response: { label: 'result.class', score: 'result.p' } });
  expect(readPredictions(readResponse({ result: { class: 'a', p: 0.5 } }, {}))).toEqual({ label: ['a'], score: [0.5] });
  const rows = protocol({ response: { prediction: 'results.*.risk' } });
  expect(readPredictions(rows.readResponse({ results: [{ risk: 0.1 }, { risk: 0.2 }] }, {}))).toEqual({
    value: [0.1, 0.2],
  });
  expect(readPredictions(rows.readResponse({}, {}))).toBe('response_shape');
});

test('a pattern sends a URL to a known protocol', () => {
  const azure = protocol({ url: 'http://127.0.0.1:5001/score', protocol: 'azure_ml' });
  expect(azure.system).toBe('azure_ml');
  expect(readAll(azure.readRequest({ input_data: { columns: ['a'], data: [[1]] } }, {}))).toEqual({ a: [1] });
});

test.each([
  [{ url: '' }, 'url "" is no pattern'],
  [{ model: undefined }, 'needs a model, or {model} in its url'],
  [{ protocol: 'grpc' }, 'protocol "grpc" is not one of open_inference, triton'],
  [{ request: { features: 'a..b' } }, '"a..b" is no path'],
  [{ request: { features: 'a.*.b.*' } }, 'at most one *'],
  [{ request: { features: {} } }, 'features has 0 paths'],
] as const)('%j throws and says what is expected', (pattern, message) => {
  expect(() => protocolsOf({ patterns: [{ url: '/p', model: 'm', ...pattern } as HttpPattern] })).toThrow(TypeError);
  expect(() => protocolsOf({ patterns: [{ url: '/p', model: 'm', ...pattern } as HttpPattern] })).toThrow(message);
});

test('LEEWAY_HTTP_PATTERNS: patterns and models; a file that cannot be used is told and left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-patterns-'));
  const file = join(folder, 'patterns.json');
  const warnings: string[] = [];
  const load = (text: string) => {
    writeFileSync(file, text);
    return protocolsOfFile(file, (message) => warnings.push(message));
  };
  try {
    const models = {
      'of-a-file': { version: '4', features: ['a', 'b'], classes: ['no', 'yes'], task: 'classification' },
    };
    const [loaded] = load(JSON.stringify({ patterns: [{ url: '/p', model: 'of-a-file' }], models }));
    expect(loaded.match({ origin: 'http://a', path: '/p' })).toEqual({ name: 'of-a-file' });
    const { info, names } = remoteModelInfo({ name: 'of-a-file' }, 'custom', {});
    expect(info).toMatchObject({ name: 'of-a-file', version: '4', classes: ['no', 'yes'] });
    expect(names).toEqual({ features: ['a', 'b'], classes: ['no', 'yes'], task: 'classification' });
    expect(warnings).toEqual([]);
    for (const text of ['{', '[]', '{"patterns":7}', '{"patterns":[7]}', '{"models":{"m":{"features":[1]}}}'])
      expect(load(text)).toEqual([]);
    expect(warnings).toHaveLength(5);
    expect(warnings[4]).toContain('models.m.features: a list of strings is expected');
    expect(protocolsOfFile(join(folder, 'none'), (message) => warnings.push(message))).toEqual([]);
    expect(warnings).toHaveLength(6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what the environment says of a model that the URL does not name, and a reference for its names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-reference-'));
  const reference = join(folder, 'reference.json');
  writeFileSync(reference, JSON.stringify({ model: { name: 'churn' }, features: [{ name: 'age' }, { name: 'plan' }] }));
  try {
    const env = { LEEWAY_MODEL_NAME: 'churn', LEEWAY_MODEL_VERSION: '9', LEEWAY_REFERENCE: reference };
    expect(remoteModelInfo({ name: '' }, 'mlflow', env)).toEqual({
      info: { name: 'churn', version: '9' },
      names: { features: ['age', 'plan'] },
    });
    expect(remoteModelInfo({ name: 'another' }, 'kserve', env)).toEqual({ info: { name: 'another' }, names: {} });
    expect(remoteModelInfo({ name: '' }, 'mlflow', {}).info).toEqual({ name: 'mlflow' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
