/** `leeway sidecar` as a process: what it says, what it counts, and how it ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { booksBalance, post, rowsOf, scrape, spansOf, total } from '../../../sidecar/test/scoring.ts';
import { finish, runLeeway, startLeeway } from '../../test/run-leeway.ts';
import { writeTemporary } from '../../test/sample-table.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const config = () => writeTemporary('leeway.yaml', 'listen: { otlp_http: "127.0.0.1:0", http: "127.0.0.1:0" }\n');

async function hangingBackend(): Promise<string> {
  const backend = createServer(() => undefined);
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    backend.closeAllConnections();
    backend.close();
  });
  return `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
}

function sidecar(env: Record<string, string> = {}) {
  const child = startLeeway(['sidecar', '--config', config()], env);
  cleanups.push(() => child.kill('SIGKILL'));
  const finished = finish(child);
  let log = '';
  child.stderr?.on('data', (text: string) => {
    log += text;
  });
  const said = (text: string) => expect.poll(() => log, { timeout: 25_000 }).toContain(text);
  /** Sends rows, and holds the books of the process against the law. */
  const counts = async (rowCount: number) => {
    const ready = log.split('\n').find((line) => line.includes('leeway is ready')) ?? '{}';
    const { otlp, metrics: url } = JSON.parse(ready) as { otlp: string; metrics: string };
    expect((await post(otlp, spansOf(rowsOf(rowCount, 1), Date.now()))).status).toBe(200);
    const books = async () => {
      const metrics = await scrape(url.replace('/metrics', ''));
      expect(booksBalance(metrics)).toBe(true);
      return total(metrics, 'leeway_observations_processed_total', '"counted"');
    };
    await expect.poll(books, { timeout: 25_000 }).toBe(rowCount);
  };
  return { child, finished, said, counts };
}

test('says what to expect when it is ready, counts what it takes, and ends well at a signal', async () => {
  const { child, finished, said, counts } = sidecar();
  await said(
    'leeway is ready: first values after about 7 min, first score after about 1 h 2 min, with at least 200 rows a window',
  );
  await counts(30);
  child.kill('SIGTERM');
  expect(await finished).toMatchObject({ code: 0, signal: null });
});

test('regression: with a backend that hangs it says for how long it stops, what was dropped, and is done by then', async () => {
  const endpoint = await hangingBackend();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' };
  const { child, finished, said, counts } = sidecar(env);
  await said('leeway is ready');
  await counts(30);
  const started = performance.now();
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(code).toBe(0);
  expect(stderr).toContain(`stopping; last export to ${endpoint}/v1/metrics (up to 7 s)`);
  expect(stderr).toMatch(/the last export failed: \d+ points of the last windows were dropped/);
});

test('a second signal ends it at once', async () => {
  const { child, finished, said } = sidecar({
    OTEL_EXPORTER_OTLP_ENDPOINT: await hangingBackend(),
    OTEL_TRACES_EXPORTER: 'none',
  });
  await said('leeway is ready');
  child.kill('SIGINT');
  await said('stopping');
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  expect(code).toBe(130);
  expect(stderr).not.toContain('leeway stopped');
});

test('regression: several problems are one line each, and each line says what it is', async () => {
  const path = writeTemporary('bad.yaml', 'workers: many\nlisten:\n  http: 0.0.0.0:1\nlog_level: warning\n');
  const { code, stderr } = await runLeeway(['sidecar', '--config', path]);
  expect(code).toBe(1);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(/^error\[config-invalid\]: .*bad\.yaml:\d+:\d+: /);
});

test('SIGHUP reads the configuration again, and counts on', async () => {
  const { child, finished, said, counts } = sidecar();
  await said('leeway is ready');
  child.kill('SIGHUP');
  await said('configuration and references reloaded');
  await counts(30);
  child.kill('SIGTERM');
  expect((await finished).code).toBe(0);
});
