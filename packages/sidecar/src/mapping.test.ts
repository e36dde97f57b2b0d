/** Telemetry under other names, through a whole shard. */
import { readFileSync, rmSync } from 'node:fs';
import { DEFAULT_PRESETS, keyMapping, type MappingRules, NO_RULES, schemaHash } from '@leeway/intake';
import { expect, test } from 'vitest';
import { logsOf, type Plain, tracesOf } from '../test/otlp.ts';
import { booksBalance, post, referenceOf, rowsOf, scrape, stopBalanced, total, writeFiles } from '../test/scoring.ts';
import { startSidecar } from './main.ts';
import { LOG_REQUEST } from './receive/bench/otlp-schema.bench.ts';
import { Shard, type ShardSettings } from './shard.ts';

const AT_MS = 5_000;
const profile = referenceOf(rowsOf(2_000, 1));
const settings: ShardSettings = {
  paneMs: 60_000,
  latenessMs: 10_000,
  skewMs: 1_000,
  mode: 'wall',
  bodyBytesMax: 1 << 24,
  environmentsMax: 5,
  modelsMax: 50,
  versionsMax: 5,
  dedupIdsMax: 10_000,
  hashSeed: [1, 2],
  references: [{ model: 'risk', version: 'inherit', file: '', profile }],
};
const shardWith = (rules: Partial<MappingRules>) =>
  new Shard({ ...settings, mapping: keyMapping({ ...NO_RULES, ...rules }) });
const send = (
  shard: Shard,
  signal: 'traces' | 'logs',
  body: string | Uint8Array,
  encoding: 'json' | 'protobuf' = 'json',
) =>
  shard.append(
    {
      signal,
      encoding,
      compression: 'identity',
      body: typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body),
    },
    AT_MS,
  ).outcome;
const span = (attributes: Record<string, Plain>, resource: Record<string, Plain> = {}) =>
  tracesOf([{ timeMs: AT_MS, attributes }], resource);
const outcomesOf = (shard: Shard) => {
  const { books } = shard.report(AT_MS);
  const sum = books.processed.reduce((total, { count }) => total + count, 0);
  expect(books.received).toBe(sum);
  return {
    ...Object.fromEntries(books.processed.map((one) => [`${one.outcome} ${one.reason}`, one.count])),
    ...(books.ignored.no_values > 0 ? { no_values: books.ignored.no_values } : {}),
  };
};
const panesOf = (shard: Shard) => shard.report(600_000).series.map(({ panes }) => panes.map(({ state }) => [...state]));

const OWN = { 'ml.features.amount': 120.5, 'ml.features.country': 'DE', 'ml.prediction.score': 0.25 };
const ownPanes = (() => {
  const shard = shardWith({});
  send(shard, 'traces', span({ 'ml.model.name': 'risk', ...OWN }));
  return panesOf(shard);
})();

test('mapped names give the panes that the own names give', () => {
  const cases: readonly (readonly [Partial<MappingRules>, Record<string, Plain>])[] = [
    [
      { attributes: { 'in.*': 'ml.features.*', risk: 'ml.prediction.score', scorer: 'ml.model.name' } },
      { scorer: 'risk', 'in.amount': 120.5, 'in.country': 'DE', risk: 0.25 },
    ],
    [
      { presets: ['model'] },
      { 'model.name': 'risk', 'model.input.amount': 120.5, 'model.feature.country': 'DE', 'prediction.score': 0.25 },
    ],
    [
      { presets: ['ml'] },
      { 'ml.model': 'risk', 'ml.input.amount': 120.5, 'ml.feature.country': 'DE', 'ml.prediction.probability': 0.25 },
    ],
  ];
  for (const [rules, attributes] of cases) {
    const shard = shardWith(rules);
    send(shard, 'traces', span(attributes));
    expect(outcomesOf(shard), JSON.stringify(rules)).toEqual({ 'counted reference': 1 });
    expect(panesOf(shard)).toEqual(ownPanes);
    const without = shardWith({});
    send(without, 'traces', span(attributes));
    expect(panesOf(without)).not.toEqual(ownPanes);
  }
});

