/**
 * Pushes metric sources to an OTLP backend through the OpenTelemetry SDK. All standard `OTEL_EXPORTER_OTLP_*` settings
 * (endpoint, headers, certificates, timeout, compression, temporality) are read by the SDK's own exporters; what they
 * do not know, the proxy variables and the protocol, is read here.
 */
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { MetricSource } from './metric-family.ts';
import { LeewayMetricProducer } from './metric-producer.ts';
import { type Environment, proxyAgentOptions } from './proxy-agent.ts';

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
  readonly producer: LeewayMetricProducer;
  /** Exports that failed, by class of error. */
  readonly failures: ReadonlyMap<string, number>;
  /** Exports what there is now; resolves when it was sent or has failed. */
  flush(): Promise<void>;
  /** Flushes and stops. */
  shutdown(): Promise<void>;
}

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

const FAILURE_CLASSES_MAX = 50;

/** @throws RangeError when the environment asks for a protocol or an interval that is not supported */
export function startOtlpExport(options: OtlpExportOptions): OtlpExport {
  const protocol = otlpProtocol(options.env);
  const agent = proxyAgentOptions(options.env, 'METRICS');
  const settings = agent === undefined ? {} : { httpAgentOptions: agent };
  const inner = protocol === 'http/json' ? new JsonMetricExporter(settings) : new ProtobufMetricExporter(settings);
  const failures = new Map<string, number>();
  const exporter = watchedExporter(inner, {
    onSuccess: () => options.onSuccess?.(),
    onFailure: (error) => {
      const kind = failures.size < FAILURE_CLASSES_MAX || failures.has(error.name) ? error.name : 'other';
      failures.set(kind, (failures.get(kind) ?? 0) + 1);
      options.onFailure?.(error);
    },
  });
  const producer = new LeewayMetricProducer({
    sources: options.sources,
    now: options.now,
    version: options.version,
    temporality: (instrument) => inner.selectAggregationTemporality(instrument),
  });
  const exportIntervalMillis = options.intervalMs ?? intervalFrom(options.env);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, metricProducers: [producer] });
  const provider = new MeterProvider({ resource: options.resource, readers: [reader] });
  return { protocol, producer, failures, flush: () => provider.forceFlush(), shutdown: () => provider.shutdown() };
}

/** @throws RangeError for a protocol that Leeway does not export by */
export function otlpProtocol(env: Environment): OtlpProtocol {
  const asked = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  const protocol = OTLP_PROTOCOLS.find((known) => known === asked);
  if (protocol !== undefined) return protocol;
  throw new RangeError(
    `OTEL_EXPORTER_OTLP_PROTOCOL is "${asked}"; Leeway exports by ${OTLP_PROTOCOLS.join(' or ')}: set one of them`,
  );
}

function intervalFrom(env: Environment): number {
  const text = env.OTEL_METRIC_EXPORT_INTERVAL;
  if (text === undefined || text.trim() === '') return 60_000;
  const intervalMs = Number(text);
  if (intervalMs > 0 && Number.isFinite(intervalMs)) return intervalMs;
  throw new RangeError(`OTEL_METRIC_EXPORT_INTERVAL is "${text}"; it must be a positive number of milliseconds`);
}

interface ExportHooks {
  onSuccess(): void;
  onFailure(error: Error): void;
}

/** The same exporter, which tells what became of each export. */
function watchedExporter(inner: PushMetricExporter, hooks: ExportHooks): PushMetricExporter {
  return {
    export: (metrics, done) =>
      inner.export(metrics, (result) => {
        if (result.code === ExportResultCode.SUCCESS) hooks.onSuccess();
        else hooks.onFailure(result.error ?? new Error('export failed'));
        done(result);
      }),
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
    selectAggregation: (instrument) => inner.selectAggregation?.(instrument) ?? { type: AggregationType.DEFAULT },
    selectAggregationTemporality: (instrument) =>
      inner.selectAggregationTemporality?.(instrument) ?? AggregationTemporality.CUMULATIVE,
  };
}
