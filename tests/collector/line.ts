/**
 * The whole line: service → Collector → sidecar → Collector → sink, in one encoding and compression, with a real day of
 * flights. Every observation must be counted once, and every number that arrives must be what the engine says offline.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriftMetric, ReferenceProfile } from '@leeway/engine';
import { checkBooks, checkPlainPsi, checkSeries, type Naming, OTLP_NAMES, PROMETHEUS_NAMES, Told } from './answers.ts';
import { type RunningCollector, startCollector } from './collector.ts';
import type { Flight } from './flights.ts';
import { expectedSeries, type Window } from './offline.ts';
import { CONTENT_TYPES } from './otlp-messages.ts';
import { freePorts } from './processes.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { Report } from './report.ts';
import { closingOf, countItems, dayOf, ENVIRONMENT, type OtlpItem, SERVICE } from './scenario.ts';
import { sendAll, type Wire, wireRequest } from './send.ts';
import { type RunningSidecar, startSidecar } from './sidecar.ts';
import { OtlpSink } from './sink.ts';

export interface LineInput {
  readonly binary: string;
  readonly folder: string;
  readonly reference: ReferenceProfile;
  /** The statistics that the sidecar is to compute; PSI among them. */
  readonly metrics: readonly DriftMetric[];
  /** Flights of one day, and that day. */
  readonly flights: readonly Flight[];
  readonly window: Window;
}

const ARRIVE_MS = 30_000;
const EXPORT_MS = 500;

/** The way back from the sidecar: which configuration, and how its numbers are then called. */
export interface ReturnPath {
  readonly config: 'agent.yaml' | 'scrape.yaml';
  readonly naming: Naming;
}

export const RETURN_PATHS = {
  otlp: { config: 'agent.yaml', naming: OTLP_NAMES },
  scrape: { config: 'scrape.yaml', naming: PROMETHEUS_NAMES },
} as const satisfies Record<string, ReturnPath>;

export async function checkLine(report: Report, input: LineInput, wire: Wire, path: ReturnPath): Promise<void> {
  const name = `${path.config} ${wire.encoding} ${wire.compression}`;
  const { window } = input;
  const day = dayOf(input.flights, name);
  // As late as a whole window: the Collector sends batches side by side, and their order must not matter.
  const latenessMs = window.endMs - window.startMs;
  const closing = closingOf(input.flights[0], window.endMs + latenessMs, name);
  const line = await startLine(input, wire, path, latenessMs);
  try {
    const { sink, collector, sidecar, proxy } = line;
    const told = new Told(sink, path.naming);
    await sendAll(collector.endpoint, wires(day.items, wire));
    await settled(sink, told, countItems(day.items).rows);
    await sendAll(collector.endpoint, wires(closing.items, wire));
    const { rows, spans, logs } = countItems([...day.items, ...closing.items]);
    await settled(sink, told, rows);
    const evaluatedMs = () => told.series('ml.monitor.last_evaluation.time').map(({ value }) => value * 1000);
    await sink.waitFor('the evaluation of the day', () => evaluatedMs().includes(window.endMs), ARRIVE_MS);
    // More exports, so that every series is of after the evaluation.
    await sleep(4 * EXPORT_MS);
    checkBooks(report, name, told, rows, day.observations.length + 1);
    checkSeries(
      report,
      name,
      told,
      expectedSeries({ ...input, observations: day.observations, environment: ENVIRONMENT }),
    );
    checkPlainPsi(report, name, told);
    const ofService = (resource: Readonly<Record<string, unknown>>) => resource['service.name'] === SERVICE;
    const atBackend = {
      spans: sink.spans.filter(({ resource }) => ofService(resource)).length,
      logs: sink.logs.filter(({ resource }) => ofService(resource)).length,
    };
    report.equal(`${name}: the service's own telemetry at the backend`, atBackend, { spans, logs });
    const type = CONTENT_TYPES[wire.encoding];
    const coding = wire.compression === 'none' ? 'identity' : wire.compression;
    report.equal(`${name}: on the wire to the sidecar`, [...proxy.counts.keys()], [`${type} ${coding} 200`]);
    report.equal(`${name}: faults at the sink`, sink.faults, []);
    report.equal(`${name}: the sidecar ends cleanly`, await sidecar.service.stop(), 0);
  } finally {
    for (const stop of line.stops.reverse()) await stop();
  }
}

interface Line {
  readonly sink: OtlpSink;
  readonly sidecar: RunningSidecar;
  readonly proxy: RecordingProxy;
  readonly collector: RunningCollector;
  readonly stops: (() => Promise<unknown>)[];
}

/** From the end to the beginning: everybody's target listens before it starts. */
async function startLine(input: LineInput, wire: Wire, path: ReturnPath, latenessMs: number): Promise<Line> {
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const sink = await OtlpSink.start();
    stops.push(() => sink.stop());
    const [returnPort] = await freePorts(1);
    const sidecar = await startSidecar({
      folder: join(input.folder, `${path.config}-${wire.encoding}-${wire.compression}`),
      references: [input.reference],
      metrics: input.metrics,
      clock: 'event',
      windowMs: input.window.endMs - input.window.startMs,
      paneMs: input.window.paneMs,
      latenessMs,
      env: path.config === 'scrape.yaml' ? {} : exportSettings(wire, returnPort),
    });
    stops.push(() => sidecar.service.stop());
    const proxy = await RecordingProxy.start(sidecar.otlpPort);
    stops.push(() => proxy.stop());
    const collector = await startCollector(input.binary, {
      config: path.config,
      returnPort,
      env: {
        OTEL_BACKEND_ENDPOINT: sink.endpoint,
        LEEWAY_METRICS_TARGET: `127.0.0.1:${sidecar.httpPort}`,
        LEEWAY_SCRAPE_INTERVAL: `${EXPORT_MS}ms`,
        LEEWAY_SCRAPE_TIMEOUT: `${EXPORT_MS}ms`,
        LEEWAY_ENDPOINT: proxy.endpoint,
        LEEWAY_ENCODING: wire.encoding === 'json' ? 'json' : 'proto',
        LEEWAY_COMPRESSION: wire.compression,
      },
    });
    stops.push(() => collector.service.stop());
    return { sink, sidecar, proxy, collector, stops };
  } catch (error) {
    for (const stop of stops.reverse()) await stop();
    throw error;
  }
}

/** The sidecar's own export, by the SDK's standard variables; it knows gzip and nothing else. */
const exportSettings = ({ encoding, compression }: Wire, port: number): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: encoding === 'json' ? 'http/json' : 'http/protobuf',
  OTEL_EXPORTER_OTLP_COMPRESSION: compression === 'none' ? 'none' : 'gzip',
  OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_MS),
});

const wires = (items: readonly OtlpItem[], wire: Wire) => items.map((item) => wireRequest(item, wire));

/** Everything that was sent has been received and processed, and the sink knows. */
async function settled(sink: OtlpSink, told: Told, rows: number): Promise<void> {
  const received = () => told.total('leeway.observations.received');
  const isSettled = () => received() >= rows && told.total('leeway.observations.in_flight') === 0;
  try {
    await sink.waitFor('all rows at the sidecar', isSettled, ARRIVE_MS);
  } catch (error) {
    throw new Error(`${received()} of ${rows} rows: ${error instanceof Error ? error.message : error}`);
  }
}