test('the model may come from the resource or from a default; an own name goes first', () => {
  const modelOf = (
    rules: Partial<MappingRules>,
    attributes: Record<string, Plain>,
    resource: Record<string, Plain>,
  ) => {
    const shard = new Shard({ ...settings, references: [], mapping: keyMapping({ ...NO_RULES, ...rules }) });
    send(shard, 'traces', span({ 'ml.features.amount': 1, ...attributes }, resource));
    return shard.report(AT_MS).unknown.map(({ model, version, environment }) => `${model} ${version} ${environment}`);
  };
  const fromService = { attributes: { 'service.name': 'ml.model.name', 'service.version': 'ml.model.version' } };
  const service = { 'service.name': 'scorer', 'service.version': '7', 'deployment.environment.name': 'live' };
  expect(modelOf(fromService, {}, service)).toEqual(['scorer 7 live']);
  expect(modelOf(fromService, { 'ml.model.name': 'risk' }, service)).toEqual(['risk 7 live']);
  expect(modelOf(fromService, {}, { ...service, 'ml.model.name': 'risk' })).toEqual(['risk 7 live']);
  const defaults = { model: 'fallback', version: '3', environment: 'test' };
  expect(modelOf({ defaults }, {}, {})).toEqual(['fallback 3 test']);
  expect(modelOf({ ...fromService, defaults }, {}, service)).toEqual(['scorer 7 live']);
  expect(modelOf({}, {}, service)).toEqual([]);
});

test('ml.prediction is the label where the reference has one, else the value', () => {
  const shard = shardWith({ presets: ['model'], attributes: { guess: 'ml.prediction' } });
  // This reference has a score only, so a prediction of neither kind lands in no column and harms nothing.
  send(shard, 'traces', span({ 'model.name': 'risk', ...OWN, guess: 'high' }));
  expect(panesOf(shard)).toEqual(ownPanes);
});

test('log events under other names are predictions when they are named, and refused when not', () => {
  const attributes = { 'ml.model.name': 'risk', ...OWN };
  const logs = logsOf([{ timeMs: AT_MS, event: 'scored', attributes }]);
  const named = shardWith({ events: ['scored'] });
  send(named, 'logs', logs);
  expect(panesOf(named)).toEqual(ownPanes);
  const unnamed = shardWith({});
  send(unnamed, 'logs', logs);
  expect(outcomesOf(unnamed)).toEqual({ 'rejected no_event_name': 1 });
});

test('bodies of the scopes that are named are read as attributes, those of others are not', () => {
  const body = { model: 'risk', in: { amount: 120.5, country: 'DE' }, out: 0.25, 'a.b': [1, 2] };
  const attributes = { 'body.in.*': 'ml.features.*', 'body.out': 'ml.prediction.score', 'body.model': 'ml.model.name' };
  const shard = shardWith({ scopes: ['scorer.log'], attributes });
  send(shard, 'logs', logsOf([{ timeMs: AT_MS, body }], { scope: 'scorer.log' }));
  send(shard, 'logs', logsOf([{ timeMs: AT_MS, body }], { scope: 'other.log' }));
  expect(outcomesOf(shard)).toEqual({ 'counted reference': 1, no_values: 1 });
  expect(panesOf(shard)).toEqual(ownPanes);
});

/** As bentoml 1.4 writes it: _internal/monitoring/otlp.py. */
const bentoBody = (columns: Record<string, Plain>, roles: Record<string, readonly [string, string]>, meta = true) => ({
  ...columns,
  timestamp: 1_668_660_679.587_727,
  request_id: '6413930528999883196',
  trace_id: '1',
  ...(meta
    ? {
        bento_meta: {
          bento_name: 'risk_service',
          bento_version: 'abc',
          monitor_name: 'risk',
          schema: Object.fromEntries(Object.entries(roles).map(([name, [role, type]]) => [name, { name, role, type }])),
        },
      }
    : {}),
});
const ROLES = {
  amount: ['feature', 'numerical'],
  country: ['feature', 'categorical'],
  probability: ['prediction', 'numerical'],
  decision: ['prediction', 'categorical'],
  embedding: ['feature', 'numerical_sequence'],
} as const;
const COLUMNS = { amount: 120.5, country: 'DE', probability: 0.25, decision: 'ok', embedding: [1, 2, 3] };
const BENTO = { scope: 'bentoml_monitor_data', resource: { 'service.name': 'risk_service:risk' } };

