/** The whole process, over real HTTP, with a clock of the test's own. The books are asserted at the end of every test. */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENDED_KEEP_MS, STATUS } from '@leeway/engine';
import { afterEach, expect, test } from 'vitest';
import { one, post, referenceOf, rowsOf, scrape, spansOf, stopBalanced, total, writeFiles } from '../test/scoring.ts';
import { type Sidecar, startSidecar } from './main.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(5_000, 1));
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(settings: object = {}, env: Record<string, string> = {}) {
  const files = writeFiles(reference, settings);
  const clock = { nowMs: START_MS };
  const sidecar = await startSidecar({ configFile: files.config, env, now: () => clock.nowMs });
  cleanups.push(async () => {
    rmSync(files.folder, { recursive: true, force: true });
    await stopBalanced(sidecar);
  });
  return { sidecar, clock, files };
}

/** Sends `count` rows in each of `minutes` minutes and lets their panes close. */
async function play(sidecar: Sidecar, clock: { nowMs: number }, minutes: number, shift = 0, count = 300) {
  for (let minute = 0; minute < minutes; minute++) {
    const rows = rowsOf(count, clock.nowMs / MINUTE_MS, shift);
    const { status, body } = await post(sidecar.otlpUrl, spansOf(rows, clock.nowMs + 1));
    expect([status, body]).toEqual([200, '{}']);
    clock.nowMs += MINUTE_MS;
    await sidecar.pipeline.tick();
  }
  clock.nowMs += 11_000;
  await sidecar.pipeline.tick();
  clock.nowMs += MINUTE_MS - 11_000;
}

const drift = 'ml_signal="data_drift"';

test.each([0, 1, 2])(
  'quiet traffic is ok once the window is full, a shift is critical (%i workers)',
  async (workers) => {
    const { sidecar, clock } = await start({ workers });
    await play(sidecar, clock, 2);
    let metrics = await scrape(sidecar.httpUrl);
    expect(one(metrics, 'ml_monitor_status', drift)).toBe(STATUS.insufficientData);
    await play(sidecar, clock, 3);
    metrics = await scrape(sidecar.httpUrl);
    expect(one(metrics, 'ml_monitor_status', drift)).toBe(STATUS.ok);
    expect(one(metrics, 'ml_drift_score', 'amount', '"psi"')).toBeLessThan(0.1);
    await play(sidecar, clock, 3, 150);
    metrics = await scrape(sidecar.httpUrl);
    expect(one(metrics, 'ml_monitor_status', drift)).toBe(STATUS.critical);
    expect(one(metrics, 'ml_drift_status', 'amount')).toBe(STATUS.critical);
    expect(one(metrics, 'ml_drift_status', 'country')).toBe(STATUS.ok);
    expect(one(metrics, 'ml_drift_score', 'amount', '"psi"')).toBeGreaterThan(
      one(metrics, 'ml_drift_threshold', 'amount', '"psi"', 'critical'),
    );
    expect(total(metrics, 'leeway_observations_processed_total', 'counted')).toBe(8 * 300);
    expect(total(metrics, 'ml_feature_observations_total', 'amount')).toBe(8 * 300);
  },
);

test('injected nulls are a data-quality violation', async () => {
  const { sidecar, clock } = await start();
  for (let minute = 0; minute < 4; minute++) {
    const rows = rowsOf(300, minute).map((row, i) => (i % 5 === 0 ? { ...row, amount: null } : row));
    await post(sidecar.otlpUrl, spansOf(rows, clock.nowMs + 1));
    clock.nowMs += MINUTE_MS;
  }
  clock.nowMs += 11_000;
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  expect(one(metrics, 'ml_data_quality_violation_ratio', 'amount', '"missing"')).toBeCloseTo(0.2, 10);
  expect(one(metrics, 'ml_monitor_status', 'data_quality')).toBe(STATUS.critical);
});

test('the same request sent again counts once', async () => {
  const { sidecar, clock } = await start({ workers: 2 });
  const body = spansOf(rowsOf(50, 1), clock.nowMs);
  await post(sidecar.otlpUrl, body);
  await post(sidecar.otlpUrl, body);
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'leeway_observations_processed_total', '"counted"')).toBe(50);
  expect(total(metrics, 'leeway_observations_processed_total', '"duplicate"')).toBe(50);
});

test('models without a reference are seen, counted and never green', async () => {
  const { sidecar, clock } = await start();
  await post(sidecar.otlpUrl, spansOf(rowsOf(20, 1), clock.nowMs, { model: 'unknown', version: '7' }));
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  expect(one(metrics, 'ml_monitor_status', '"unknown"', drift)).toBeLessThan(STATUS.ok);
  expect(total(metrics, 'leeway_observations_processed_total', 'no_reference')).toBe(20);
});

