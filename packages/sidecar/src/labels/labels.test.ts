/** Labels that come late, early, twice, corrected, too late or for nothing: over real HTTP, into a real file. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileId, type ReferenceProfile } from '@leeway/engine';
import { afterEach, describe, expect, test } from 'vitest';
import { keyValues, type Plain } from '../../test/otlp.ts';
import { one, post, referenceOf, rowsOf, scrape, stopBalanced, total, writeFiles } from '../../test/scoring.ts';
import { startSidecar } from '../main.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const EDGES = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Of a classifier whose score is the probability of `yes`. */
function labelled(classes: readonly string[] = ['no', 'yes']): ReferenceProfile {
  const scores = classes.length === 2 ? [EDGES] : classes.map(() => EDGES);
  const base = {
    ...referenceOf(rowsOf(5_000, 1)),
    schemaVersion: 3 as const,
    performance: {
      truth: 'outcome',
      rowCount: 5_000,
      classification: { classes, scoreEdges: scores, calibration: scores.map(() => ({ scores: [], shares: [] })) },
      metrics: [{ metric: 'accuracy' as const, value: 0.8, standardError: 0.01 }],
    },
  };
  return { ...base, id: profileId(base, sha256) };
}

async function start(settings: object = {}, reference = labelled()) {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-labels-'));
  const files = writeFiles(reference, { labels: { path: join(folder, 'labels.db') }, ...settings });
  const clock = { nowMs: START_MS };
  const run = async () => startSidecar({ configFile: files.config, env: {}, now: () => clock.nowMs });
  let sidecar = await run();
  cleanups.push(async () => {
    await stopBalanced(sidecar);
    for (const path of [folder, files.folder]) rmSync(path, { recursive: true, force: true });
  });
  const metrics = async () => {
    await sidecar.pipeline.tick();
    return scrape(sidecar.httpUrl);
  };
  return {
    clock,
    files,
    url: () => sidecar.otlpUrl,
    metrics,
    /** Labels by outcome, those that are 0 left out. */
    outcomes: async () => {
      const found: Record<string, number> = {};
      for (const [series, value] of await metrics()) {
        const outcome = /^ml_ground_truths_total\{.*ml_outcome="(\w+)"/.exec(series)?.[1];
        if (outcome !== undefined && value > 0) found[outcome] = value;
      }
      return found;
    },
    advance: async (ms: number) => {
      clock.nowMs += ms;
      await sidecar.pipeline.tick();
    },
    performance: () =>
      [...sidecar.pipeline.models.monitored()].find(({ version }) => version === '1')?.performance.evaluation,
    restart: async () => {
      await sidecar.stop();
      sidecar = await run();
    },
    sidecar: () => sidecar,
  };
}

type Attributes = Readonly<Record<string, Plain>>;

const spans = (all: readonly Attributes[], timeMs: number, version = '1') =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues({ 'deployment.environment.name': 'test' }) },
        scopeSpans: [
          {
            spans: all.map((attributes, i) => ({
              traceId: sha256(`${JSON.stringify(attributes)} ${i} ${timeMs}`).slice(0, 32),
              spanId: i.toString(16).padStart(16, 'a'),
              name: 'predict risk',
              endTimeUnixNano: `${timeMs}000000`,
              attributes: keyValues({
                'ml.model.name': 'risk',
                'ml.model.version': version,
                'ml.features.amount': 5,
                ...attributes,
              }),
            })),
          },
        ],
      },
    ],
  });

const truths = (all: readonly Attributes[], resource: Attributes = {}) =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: keyValues(resource) },
        scopeLogs: [
          {
            logRecords: all.map((attributes) => ({
              timeUnixNano: `${START_MS}000000`,
              eventName: 'ml.ground_truth',
              attributes: keyValues({ 'ml.model.name': 'risk', ...attributes }),
            })),
          },
        ],
      },
    ],
  });

const prediction = (id: string, score: number): Attributes => ({ 'ml.inference.id': id, 'ml.prediction.score': score });
const truth = (id: string, label: string): Attributes => ({ 'ml.inference.id': id, 'ml.ground_truth.label': label });

