/** Where every observation went, over real HTTP: each outcome with its exact count, and the sum held against the scanner's. */
import { rmSync } from 'node:fs';
import { STATUS } from '@leeway/engine';
import { afterEach, expect, test } from 'vitest';
import {
  booksBalance,
  one,
  outcomesOf,
  post,
  referenceOf,
  rowsOf,
  scrape,
  spansOf,
  stopBalanced,
  total,
  writeFiles,
} from '../test/scoring.ts';
import { startSidecar } from './main.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(5_000, 1));
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(settings: object = {}) {
  const files = writeFiles(reference, settings);
  const clock = { nowMs: START_MS };
  const sidecar = await startSidecar({ configFile: files.config, env: {}, now: () => clock.nowMs });
  cleanups.push(async () => {
    await stopBalanced(sidecar);
    rmSync(files.folder, { recursive: true, force: true });
  });
  const send = (body: string) => post(sidecar.otlpUrl, body);
  /** What was booked, after it was held against what the scanner counted. */
  const outcomes = async (received: number) => {
    await sidecar.pipeline.tick();
    const metrics = await scrape(sidecar.httpUrl);
    expect(total(metrics, 'leeway_observations_received_total')).toBe(received);
    expect(total(metrics, 'leeway_observations_in_flight')).toBe(0);
    expect(booksBalance(metrics)).toBe(true);
    return outcomesOf(metrics);
  };
  return { sidecar, clock, send, outcomes };
}

interface HealthDetails {
  readonly features_not_in_reference?: readonly object[];
  readonly models_without_reference: { readonly count: number; readonly models: readonly object[] };
}

const healthOf = async (url: string) => (await (await fetch(`${url}/healthz`)).json()) as HealthDetails;
const attribute = (key: string, value: object) => ({ key, value });

test.each([0, 1])('every outcome has its exact count (%i workers)', async (workers) => {
  const { clock, send, outcomes } = await start({ workers, limits: { models: 1 } });
  const nowMs = clock.nowMs;
  const body = spansOf(rowsOf(11, 1), nowMs);
  await send(body);
  await send(body);
  await send(spansOf(rowsOf(7, 2), nowMs - 5 * MINUTE_MS));
  await send(spansOf(rowsOf(5, 3), nowMs + 61 * MINUTE_MS));
  await send(spansOf(rowsOf(3, 4), undefined));
  await send(spansOf(rowsOf(13, 5), nowMs, { model: 'first unknown' }));
  await send(spansOf(rowsOf(2, 6), nowMs, { model: 'second unknown' }));
  const tiny = attribute('ml.capture.probability', { doubleValue: 1e-300 });
  await send(spansOf(rowsOf(4, 7), nowMs, { extra: [tiny] }));
  const rows = attribute('ml.inference.row', { arrayValue: { values: [{ stringValue: 'x' }] } });
  const { body: reply } = await send(spansOf(rowsOf(6, 8), nowMs, { extra: [rows] }));
  expect(JSON.parse(reply).partialSuccess).toMatchObject({ rejectedSpans: '6' });
  expect(await outcomes(2 * 11 + 7 + 5 + 3 + 13 + 2 + 4 + 6)).toEqual({
    'counted reference': 11,
    'duplicate duplicate': 11,
    'late late': 7,
    'rejected future': 5,
    'rejected no_time': 3,
    'counted no_reference': 13,
    'rejected model_limit': 2,
    'rejected weight_limit': 4,
    'rejected shape': 6,
  });
});

test('rows for which no pane is left are booked as such', async () => {
  const { clock, send, outcomes } = await start({
    window: { length: '10m', pane: '1s', lateness: '1s', skew: '1h', clock: 'event' },
  });
  // Each row a second after the one before: panes close by the events seen, 1,024 wait to be fetched, and at most 256 are
  // open (engine: CLOSED_PANE_COUNT_MAX, PaneSet's default). One request, so nothing fetches them in between.
  const spans = Array.from({ length: 1_500 }, (_, i) =>
    JSON.parse(spansOf(rowsOf(1, i), clock.nowMs - 3_000_000 + 1_000 * i)),
  ).flatMap(({ resourceSpans }) => resourceSpans);
  await send(JSON.stringify({ resourceSpans: spans }));
  expect(await outcomes(1_500)).toEqual({ 'counted reference': 1_024 + 256, 'rejected pane_limit': 220 });
});

test('regression: in event mode one row of the year 2200 made all that followed it late', async () => {
  const { clock, send, outcomes } = await start({
    window: { length: '3m', pane: '1m', lateness: '10s', skew: '1m', clock: 'event' },
  });
  const past = clock.nowMs - 365 * 24 * 60 * MINUTE_MS;
  await send(spansOf(rowsOf(10, 1), past));
  await send(spansOf(rowsOf(1, 2), Date.UTC(2200, 0, 1)));
  expect(await outcomes(11)).toEqual({ 'counted reference': 10, 'rejected future': 1 });
  await send(spansOf(rowsOf(20, 3), past + 1_000));
  expect(await outcomes(31)).toEqual({ 'counted reference': 30, 'rejected future': 1 });
});

test('features under names that the reference does not have: told, counted, and a schema mismatch, not a gap', async () => {
  const { sidecar, clock, send, outcomes } = await start();
  const renamed = (body: string) => body.replaceAll('ml.features.', 'ml.features.new_');
  for (let minute = 0; minute < 4; minute++) {
    const { status, body } = await send(renamed(spansOf(rowsOf(300, minute), clock.nowMs + 1)));
    expect(status).toBe(200);
    const { partialSuccess } = JSON.parse(body);
    expect(partialSuccess.rejectedSpans ?? '0').toBe('0');
    expect(partialSuccess.errorMessage).toBe(
      'Not in the reference of "risk", and ignored: "new_amount", "new_country".',
    );
    clock.nowMs += MINUTE_MS;
    await sidecar.pipeline.tick();
  }
  clock.nowMs += 11_000;
  expect(await outcomes(1_200)).toEqual({ 'counted reference': 1_200 });
  const metrics = await scrape(sidecar.httpUrl);
  expect(one(metrics, 'leeway_values_ignored_total', 'not_in_reference')).toBe(2_400);
  expect(one(metrics, 'ml_monitor_status', '"data_drift"')).toBe(STATUS.schemaMismatch);
  expect(total(metrics, 'ml_feature_values_total', '"missing"')).toBe(0);
  expect((await healthOf(sidecar.httpUrl)).features_not_in_reference).toEqual([
    { environment: 'test', model: 'risk', version: '1', featureNames: ['new_amount', 'new_country'] },
  ]);
});

test('models without a reference are counted in a metric, and /healthz says which, what they send and the fix', async () => {
  const { sidecar, clock, send, outcomes } = await start();
  for (let i = 0; i < 120; i++) await send(spansOf(rowsOf(1, i), clock.nowMs, { model: `unknown ${i}` }));
  expect(await outcomes(120)).toEqual({ 'counted no_reference': 120 });
  const metrics = await scrape(sidecar.httpUrl);
  expect(one(metrics, 'leeway_models_unreferenced')).toBe(120);
  const { models_without_reference: unknown } = await healthOf(sidecar.httpUrl);
  expect(unknown).toMatchObject({ count: 120, fix: expect.stringContaining('leeway profile') });
  expect(unknown.models).toHaveLength(20);
  expect(unknown.models[0]).toEqual({
    environment: 'test',
    model: 'unknown 0',
    version: '1',
    rows: 1,
    features: ['amount', 'country'],
  });
});
