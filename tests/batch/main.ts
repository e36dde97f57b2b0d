/**
 * `npm run test:batch`: batch scoring does not lose. 1,000,000 rows in awaited batches all reach a real sidecar;
 * 1,000,000 single rows in a loop that never waits reach it or are counted, to the row, as sampled out or dropped; the
 * scoring process stays within a bound of memory. The stock batch processor is shown beside it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { booksBalance, type Metrics, referenceOf, rowsOf, scrape, total } from '../../packages/sidecar/test/scoring.ts';
import { ROOT, startSidecar } from '../collector/sidecar.ts';
import { startMetricsSink } from './metrics-sink.ts';
import { BATCH_ROWS } from './model.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROWS = Number(process.argv[2] ?? 1_000_000);
const BURST = 10_000;
const POLL_MS = 250;
const SETTLED_POLLS = 12;
/** Short, so that weights can be read: what a pane holds is exported when it closes. Long enough for a busy machine. */
const PANE_MS = 5_000;
const LATENESS_MS = 45_000;
/** Of the standard error that the weights themselves give; by chance once in two million runs. */
const DEVIATIONS_MAX = 5;
/** 64 MiB of queue, as it weighs items, beside Node, the SDK and what is being serialised. */
const PEAK_MEGABYTES_MAX = 640;
const LEEWAY = join(ROOT, 'packages/register/src/index.ts');
const STOCK = join(HERE, 'stock-sdk.ts');

interface Run {
  readonly received: number;
  /** Rows that metrics say were not captured, by reason. */
  readonly sampledOut: number;
  /** Rows that the queue says it dropped. */
  readonly dropped: number;
  readonly peakMegabytes: number;
}