test('a reference for an exact version is visible before its first row, as no data', async () => {
  const { sidecar } = await start();
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'ml_reference_info', '"risk"')).toBe(1);
  expect(total(metrics, 'ml_feature_observations_total', 'amount')).toBe(0);
  expect(one(metrics, 'ml_monitor_status', drift)).toBe(STATUS.noData);
});

test('regression: a model had no status at all until its first window', async () => {
  const { sidecar, clock } = await start();
  await post(sidecar.otlpUrl, spansOf(rowsOf(20, 1), clock.nowMs));
  await sidecar.pipeline.tick();
  const status = one(await scrape(sidecar.httpUrl), 'ml_monitor_status', '"test"', drift);
  expect([STATUS.noData, STATUS.insufficientData]).toContain(status);
});

test('hostile names are counted and harmless', async () => {
  const { sidecar, clock } = await start();
  const attributes = ['__proto__', 'constructor', 'x'.repeat(10_000_000), '\u0000\n"{}', 'toString'].map((key) => ({
    key: `ml.features.${key}`,
    value: { doubleValue: 1 },
  }));
  const model = { key: 'ml.model.name', value: { stringValue: '__proto__' } };
  const span = { endTimeUnixNano: `${clock.nowMs}000000`, attributes: [model, ...attributes] };
  const { status } = await post(
    sidecar.otlpUrl,
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  );
  expect(status).toBe(200);
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'leeway_cardinality_overflow_total', 'keys')).toBe(1);
  expect(total(metrics, 'leeway_observations_processed_total', 'no_reference')).toBe(1);
  await play(sidecar, clock, 1);
});

test('references reload without losing windows; one that does not validate changes nothing and says so', async () => {
  const { sidecar, clock, files } = await start();
  await play(sidecar, clock, 4);
  const before = total(await scrape(sidecar.httpUrl), 'ml_feature_observations_total', 'amount');
  writeFileSync(files.referenceFile, JSON.stringify({ ...reference, features: [] }));
  expect(await sidecar.reload()).toBe(false);
  expect(await (await fetch(`${sidecar.httpUrl}/healthz`)).text()).toContain('reference.json');
  writeFileSync(files.referenceFile, JSON.stringify(reference));
  expect(await sidecar.reload()).toBe(true);
  await play(sidecar, clock, 1);
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'ml_feature_observations_total', 'amount')).toBe(before + 300);
  expect(one(metrics, 'ml_monitor_status', drift)).toBe(STATUS.ok);
  const other = referenceOf(rowsOf(3_000, 2), 'recent');
  writeFileSync(files.referenceFile, JSON.stringify(other));
  expect(await sidecar.reload()).toBe(true);
  await play(sidecar, clock, 1);
  const after = await scrape(sidecar.httpUrl);
  expect(total(after, 'ml_feature_observations_total', 'amount', other.id)).toBe(300);
  // What was counted under the reference before is exported for some minutes more, then gone.
  expect(total(after, 'ml_feature_observations_total', 'amount', reference.id)).toBe(5 * 300);
  clock.nowMs += ENDED_KEEP_MS;
  await sidecar.pipeline.tick();
  expect(total(await scrape(sidecar.httpUrl), 'ml_feature_observations_total', 'amount', reference.id)).toBe(0);
});

test('regression: a reload lost the rows of open panes: counted, and in no series', async () => {
  const { sidecar, clock, files } = await start();
  await post(sidecar.otlpUrl, spansOf(rowsOf(100, 1), clock.nowMs + 1));
  writeFileSync(files.referenceFile, JSON.stringify(referenceOf(rowsOf(3_000, 2), 'recent')));
  expect(await sidecar.reload()).toBe(true);
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'leeway_observations_processed_total', '"reference"')).toBe(100);
  expect(total(metrics, 'ml_feature_observations_total', 'amount', reference.id)).toBe(100);
  // Back to the reference before: its counters go on.
  writeFileSync(files.referenceFile, JSON.stringify(reference));
  expect(await sidecar.reload()).toBe(true);
  await play(sidecar, clock, 1, 0, 50);
  const after = await scrape(sidecar.httpUrl);
  expect(total(after, 'ml_feature_observations_total', 'amount', reference.id)).toBe(150);
});

