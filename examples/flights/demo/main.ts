/**
 * `npm run demo`: service and sidecar as separate processes, real days replayed as requests, an upstream that breaks,
 * and what the monitor's `/metrics` says of it all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DAY_MS } from '../data/flights.ts';
import { LateLabels } from './late-labels.ts';
import { readMonitor } from './monitor-view.ts';
import { type DemoOptions, HELP, parseOptions } from './options.ts';
import { Output } from './output.ts';
import { Child, freePort, isFree } from './processes.ts';
import { Replay } from './replay.ts';
import { sidecarConfig } from './sidecar-config.ts';
import { Story, type StorySummary } from './story.ts';
import { broken, FAULT_DESCRIPTION } from './upstream-fault.ts';
import { Warehouse } from './warehouse.ts';

/** A Tuesday. The fourth day is a Friday, when the model's own scores rise by a third of the noise-free PSI. */
const FIRST_DAY_MS = Date.parse('2001-02-06T00:00:00Z');
const ROWS_PER_DAY = 3_300;
/** Share of the duration after which the upstream breaks. */
const BREAK_AFTER = 0.4;
const POLL_MS = 250;
const READY_TIMEOUT_MS = 60_000;
const MODEL = 'late-flights';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** As a shell reports a process that Ctrl-C ended. */
const INTERRUPTED = 130;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  else process.exitCode = await demo(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(options: DemoOptions): Promise<number> {
  const children: Child[] = [];
  const closing: (() => void)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'leeway-demo-'));
  const stop = new AbortController();
  // The first signal ends the story, the second one everything.
  const onSignal = () => (stop.signal.aborted ? process.exit(INTERRUPTED) : stop.abort());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('exit', () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const output = new Output(options);
  try {
    output.starting();
    const ports = await choosePorts(options.port);
    const warehouse = await Warehouse.start(`http://127.0.0.1:${ports.otlp}`);
    closing.push(() => warehouse.close());
    await startProcesses(options, ports, warehouse.url, folder, children, stop.signal);
    if (stop.signal.aborted) {
      // Nothing was played, so there is nothing to hand over: a service would wait for a sidecar that is not there yet.
      for (const child of children) child.kill();
      return INTERRUPTED;
    }
    const summary = await play(options, ports, warehouse, output, stop.signal, children);
    for (const child of children.toReversed()) await child.stop();
    output.summary(summary, stop.signal.aborted);
    if (summary.driftSeenAfterSeconds !== undefined) return 0;
    return stop.signal.aborted ? INTERRUPTED : 1;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    for (const close of closing) close();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

interface Ports {
  readonly service: number;
  readonly otlp: number;
  readonly metrics: number;
}

async function choosePorts(asked: number): Promise<Ports> {
  if (asked !== 0 && !(await isFree(asked))) {
    throw new Error(`port ${asked} is taken: choose another one with --port, or --port 0 for a free one`);
  }
  return { service: await freePort(), otlp: await freePort(), metrics: asked === 0 ? await freePort() : asked };
}

async function startProcesses(
  options: DemoOptions,
  ports: Ports,
  warehouseUrl: string,
  folder: string,
  children: Child[],
  signal: AbortSignal,
): Promise<void> {
  const config = join(folder, 'leeway.yaml');
  writeFileSync(
    config,
    sidecarConfig({
      ...ports,
      daySeconds: options.daySeconds,
      reference: here('../reference.json'),
      labels: join(folder, 'labels.db'),
    }),
  );
  const source = '--conditions=@leeway/source';
  const leeway = here('../../../packages/cli/src/main.ts');
  const sidecar = new Child('sidecar', [source, leeway, 'sidecar', '--config', config], { OTEL_SDK_DISABLED: 'true' });
  children.push(sidecar);
  const register = ['--import', import.meta.resolve('@leeway/register')];
  const service = new Child('service', [source, ...register, here('../service/main.ts')], {
    PORT: String(ports.service),
    OTEL_SERVICE_NAME: 'flight-scoring',
    // Stands where a team has a Collector: it passes everything on to the sidecar.
    OTEL_EXPORTER_OTLP_ENDPOINT: warehouseUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LEEWAY_CAPTURE_FEATURES: '*',
    LEEWAY_CAPTURE_ROWS_MAX: '1000',
  });
  children.push(service);
  const isUp = (url: string) => async () => (await fetch(url)).ok;
  await sidecar.until(isUp(`http://127.0.0.1:${ports.metrics}/readyz`), READY_TIMEOUT_MS, signal);
  await service.until(isUp(`http://127.0.0.1:${ports.service}/health`), READY_TIMEOUT_MS, signal);
}

/** @throws Error when one of the children ends before the story does */
async function play(
  options: DemoOptions,
  ports: Ports,
  warehouse: Warehouse,
  output: Output,
  stop: AbortSignal,
  children: readonly Child[],
): Promise<StorySummary> {
  const { durationSeconds, daySeconds } = options;
  const metricsUrl = `http://127.0.0.1:${ports.metrics}/metrics`;
  const breakAfterSeconds = BREAK_AFTER * durationSeconds;
  const story = new Story();
  const over = new AbortController();
  const started = performance.now();
  const nowSeconds = () => (performance.now() - started) / 1000;
  const labels = new LateLabels(warehouse, `http://127.0.0.1:${ports.otlp}`, MODEL, daySeconds);
  const replay = new Replay({
    url: `http://127.0.0.1:${ports.service}/score`,
    fromMs: FIRST_DAY_MS,
    toMs: FIRST_DAY_MS + Math.ceil(durationSeconds / daySeconds) * DAY_MS,
    daySeconds,
    rowsPerDay: ROWS_PER_DAY,
    signal: AbortSignal.any([stop, over.signal]),
    onScored: (flights) => labels.add(flights, nowSeconds()),
    upstream: (flight) => (story.brokenAtSeconds === undefined ? flight : broken(flight)),
  });
  await replay.load();
  output.started(metricsUrl, breakAfterSeconds);
  const playedFrom = nowSeconds();
  const ended = replay.run();
  try {
    for (let elapsedSeconds = 0; elapsedSeconds < durationSeconds && !stop.aborted; ) {
      await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
      const dead = children.find(({ ending }) => ending !== undefined);
      if (dead !== undefined) throw new Error(`\n${dead.obituary}`);
      elapsedSeconds = nowSeconds() - playedFrom;
      await labels.send(nowSeconds());
      if (story.brokenAtSeconds === undefined && elapsedSeconds >= breakAfterSeconds)
        story.markBroken(elapsedSeconds, replay.day, FAULT_DESCRIPTION);
      const view = await readMonitor(metricsUrl, MODEL).catch(() => undefined);
      if (view === undefined) continue;
      const isNew = story.read(view, elapsedSeconds, replay.day);
      const { history, events } = story;
      const phase = phaseOf(story, elapsedSeconds, breakAfterSeconds);
      const frame = { view, day: replay.day, daySeconds, elapsedSeconds, durationSeconds, metricsUrl, phase };
      output.frame({ ...frame, history, events }, isNew);
    }
  } finally {
    over.abort();
    await ended;
  }
  return story.summary();
}

function phaseOf({ brokenAtSeconds }: Story, elapsedSeconds: number, breakAfterSeconds: number): string {
  if (brokenAtSeconds === undefined)
    return `all is well; the upstream breaks in ${Math.max(0, breakAfterSeconds - elapsedSeconds).toFixed(0)} s`;
  return `upstream broken ${(elapsedSeconds - brokenAtSeconds).toFixed(0)} s ago: ${FAULT_DESCRIPTION}`;
}
