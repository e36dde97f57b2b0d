/** A sidecar with a clock of the test's own, so that windows fill as soon as their rows are there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sidecar, startSidecar } from '../../packages/sidecar/src/index.ts';
import { type Metrics, scrape, stopBalanced, total } from '../../packages/sidecar/test/scoring.ts';

const MINUTE_MS = 60_000;
/** A window is judged once its whole span was seen: the sidecar has been there for so long when the rows come. */
const AHEAD_MS = 30 * MINUTE_MS;
const ARRIVAL_MS = 60_000;
const POLL_MS = 100;

export interface MonitoredOptions {
  readonly folder: string;
  readonly otlpPort: number;
  /** Reference, by path relative to the folder; none when absent. */
  readonly reference?: string;
  readonly settings?: object;
}

/**
 * Starts a sidecar, lets `send` send rows, waits for `rowCount` of them and closes their window.
 *
 * @throws Error when they do not come
 */
export async function monitored(
  { folder, otlpPort, reference, settings = {} }: MonitoredOptions,
  rowCount: number,
  send: (url: string) => Promise<void>,
): Promise<Metrics> {
  const config = join(folder, 'leeway-test.yaml');
  // JSON is YAML.
  const file = {
    listen: { otlp_http: `127.0.0.1:${otlpPort}`, http: '127.0.0.1:0' },
    window: { length: '10m', pane: '1m', lateness: '10s', skew: '1h' },
    references: reference === undefined ? [] : [{ model: 'tumour', file: reference }],
    log_level: 'silent',
    ...settings,
  };
  writeFileSync(config, JSON.stringify(file));
  let nowMs = Date.now() - AHEAD_MS;
  const sidecar = await startSidecar({ configFile: config, env: {}, now: () => nowMs });
  try {
    await send(sidecar.otlpUrl);
    await arrival(sidecar, rowCount);
    nowMs = Date.now() + MINUTE_MS + 10_000;
    await sidecar.pipeline.tick();
    return await scrape(sidecar.httpUrl);
  } finally {
    await stopBalanced(sidecar);
  }
}

async function arrival(sidecar: Sidecar, rowCount: number): Promise<void> {
  const deadline = performance.now() + ARRIVAL_MS;
  let received = 0;
  while (performance.now() < deadline) {
    await sidecar.pipeline.tick();
    received = total(await scrape(sidecar.httpUrl), 'leeway_observations_received_total');
    if (received >= rowCount) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${received} of ${rowCount} rows came within ${ARRIVAL_MS / 1000} s`);
}