describe.each([0, 1, 2])('%i workers', (workers) => {
  test('a label meets its prediction whenever it comes: late, early, twice, corrected, too late, for nothing', async () => {
    const leeway = await start({ workers, labels: { path: ':memory:', ttl: '7d', wait: '1h' } });
    const { clock } = leeway;
    const sendTruths = (...all: readonly Attributes[]) => post(leeway.url(), truths(all), '/v1/logs');
    expect((await sendTruths(truth('early', 'yes'))).status).toBe(200);
    const all = ['early', 'late', 'same', 'corrected', 'silent'].map((id) => prediction(id, 0.75));
    expect((await post(leeway.url(), spans(all, clock.nowMs))).status).toBe(200);
    expect(await leeway.outcomes()).toEqual({ matched: 1 });
    await leeway.advance(3 * DAY_MS);
    await sendTruths(truth('late', 'no'), truth('same', 'yes'), truth('same', 'yes'));
    await sendTruths(truth('corrected', 'no'), truth('corrected', 'yes'), truth('never captured', 'yes'));
    expect(await leeway.outcomes()).toEqual({ matched: 4, duplicate: 1, corrected: 1 });
    await leeway.advance(2 * 3_600_000);
    expect(await leeway.outcomes()).toEqual({ matched: 4, duplicate: 1, corrected: 1, unmatched: 1 });
    await leeway.advance(8 * DAY_MS);
    await sendTruths({ ...truth('silent', 'no'), 'ml.event.time': START_MS * 1e6 });
    expect(await leeway.outcomes()).toEqual({ matched: 4, duplicate: 1, corrected: 1, unmatched: 1, late: 1 });
    const metrics = await leeway.metrics();
    expect(one(metrics, 'leeway_labels_lost_total', 'expired')).toBe(1);
    expect(one(metrics, 'leeway_labels_pending')).toBe(0);
  });

  test('what was learned in a window is its performance, and the delay is a histogram', async () => {
    const leeway = await start({ workers, window: { length: '3m', pane: '1m', lateness: '10s', skew: '1h' } });
    const rows = Array.from({ length: 400 }, (_, i) => prediction(`id-${i}`, (i % 100) / 100));
    await post(leeway.url(), spans(rows, leeway.clock.nowMs));
    await leeway.advance(5 * MINUTE_MS);
    expect(leeway.performance()).toMatchObject({ labelCount: 0, predictionCount: 0, status: 0 });
    const known = rows.map((_, i) => truth(`id-${i}`, (i % 100) / 100 >= 0.4 ? 'yes' : 'no'));
    await post(leeway.url(), truths(known), '/v1/logs');
    await leeway.advance(2 * MINUTE_MS);
    const evaluation = leeway.performance();
    expect(evaluation).toMatchObject({ labelCount: 400, labelSize: 400 });
    const metricOf = (name: string) => evaluation?.metrics.find(({ metric }) => metric === name);
    // Of a hundred scores, those from .40 to .49 are called no and are yes.
    expect(metricOf('accuracy')?.measured?.value).toBeCloseTo(0.9, 12);
    expect(metricOf('auroc')?.measured?.value).toBe(1);
    const metrics = await leeway.metrics();
    const delay = one(metrics, 'ml_ground_truth_delay_seconds_sum');
    expect(delay).toBe(400 * 5 * 60);
    expect(one(metrics, 'ml_ground_truth_delay_seconds_count')).toBe(400);
  });
});

test('coverage is of the predictions whose label is due', async () => {
  const leeway = await start({ workers: 0, labels: { path: ':memory:', due: '10m' } });
  const rows = Array.from({ length: 40 }, (_, i) => prediction(`id-${i}`, 0.5));
  await post(leeway.url(), spans(rows, leeway.clock.nowMs));
  const known = rows.slice(0, 30).map((_, i) => truth(`id-${i}`, 'yes'));
  await post(leeway.url(), truths(known), '/v1/logs');
  expect([...(await leeway.metrics()).keys()].join('\n')).not.toContain('coverage');
  await leeway.advance(11 * MINUTE_MS);
  expect(one(await leeway.metrics(), 'ml_ground_truth_coverage_ratio')).toBe(0.75);
  await leeway.advance(10 * MINUTE_MS);
  expect([...(await leeway.metrics()).keys()].join('\n')).not.toContain('coverage');
});

test('rows of a batch are labelled by their number, a span without an id by its own', async () => {
  const leeway = await start({ workers: 1 });
  const batch = { 'ml.inference.id': 'batch', 'ml.prediction.score': [0.1, 0.6, 0.9], 'ml.features.amount': [1, 2, 3] };
  await post(leeway.url(), spans([batch, { 'ml.prediction.score': 0.7 }], leeway.clock.nowMs));
  const byRow = (row: number, label: string) => ({ ...truth('batch', label), 'ml.inference.row': row });
  const ofSpan = truth('aaaaaaaaaaaaaaa1', 'yes');
  await post(leeway.url(), truths([byRow(0, 'no'), byRow(2, 'yes'), byRow(7, 'yes'), ofSpan]), '/v1/logs');
  expect(await leeway.outcomes()).toEqual({ matched: 3 });
  expect(one(await leeway.metrics(), 'leeway_labels_waiting')).toBe(1);
});