test('records of BentoML’s monitor are predictions, by default', () => {
  const json = logsOf([{ timeMs: AT_MS, body: bentoBody(COLUMNS, ROLES) }], BENTO);
  const shard = shardWith({ presets: DEFAULT_PRESETS });
  send(shard, 'logs', json);
  expect(outcomesOf(shard)).toEqual({ 'counted reference': 1 });
  expect(shard.report(AT_MS).series).toMatchObject([{ model: 'risk', version: 'abc' }]);
  expect(panesOf(shard)).toEqual(ownPanes);

  const protobuf = LOG_REQUEST.encode(LOG_REQUEST.fromObject(JSON.parse(json))).finish();
  const other = shardWith({ presets: DEFAULT_PRESETS });
  send(other, 'logs', protobuf, 'protobuf');
  expect(outcomesOf(other)).toEqual({ 'counted reference': 1 });
  expect(panesOf(other)).toEqual(ownPanes);
});

test('golden: three records that bentoml 1.4.40 wrote with version 1.33.1 of the OpenTelemetry SDK', () => {
  const text = readFileSync(new URL('../test/bentoml-1.4.40.txt', import.meta.url), 'utf8');
  const bytes = Buffer.from(text, 'base64');
  // The records' own times are later than the test's clock by years.
  const mapping = keyMapping({ ...NO_RULES, presets: DEFAULT_PRESETS });
  const shard = new Shard({ ...settings, references: [], mapping });
  send(shard, 'logs', bytes, 'protobuf');
  expect(outcomesOf(shard)).toEqual({ 'counted no_reference': 3 });
  expect(shard.report(AT_MS).unknown).toMatchObject([
    { model: 'risk', version: 'abc', rowCount: 3, featureNames: ['amount', 'country'] },
  ]);
});

test('a BentoML record without roles is no observation; without the preset none is', () => {
  const shard = shardWith({ presets: DEFAULT_PRESETS });
  send(shard, 'logs', logsOf([{ timeMs: AT_MS, body: bentoBody(COLUMNS, ROLES, false) }], BENTO));
  send(shard, 'logs', logsOf([{ timeMs: AT_MS, body: 'a text' }, { timeMs: AT_MS }], BENTO));
  expect(outcomesOf(shard)).toEqual({ no_values: 3 });
  const without = shardWith({});
  send(without, 'logs', logsOf([{ timeMs: AT_MS, body: bentoBody(COLUMNS, ROLES) }], BENTO));
  expect(outcomesOf(without)).toEqual({ no_values: 1 });
});

test('bodies that are deep, long or malformed harm nothing, and leave the next record readable', () => {
  const shard = shardWith({ presets: DEFAULT_PRESETS });
  let deep: Plain = { x: 1 };
  for (let i = 0; i < 12; i++) deep = { d: deep };
  const long = { ['k'.repeat(2_000)]: 1 };
  send(
    shard,
    'logs',
    logsOf(
      [deep, long].map((body) => ({ timeMs: AT_MS, body })),
      BENTO,
    ),
  );
  const good = logsOf([{ timeMs: AT_MS, body: bentoBody(COLUMNS, ROLES) }], BENTO);
  expect(send(shard, 'logs', good.slice(0, good.indexOf('monitor_name') + 20))).toMatchObject({ kind: 'undecodable' });
  send(shard, 'logs', good);
  expect(outcomesOf(shard)).toEqual({ no_values: 2, 'counted reference': 1 });
  expect(shard.report(AT_MS).books.overflow.keys).toBe(1);
});

test('a configured mapping, and names of packed columns, reach every worker of the process', async () => {
  const { folder, config } = writeFiles(profile, { workers: 3, mapping: { presets: ['model'] } });
  const sidecar = await startSidecar({ configFile: config, env: {}, now: () => AT_MS });
  try {
    const names = ['amount', 'unused'];
    const packed = (i: number, extra: Record<string, Plain> = {}) =>
      span({
        'model.name': 'risk',
        'model.version': '1',
        'ml.capture.schema.hash': schemaHash(names),
        'ml.capture.values': [i, 1],
        ...extra,
      });
    await post(sidecar.otlpUrl, packed(0, { 'ml.capture.schema.names': names }));
    await sidecar.pipeline.tick();
    // The shard of a request is chosen by its bytes: forty of them come to all three.
    for (let i = 1; i <= 40; i++) await post(sidecar.otlpUrl, packed(i));
    await sidecar.pipeline.tick();
    const metrics = await scrape(sidecar.httpUrl);
    expect(total(metrics, 'leeway_observations_processed_total', '"counted"', '"reference"')).toBe(41);
    expect(booksBalance(metrics)).toBe(true);
  } finally {
    await stopBalanced(sidecar);
    rmSync(folder, { recursive: true, force: true });
  }
});