let passed = 0;
let failed = 0;
const folder = mkdtempSync(join(tmpdir(), 'leeway-batch-'));
const sink = await startMetricsSink();
const sidecar = await startSidecar({
  folder,
  references: [referenceOf(rowsOf(5_000, 1))],
  metrics: ['psi'],
  clock: 'wall',
  windowMs: 12 * PANE_MS,
  paneMs: PANE_MS,
  latenessMs: LATENESS_MS,
  env: {},
});
const metricsOfSidecar = () => scrape(`http://127.0.0.1:${sidecar.httpPort}`);
try {
  const stock = await run('stock processor, a burst', STOCK, 'burst', BURST);
  const own = await run('own export path, a burst', LEEWAY, 'burst', BURST);
  check(
    `a burst of ${BURST}: the stock processor loses rows (${stock.received} arrive)`,
    stock.received < BURST && stock.received > 0,
  );
  check(`the same burst by the own path: ${own.received} arrive`, own.received === BURST);

  const batches = await run('awaited batches', LEEWAY, 'batches', ROWS);
  check(`awaited batches: all of ${ROWS} rows arrive`, batches.received === ROWS);
  check('awaited batches: nothing sampled out, nothing dropped', batches.sampledOut + batches.dropped === 0);
  checkMemory('awaited batches', batches);

  const loop = await run('single rows in a tight loop', LEEWAY, 'rows', ROWS);
  const counted = loop.received + loop.sampledOut + loop.dropped;
  check(`a tight loop: received + sampled out + dropped = ${counted} = ${ROWS}`, counted === ROWS);
  check(
    'a tight loop: no row with values was dropped without a draw, so all that is missing is weighed',
    loop.dropped === 0,
  );
  check('a tight loop: something arrives, and something had to give way', loop.received > 0 && loop.sampledOut > 0);
  checkMemory('a tight loop', loop);

  const together = await run('batches all at once', LEEWAY, 'together', ROWS);
  const all = together.received + together.sampledOut + together.dropped;
  check(`batches all at once: received + sampled out + dropped = ${all} = ${ROWS}`, all === ROWS);
  check('batches all at once: none with values was dropped without a draw', together.dropped === 0);

  await sleep(PANE_MS + LATENESS_MS);
  await settled('ml_feature_observations_total');
  const weights = await metricsOfSidecar();
  checkWeights('awaited batches', weights, 'batches', BATCH_ROWS);
  checkWeights('a tight loop', weights, 'rows', 1);
  checkWeights('batches all at once', weights, 'together', BATCH_ROWS);

  const books = await metricsOfSidecar();
  check("the sidecar's books balance", booksBalance(books));
  check('no row was a duplicate', total(books, 'leeway_observations_processed_total', '"duplicate"') === 0);
} finally {
  await sidecar.service.stop();
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function check(name: string, holds: boolean): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}`);
  if (holds) passed++;
  else failed++;
}

function checkMemory(name: string, { peakMegabytes }: Run): void {
  const peak = peakMegabytes.toFixed(0);
  check(
    `${name}: peak of the scoring process ${peak} MB ≤ ${PEAK_MEGABYTES_MAX} MB`,
    peakMegabytes <= PEAK_MEGABYTES_MAX,
  );
}

/**
 * Every row that arrived stands for itself and for those that gave way: together they are all that were scored.
 *
 * @param drawnTogether rows that one draw decides on
 */
function checkWeights(name: string, metrics: Metrics, mode: string, drawnTogether: number): void {
  const of = ['ml_feature_name="amount"', `ml_model_version="${mode}"`];
  const weight = total(metrics, 'ml_feature_observations_total', ...of);
  const squared = total(metrics, 'ml_feature_squared_weights_total', ...of);
  // Horvitz and Thompson (1952): of independent draws the variance is estimated by Σ w (w − 1).
  const deviation = Math.sqrt((squared - weight) * drawnTogether);
  check(
    `${name}: the weighted rows, ${weight.toFixed(0)} ± ${deviation.toFixed(0)}, are the ${ROWS} that were scored`,
    Math.abs(weight - ROWS) <= DEVIATIONS_MAX * deviation && deviation < 0.25 * ROWS,
  );
}

async function run(name: string, sdk: string, mode: string, count: number): Promise<Run> {
  const before = await settledReceived();
  sink.forget();
  const output = await outputOf(sdk, mode, count);
  const received = (await settledReceived()) - before;
  const { scoredMs, sentMs, peakMegabytes } = JSON.parse(output) as Record<string, number>;
  const skipped = sink.series('ml.capture.skipped');
  const dropped = sink.total('leeway.export.observations', 'dropped');
  console.log(
    `${name}: ${count} scored in ${(scoredMs / 1000).toFixed(1)} s, sent after ${(sentMs / 1000).toFixed(1)} s, ` +
      `${received} received, peak ${peakMegabytes.toFixed(0)} MB`,
  );
  console.log(
    `     skipped ${JSON.stringify(skipped)}, queue ${JSON.stringify(sink.series('leeway.export.observations'))}`,
  );
  console.log(`     items ${JSON.stringify(sink.series('leeway.export.items'))}`);
  return { received, sampledOut: sink.total('ml.capture.skipped'), dropped, peakMegabytes };
}

/** The sidecar books what its workers have read a moment later: read until it says the same for some time. */
function settledReceived(): Promise<number> {
  return settled('leeway_observations_received_total');
}

async function settled(name: string): Promise<number> {
  let last = -1;
  for (let same = 0; same < SETTLED_POLLS; ) {
    await sleep(POLL_MS);
    const now = total(await metricsOfSidecar(), name);
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

/** @throws Error when the job fails, with what it printed */
async function outputOf(sdk: string, mode: string, count: number): Promise<string> {
  const args = ['--conditions=@leeway/source', '--import', sdk, join(HERE, 'score.ts'), mode, String(count)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      LEEWAY_QUIET: 'true',
      // Not the sidecar's remark that its reference lacks eighteen of the features.
      OTEL_LOG_LEVEL: 'error',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sidecar.otlpPort}`,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
    },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`score.ts ${mode} ended with ${code}: ${output}`);
  return output;
}