test('segments that the configuration names are judged apart, by row where a batch says so', async () => {
  const leeway = await start({ workers: 1, performance: { segments: ['country=DE', 'country=NL'] } });
  const batch = (id: string, countries: readonly string[]): Attributes => ({
    'ml.inference.id': id,
    'ml.prediction.score': countries.map(() => 0.9),
    'ml.features.amount': countries.map(() => 1),
    'ml.segments.country': countries,
  });
  const single = { ...prediction('single', 0.9), 'ml.segments.country': 'DE' };
  await post(leeway.url(), spans([batch('batch', ['DE', 'NL', 'FR', 'DE']), single], leeway.clock.nowMs));
  const rows = [0, 1, 2, 3].map((row) => ({ ...truth('batch', row < 2 ? 'yes' : 'no'), 'ml.inference.row': row }));
  await post(leeway.url(), truths([...rows, truth('single', 'yes')]), '/v1/logs');
  await leeway.advance(4 * MINUTE_MS);
  const evaluation = leeway.performance();
  expect(evaluation).toMatchObject({
    labelCount: 5,
    segments: [
      { segment: 'country=DE', labelCount: 3 },
      { segment: 'country=NL', labelCount: 1 },
    ],
  });
});

test('what was sent again is one prediction; a label that names another environment or version is of none', async () => {
  const leeway = await start({ workers: 1 });
  const body = spans([prediction('a', 0.9)], leeway.clock.nowMs);
  await post(leeway.url(), body);
  await post(leeway.url(), body);
  expect(one(await leeway.metrics(), 'leeway_labels_pending')).toBe(1);
  await post(leeway.url(), truths([truth('a', 'yes')], { 'deployment.environment.name': 'staging' }), '/v1/logs');
  await post(leeway.url(), truths([{ ...truth('a', 'yes'), 'ml.model.version': '2' }]), '/v1/logs');
  expect(await leeway.outcomes()).toEqual({});
  await post(leeway.url(), truths([truth('a', 'yes')], { 'deployment.environment.name': 'test' }), '/v1/logs');
  expect(await leeway.outcomes()).toEqual({ matched: 1 });
});

test('predictions wait across a restart', async () => {
  const leeway = await start({ workers: 1 });
  const rows = Array.from({ length: 300 }, (_, i) => ({ ...prediction(`id-${i}`, 0.9), 'ml.prediction.label': 'yes' }));
  await post(leeway.url(), spans(rows, leeway.clock.nowMs));
  await leeway.restart();
  await leeway.advance(MINUTE_MS);
  await post(leeway.url(), truths(rows.map((_, i) => truth(`id-${i}`, 'yes'))), '/v1/logs');
  expect(await leeway.outcomes()).toEqual({ matched: 300 });
});

test('labels that are none are counted by reason, and labels of models that take no part too', async () => {
  const leeway = await start({ workers: 0 });
  const faults: readonly Attributes[] = [
    { 'ml.ground_truth.label': 'yes' },
    { 'ml.inference.id': '', 'ml.ground_truth.label': 'yes' },
    { 'ml.inference.id': 'a', 'ml.ground_truth.value': 'seven' },
    { 'ml.inference.id': 'a', 'ml.ground_truth.label': ['yes', 'no'] },
    { ...truth('a', 'yes'), 'ml.inference.row': -1 },
    { ...truth('a', 'yes'), 'ml.model.name': 'unknown' },
    { ...truth('a', 'yes'), 'ml.model.name': null },
  ];
  expect((await post(leeway.url(), truths(faults), '/v1/logs')).status).toBe(200);
  const metrics = await leeway.metrics();
  const ignored = (reason: string) => one(metrics, 'leeway_items_ignored_total', `leeway_reason="${reason}"`);
  expect(ignored('ground_truth_no_id')).toBe(2);
  expect(ignored('ground_truth_no_truth')).toBe(3);
  expect(ignored('ground_truth')).toBe(1);
  expect(ignored('ground_truth_no_model')).toBe(1);
  expect(total(metrics, 'ml_ground_truths_total')).toBe(0);
});

test('without labels in the configuration, or in the reference, nothing waits', async () => {
  const off = await start({ labels: undefined });
  await post(off.url(), spans([prediction('a', 0.9)], off.clock.nowMs));
  await post(off.url(), truths([truth('a', 'yes')]), '/v1/logs');
  const metrics = await off.metrics();
  expect(one(metrics, 'leeway_items_ignored_total', 'leeway_reason="ground_truth"')).toBe(1);
  expect(total(metrics, 'leeway_labels')).toBe(0);
  const plain = await start({ workers: 0 }, referenceOf(rowsOf(5_000, 1)));
  await post(plain.url(), spans([prediction('a', 0.9)], plain.clock.nowMs));
  expect(one(await plain.metrics(), 'leeway_labels_pending')).toBe(0);
});

test('a file that cannot be opened is said at the start, with the fix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-labels-'));
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'a folder'));
  for (const path of [join(folder, 'missing', 'labels.db'), join(folder, 'a folder')]) {
    const files = writeFiles(labelled(), { labels: { path } });
    await expect(startSidecar({ configFile: files.config, env: {} })).rejects.toThrow(
      new RegExp(`${path}: .*may this user write there`),
    );
    rmSync(files.folder, { recursive: true });
  }
});
