/** What a reload of the configuration changes, and what it says about the rest. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { STATUS } from '@leeway/engine';
import { afterEach, expect, test } from 'vitest';
import { one, post, referenceOf, rowsOf, scrape, spansOf, stopBalanced, total, writeFiles } from '../test/scoring.ts';
import { startSidecar } from './main.ts';
import { changedSettings } from './reload-plan.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % MINUTE_MS);
const reference = referenceOf(rowsOf(5_000, 1));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(settings: object = {}, env: Record<string, string> = {}) {
  const files = writeFiles(reference, { log_level: 'info', ...settings });
  const clock = { nowMs: START_MS };
  const log: string[] = [];
  const logTo = { write: (line: string) => void log.push(line) };
  const sidecar = await startSidecar({ configFile: files.config, env, now: () => clock.nowMs, logTo });
  cleanups.push(async () => {
    await stopBalanced(sidecar);
    rmSync(files.folder, { recursive: true, force: true });
  });
  const change = (changes: object) => {
    const before = JSON.parse(readFileSync(files.config, 'utf8'));
    writeFileSync(files.config, JSON.stringify({ ...before, ...changes }));
  };
  const minute = async () => {
    await post(sidecar.otlpUrl, spansOf(rowsOf(300, clock.nowMs / MINUTE_MS, 150), clock.nowMs + 1));
    clock.nowMs += MINUTE_MS;
    await sidecar.pipeline.tick();
  };
  return { sidecar, clock, log, change, minute, files };
}

test('regression: alarms and metrics apply from the next evaluation on, without losing windows', async () => {
  const { sidecar, clock, change, minute } = await start();
  for (let i = 0; i < 4; i++) await minute();
  clock.nowMs += 11_000;
  await sidecar.pipeline.tick();
  clock.nowMs += MINUTE_MS - 11_000;
  let metrics = await scrape(sidecar.httpUrl);
  const status = (name: string) => one(metrics, 'ml_drift_status', `"${name}"`);
  expect(status('amount')).toBe(STATUS.critical);
  const counted = total(metrics, 'ml_feature_observations_total', '"amount"');
  change({ alarms: { columns: { amount: { monitor: false } } }, metrics: ['psi', 'chebyshev'] });
  expect(await sidecar.reload()).toBe(true);
  await minute();
  clock.nowMs += 11_000;
  await sidecar.pipeline.tick();
  metrics = await scrape(sidecar.httpUrl);
  // Not monitored: it has no status that could alarm.
  expect(total(metrics, 'ml_drift_status', '"amount"')).toBe(0);
  expect(total(metrics, 'ml_drift_score', '"chebyshev"', '"country"')).toBeGreaterThan(0);
  expect(total(metrics, 'ml_drift_score', '"jensen_shannon"')).toBe(0);
  expect(total(metrics, 'ml_feature_observations_total', '"amount"')).toBe(counted + 300);
  // The window was full before and is full still: it is judged at once.
  expect(one(metrics, 'ml_monitor_status', 'data_drift')).toBeGreaterThanOrEqual(STATUS.ok);
});

test('regression: a changed file is read by itself; what needs a restart is said by its name', async () => {
  const { log, change } = await start();
  change({ workers: 2, window: { length: '6m', pane: '2m', lateness: '10s', skew: '1h' }, log_level: 'warn' });
  await expect.poll(() => log.join(''), { timeout: 15_000 }).toContain('take effect at the next start');
  const line = JSON.parse(log.find((text) => text.includes('next start')) ?? '{}');
  expect(line.settings.sort()).toEqual(['window.length', 'window.pane', 'workers']);
  // `configuration and references reloaded` is info, and the level is warn by then.
  expect(log.join('')).not.toContain('references reloaded');
});

test('retire_after is live', async () => {
  const { sidecar, clock, change, minute } = await start({ references: [{ model: 'risk', file: 'reference.json' }] });
  await minute();
  clock.nowMs += 30 * MINUTE_MS;
  await sidecar.pipeline.tick();
  expect(total(await scrape(sidecar.httpUrl), 'ml_model_info', '"risk"')).toBe(1);
  clock.nowMs += 6 * MINUTE_MS;
  change({ retire_after: '5m' });
  expect(await sidecar.reload()).toBe(true);
  await sidecar.pipeline.tick();
  await sidecar.pipeline.tick();
  expect(total(await scrape(sidecar.httpUrl), 'ml_model_info', '"risk"')).toBe(0);
});

test('the export is turned on, hastened and turned off while it runs', async () => {
  let count = 0;
  const backend = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      count++;
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    backend.closeAllConnections();
    backend.close();
  });
  const endpoint = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' };
  const { sidecar, change } = await start({ export: { otlp: 'off' } }, env);
  change({ export: { otlp: 'auto', interval: '50ms' } });
  expect(await sidecar.reload()).toBe(true);
  await expect.poll(() => count, { timeout: 15_000 }).toBeGreaterThan(2);
  change({ export: { otlp: 'off' } });
  expect(await sidecar.reload()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = count;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(count).toBe(before);
  await sidecar.stop();
  expect(count).toBe(before);
});

test('a token does not go while the listener still stands where it needs one', async () => {
  const { sidecar, change, log, files } = await start();
  await sidecar.stop();
  writeFileSync(join(files.folder, 'token'), 'a-long-token');
  change({ listen: { otlp_http: '0.0.0.0:0', http: '127.0.0.1:0', bearer_token_file: 'token' } });
  const logTo = { write: (line: string) => void log.push(line) };
  const open = await startSidecar({ configFile: files.config, env: {}, logTo });
  cleanups.push(() => stopBalanced(open));
  change({ listen: { otlp_http: '127.0.0.1:0', http: '127.0.0.1:0' } });
  expect(await open.reload()).toBe(false);
  expect(log.join('')).toContain('until a restart: listen on 0.0.0.0 would be open');
  expect((await post(open.otlpUrl.replace('0.0.0.0', '127.0.0.1'), '{}')).status).toBe(401);
});

test('changes are named as they are written', () => {
  const before = { a: { b: 1, c: [1] }, d: 2 };
  expect(changedSettings(before as never, { a: { b: 1, c: [2] } } as never)).toEqual(['a.c', 'd']);
});
