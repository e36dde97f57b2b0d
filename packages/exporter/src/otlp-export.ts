/**
 * Pushes metric sources to an OTLP backend through the OpenTelemetry SDK. All standard `OTEL_EXPORTER_OTLP_*` settings
 * (endpoint, headers, certificates, timeout, compression, temporality) are read by the SDK's own exporters; what they
 * do not know, the proxy variables and the protocol, is read here.
 */
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createExportAgent } from './export-agent.ts';
import { ExportReader } from './export-reader.ts';
import type { MetricSource } from './metric-family.ts';
import { LeewayMetricProducer } from './metric-producer.ts';
import {
  type Environment,
  type OtlpProtocol,
  otlpEndpoint,
  otlpProblems,
  otlpProtocol,
  otlpTimeoutMs,
  positiveNumber,
  printableUrl,
} from './otlp-environment.ts';

export interface OtlpExportOptions {
  readonly sources: readonly MetricSource[];
  readonly resource: Resource;
  readonly env: Environment;
  readonly now: () => number;
  readonly version: string;
  /** Default: `OTEL_METRIC_EXPORT_INTERVAL`, else 60,000. */
  readonly intervalMs?: number;
  /** Called after every export that failed; the exporter itself goes on. */
  readonly onFailure?: (error: Error) => void;
  /** Called after every export that succeeded. */
  readonly onSuccess?: () => void;
}

export interface OtlpExport {
  readonly protocol: OtlpProtocol;
  /** Where to, without credentials. */
  readonly url: string;
  readonly producer: LeewayMetricProducer;
  /** Exports that failed, by class of error. */
  readonly failures: ReadonlyMap<string, number>;
  /** Undefined: back to the environment's, or to the default. Ends a pause. */
  changeInterval(intervalMs: number | undefined): void;
  /** Exports nothing until the interval is set again. */
  pause(): void;
  /** Exports what there is now; resolves when it was sent, or with what went wrong. */
  flush(): Promise<Error | undefined>;
  /** Exports a last time and stops, within `boundMs`; resolves when it was sent, or with what went wrong. */
  shutdown(boundMs?: number): Promise<Error | undefined>;
}

/** Shorter than the ten seconds that orchestrators give at the least. */
export const LAST_EXPORT_MS = 5_000;
const INTERVAL_MS = 60_000;
/** What the exporter may take beyond its own timeout before it is cut off. */
const TIMEOUT_SLACK_MS = 1_000;
const DEFAULT_URL = 'http://localhost:4318/v1/metrics';

/** @throws RangeError when the environment asks for something that is not supported */
export function startOtlpExport(options: OtlpExportOptions): OtlpExport {
  const { env } = options;
  const [problem] = otlpProblems(env, 'METRICS');
  if (problem !== undefined) throw new RangeError(problem);
  const protocol = otlpProtocol(env, 'METRICS');
  const url = otlpEndpoint(env, 'METRICS') ?? DEFAULT_URL;
  const agent = createExportAgent(env, 'METRICS', url);
  const settings = { httpAgentOptions: agent.factory, url };
  const exporter = protocol === 'http/json' ? new JsonMetricExporter(settings) : new ProtobufMetricExporter(settings);
  const temporality: typeof exporter.selectAggregationTemporality = (type) =>
    exporter.selectAggregationTemporality(type);
  const { sources, now, version, onFailure, onSuccess } = options;
  const producer = new LeewayMetricProducer({ sources, now, version, temporality, isSettledByOwner: true });
  const failures = new FailureCounts();
  const intervalOf = (intervalMs: number | undefined) =>
    intervalMs ?? positiveNumber(env.OTEL_METRIC_EXPORT_INTERVAL) ?? INTERVAL_MS;
  const reader = new ExportReader({
    exporter,
    producer,
    temporality,
    intervalMs: intervalOf(options.intervalMs),
    deadlineMs: otlpTimeoutMs(env, 'METRICS') + TIMEOUT_SLACK_MS,
    cut: agent.cut,
    onResult: (error) => {
      if (error === undefined) return onSuccess?.();
      failures.add(error);
      return onFailure?.(error);
    },
  });
  const provider = new MeterProvider({ resource: options.resource, readers: [reader] });
  return {
    protocol,
    url: printableUrl(url),
    producer,
    failures: failures.byKind,
    changeInterval: (intervalMs) => reader.changeInterval(intervalOf(intervalMs)),
    pause: () => reader.pause(),
    flush: () => reader.exportNow(),
    shutdown: async (boundMs = LAST_EXPORT_MS) => {
      const error = await reader.finish(boundMs);
      await provider.shutdown();
      return error;
    },
  };
}

/** Exports that failed, by class of error: a code of the system, a status of the backend, or the error's name. */
export class FailureCounts {
  readonly #byKind = new Map<string, number>();

  get byKind(): ReadonlyMap<string, number> {
    return this.#byKind;
  }

  add(error: Error): void {
    const { code } = error as { code?: unknown };
    const kind = typeof code === 'string' || typeof code === 'number' ? String(code) : error.name;
    const known = this.#byKind.size < FAILURE_CLASSES_MAX || this.#byKind.has(kind) ? kind : 'other';
    this.#byKind.set(known, (this.#byKind.get(known) ?? 0) + 1);
  }
}

const FAILURE_CLASSES_MAX = 50;
