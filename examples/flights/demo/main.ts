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
import { type MonitorView, readMonitor } from './monitor-view.ts';
import { type DemoOptions, HELP, parseOptions } from './options.ts';
import { Child, freePort, isFree } from './processes.ts';
import { Replay } from './replay.ts';
import { type Frame, renderFrame, renderLine } from './screen.ts';
import { sidecarConfig } from './sidecar-config.ts';
import { Story, type StorySummary } from './story.ts';
import { broken, FAULT_DESCRIPTION } from './upstream-fault.ts';

/** A Tuesday. The fourth day is a Friday, when the model's own scores rise by a third of the noise-free PSI. */
const FIRST_DAY_MS = Date.parse('2001-02-06T00:00:00Z');
const ROWS_PER_DAY = 3_300;
/** Share of the duration after which the upstream breaks. */
const BREAK_AFTER = 0.4;
const POLL_MS = 250;
const READY_TIMEOUT_MS = 30_000;
const MODEL = 'late-flights';

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
  const folder = mkdtempSync(join(tmpdir(), 'leeway-demo-'));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  // Whatever ends this process, its children end with it.
  process.on('exit', () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    const ports = await choosePorts(options.port);
    await startProcesses(options, ports, folder, children);
    const summary = await play(options, ports, stop);
    for (const child of children.toReversed()) await child.stop();
    conclude(options, summary);
    return stop.signal.aborted && summary.brokenAfterSeconds === undefined ? 130 : 0;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
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

async function startProcesses(options: DemoOptions, ports: Ports, folder: string, children: Child[]): Promise<void> {
  const config = join(folder, 'leeway.yaml');
  writeFileSync(
    config,
    sidecarConfig({ ...ports, daySeconds: options.daySeconds, reference: here('../reference.json') }),
  );
  const source = '--conditions=@leeway/source';
  const sidecar = new Child(
    'sidecar',
    [source, here('../../../packages/cli/src/main.ts'), 'sidecar', '--config', config],
    {
      OTEL_SDK_DISABLED: 'true',
    },
  );
  children.push(sidecar);
  const register = ['--import', import.meta.resolve('@leeway/register')];
  const service = new Child('service', [source, ...register, here('../service/main.ts')], {
    PORT: String(ports.service),
    OTEL_SERVICE_NAME: 'flight-scoring',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlp}`,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LEEWAY_CAPTURE_FEATURES: '*',
    LEEWAY_CAPTURE_ROWS_MAX: '1000',
  });
  children.push(service);
  const isUp = (url: string) => async () => (await fetch(url)).ok;
  await sidecar.until(isUp(`http://127.0.0.1:${ports.metrics}/readyz`), READY_TIMEOUT_MS);
  await service.until(isUp(`http://127.0.0.1:${ports.service}/health`), READY_TIMEOUT_MS);
}

async function play(options: DemoOptions, ports: Ports, stop: AbortController): Promise<StorySummary> {
  const { durationSeconds, daySeconds } = options;
  const metricsUrl = `http://127.0.0.1:${ports.metrics}/metrics`;
  const story = new Story();
  let isBroken = false;
  const replay = new Replay({
    url: `http://127.0.0.1:${ports.service}/score`,
    fromMs: FIRST_DAY_MS,
    toMs: FIRST_DAY_MS + Math.ceil(durationSeconds / daySeconds) * DAY_MS,
    daySeconds,
    rowsPerDay: ROWS_PER_DAY,
    signal: stop.signal,
    upstream: (flight) => (isBroken ? broken(flight) : flight),
  });
  const started = performance.now();
  const ended = replay.run();
  let elapsedSeconds = 0;
  while (elapsedSeconds < durationSeconds && !stop.signal.aborted) {
    await sleep(POLL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    elapsedSeconds = (performance.now() - started) / 1000;
    if (!isBroken && elapsedSeconds >= BREAK_AFTER * durationSeconds) {
      isBroken = true;
      story.markBroken(elapsedSeconds, replay.day, FAULT_DESCRIPTION);
    }
    const view = await readMonitor(metricsUrl, MODEL).catch(() => undefined);
    if (view === undefined) continue;
    const isNew = story.read(view, elapsedSeconds, replay.day);
    const frame = {
      view,
      day: replay.day,
      daySeconds,
      elapsedSeconds,
      metricsUrl,
      history: story.history,
      events: story.events,
    };
    show(options, frame, isNew);
  }
  stop.abort();
  await ended;
  return story.summary();
}

function show(options: DemoOptions, frame: Frame, isNew: boolean): void {
  if (options.json) {
    if (isNew) console.log(JSON.stringify(record(frame)));
  } else if (process.stdout.isTTY) {
    // Home, the frame with every line cleared to its end, and the rest of the screen cleared.
    process.stdout.write(`\x1b[H${renderFrame(frame).replaceAll('\n', '\x1b[K\n')}\x1b[K\n\x1b[J`);
  } else if (isNew) console.log(renderLine(frame));
}

function record({ view, day, elapsedSeconds, metricsUrl }: Frame): Record<string, unknown> {
  const { windowRowCount, signals, drift, violations, received, processed } = view satisfies MonitorView;
  return {
    event: 'window',
    elapsedSeconds,
    day,
    metricsUrl,
    windowRowCount,
    signals,
    drift,
    violations,
    received,
    processed,
  };
}

function conclude(options: DemoOptions, summary: StorySummary): void {
  if (options.json) {
    console.log(JSON.stringify({ event: 'summary', ...summary }));
    return;
  }
  const { before, brokenAfterSeconds, driftSeenAfterSeconds, missingSeenAfterSeconds } = summary;
  const seen = (after: number | undefined) =>
    after === undefined ? 'not seen yet' : `seen after ${after.toFixed(1)} s`;
  const day = options.daySeconds;
  const lines = [
    '',
    `Summary: ${summary.days} real days (one day = ${day} s), ${summary.evaluations} evaluations, ${summary.received} observations received.`,
    `  before the break   ${before.criticals} critical and ${before.warnings} warning data-drift changes`,
    brokenAfterSeconds === undefined
      ? '  the upstream was not broken: the demo ended before'
      : `  upstream broken    at ${brokenAfterSeconds.toFixed(1)} s: ${FAULT_DESCRIPTION}`,
    `  critical drift     ${seen(driftSeenAfterSeconds)}`,
    `  missing values     ${seen(missingSeenAfterSeconds)}`,
    ...summary.changes.map(
      (c) => `  ${c.elapsedSeconds.toFixed(1).padStart(5)} s ${c.day}  ${c.signal} ${c.name}: ${c.from} → ${c.to}`,
    ),
    '',
    'Next: `npm run leeway -- profile --help` makes a reference of your own data; README.md says how to point your service at it.',
  ];
  console.log(lines.join('\n'));
}