test('regression: a model that was retired took the rows of its open panes with it', async () => {
  const { sidecar, clock } = await start({
    retire_after: '2m',
    window: { length: '1d', pane: '2h', lateness: '10s', skew: '1h' },
    references: [{ model: 'risk', file: 'reference.json' }],
  });
  await post(sidecar.otlpUrl, spansOf(rowsOf(100, 1), clock.nowMs + 1));
  await sidecar.pipeline.tick();
  clock.nowMs += 3 * MINUTE_MS;
  await sidecar.pipeline.tick();
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'ml_model_info', '"risk"')).toBe(0);
  expect(total(metrics, 'ml_feature_observations_total', 'amount')).toBe(100);
});

test('versions without traffic are retired', async () => {
  const { sidecar, clock } = await start({
    retire_after: '10m',
    references: [{ model: 'risk', file: 'reference.json' }],
  });
  await play(sidecar, clock, 4);
  expect(total(await scrape(sidecar.httpUrl), 'ml_model_info', '"risk"')).toBe(1);
  clock.nowMs += 11 * MINUTE_MS;
  await sidecar.pipeline.tick();
  await sidecar.pipeline.tick();
  expect(total(await scrape(sidecar.httpUrl), 'ml_model_info', '"risk"')).toBe(0);
});

test('a wrong reference refuses to start and says why', async () => {
  const { config, referenceFile, folder } = writeFiles(reference);
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(referenceFile, '{"schemaVersion": 1,');
  await expect(startSidecar({ configFile: config, env: {} })).rejects.toThrow(/reference\.json: is not JSON/);
  writeFileSync(referenceFile, JSON.stringify({ ...reference, rowCount: 7 }));
  await expect(startSidecar({ configFile: config, env: {} })).rejects.toThrow(
    /reference\.json: is no valid reference profile/,
  );
  await expect(startSidecar({ configFile: `${config}x`, env: {} })).rejects.toThrow(/does not exist/);
});

test('a backend that is down: the sidecar keeps working and says so; at the stop the last window is exported', async () => {
  const bodies: string[] = [];
  let isUp = false;
  const backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (isUp) bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(isUp ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => backend.close(() => resolve())));
  const endpoint = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_EXPORTER: 'none',
  };
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const { sidecar, clock } = await start({ export: { interval: '50ms' } }, env);
  await play(sidecar, clock, 3);
  await sleep(200);
  expect(total(await scrape(sidecar.httpUrl), 'leeway_export_failures_total')).toBeGreaterThan(0);
  expect(await (await fetch(`${sidecar.httpUrl}/healthz`)).text()).toContain('does not take metrics');
  isUp = true;
  const rows = rowsOf(123, 9);
  await post(sidecar.otlpUrl, spansOf(rows, clock.nowMs + 1));
  await sidecar.stop();
  const last = bodies.at(-1) ?? '';
  expect(last).toContain('ml.drift.score');
  const exported = JSON.parse(last).resourceMetrics[0].scopeMetrics.flatMap(
    (scope: { metrics: unknown[] }) => scope.metrics,
  );
  const observations = exported.find(({ name }: { name: string }) => name === 'ml.feature.observations');
  const amounts = observations.sum.dataPoints.filter((point: { attributes: unknown[] }) =>
    JSON.stringify(point.attributes).includes('"amount"'),
  );
  const counted = amounts.reduce((sum: number, point: { asDouble: number }) => sum + point.asDouble, 0);
  expect(counted).toBe(3 * 300 + 123);
  const sumOf = (name: string) => {
    const { sum, gauge } = exported.find((metric: { name: string }) => metric.name === name);
    return (sum ?? gauge).dataPoints.reduce((all: number, point: { asDouble: number }) => all + point.asDouble, 0);
  };
  expect(sumOf('leeway.observations.received')).toBe(3 * 300 + 123);
  expect(sumOf('leeway.observations.processed')).toBe(3 * 300 + 123);
  expect(sumOf('leeway.observations.in_flight')).toBe(0);
});

test('/metrics, /healthz and /readyz: read only, and only under names of this host', async () => {
  const { sidecar } = await start();
  expect((await fetch(`${sidecar.httpUrl}/readyz`)).status).toBe(200);
  expect((await fetch(`${sidecar.httpUrl}/metrics`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${sidecar.httpUrl}/elsewhere`)).status).toBe(404);
  const { port } = new URL(sidecar.httpUrl);
  const { request } = await import('node:http');
  const status = await new Promise((resolve) => {
    request({ port, path: '/metrics', headers: { host: 'evil.example' } }, (response) =>
      resolve(response.statusCode),
    ).end();
  });
  expect(status).toBe(403);
});
