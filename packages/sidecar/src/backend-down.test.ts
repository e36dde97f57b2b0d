/** A backend that is not there, hangs, fails or never ends its answer: the sidecar goes on, says so, and stops in time. */
import { rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { post, referenceOf, rowsOf, scrape, spansOf, stopBalanced, total, writeFiles } from '../test/scoring.ts';
import { ExportWatch } from './export-watch.ts';
import { startSidecar } from './main.ts';

const reference = referenceOf(rowsOf(500, 1));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Undefined for a port that nobody listens on. */
async function endpointOf(answer: ((response: ServerResponse) => void) | undefined): Promise<string> {
  const backend = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer?.(response));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const { port } = backend.address() as AddressInfo;
  if (answer === undefined) await new Promise((resolve) => backend.close(resolve));
  else
    cleanups.push(() => {
      backend.closeAllConnections();
      backend.close();
    });
  return `http://127.0.0.1:${port}`;
}

const dripForEver = (response: ServerResponse) => {
  response.writeHead(500);
  const timer = setInterval(() => response.write('.'), 50);
  response.on('close', () => clearInterval(timer));
};

test.each([
  ['a closed port', undefined],
  ['one that hangs', () => undefined],
  ['one that answers 500', (response: ServerResponse) => response.writeHead(500).end()],
  ['one that answers 503', (response: ServerResponse) => response.writeHead(503, { 'retry-after': '1' }).end()],
  ['one whose answer never ends', dripForEver],
])('%s: said at once with its address, counted, everything else goes on, the stop is bounded', async (_, answer) => {
  const endpoint = await endpointOf(answer);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    OTEL_TRACES_EXPORTER: 'none',
  };
  // The SDK's exporter reads its timeout from the process.
  Object.assign(process.env, env);
  cleanups.push(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const files = writeFiles(reference, { log_level: 'info' });
  const log: string[] = [];
  const sidecar = await startSidecar({
    configFile: files.config,
    env,
    logTo: { write: (line) => void log.push(line) },
  });
  cleanups.push(() => rmSync(files.folder, { recursive: true, force: true }));
  expect(log.find((line) => line.includes('leeway is ready'))).toContain(endpoint);
  // Nobody waited for the interval of a minute.
  await expect.poll(() => log.join(''), { timeout: 15_000 }).toContain(`${endpoint}/v1/metrics does not take metrics`);
  const sent = await post(sidecar.otlpUrl, spansOf(rowsOf(20, 1), Date.now()));
  expect(sent.status).toBe(200);
  const metrics = await scrape(sidecar.httpUrl);
  expect(total(metrics, 'leeway_export_failures_total', '"metrics"')).toBe(1);
  expect(total(metrics, 'leeway_export_points_total', '"exported"')).toBe(0);
  expect(total(metrics, 'leeway_export_points_total', '"failed"')).toBeGreaterThan(0);
  const started = performance.now();
  await stopBalanced(sidecar);
  // Promised are four seconds to such a backend; the bar leaves room for a busy machine and is below the ten of orchestrators.
  expect(performance.now() - started).toBeLessThan(9_000);
  expect(log.find((line) => line.includes('stopping; last export to'))).toMatch(/up to 4 s/);
  expect(log.find((line) => line.includes('the last export failed'))).toMatch(/"points":[1-9]\d*/);
});

test('said at once, now and then while it lasts, and when it is over', () => {
  const said: string[] = [];
  const say = (fields: object, text: string) => void said.push(`${text} ${JSON.stringify(fields)}`);
  const clock = { nowMs: 0 };
  const watch = new ExportWatch({ info: say, error: say } as never, () => clock.nowMs);
  const url = 'http://127.0.0.1:1/v1/metrics';
  watch.onResult(url, undefined);
  expect(said).toEqual([]);
  for (let minute = 0; minute < 12; minute++) {
    clock.nowMs = minute * 60_000;
    watch.onResult(url, new Error('refused'));
  }
  expect(said.map((text) => /still/.test(text))).toEqual([false, true, true]);
  expect(said[2]).toContain('"failed":11');
  clock.nowMs = 12 * 60_000;
  watch.onResult(url, undefined);
  expect(said[3]).toMatch(/takes metrics again.*"failed":12,"downSeconds":720/);
  expect(watch.isDown).toBe(false);
});
