/**
 * The sidecar's own spans, one a window that was judged, when a traces endpoint is configured. The standard
 * `OTEL_EXPORTER_OTLP_TRACES_*` settings apply.
 */
import type { Evaluation, ModelKey } from '@leeway/engine';
import { createExportAgent, type Environment, FailureCounts, otlpEndpoint, otlpProtocol } from '@leeway/exporter';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  EVENT_ML_MONITOR_EVALUATION,
  PREFIX_ML_SIGNALS,
} from '@leeway/semconv';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';

export interface OwnTraces {
  /** A window was judged just now. */
  evaluated(model: ModelKey, evaluation: Evaluation, durationMs: number): void;
  /** Exports that failed, by class of error. */
  readonly failures: ReadonlyMap<string, number>;
  /** Sends what is left, for at most `boundMs`. */
  shutdown(boundMs: number): Promise<void>;
}

export const NO_TRACES: OwnTraces = {
  evaluated: () => undefined,
  failures: new Map(),
  shutdown: async () => undefined,
};

const DEFAULT_URL = 'http://localhost:4318/v1/traces';

/**
 * @param now Unix milliseconds
 * @throws RangeError for a protocol that is not supported
 */
export function startOwnTraces(resource: Resource, env: Environment, now: () => number): OwnTraces {
  const protocol = otlpProtocol(env, 'TRACES');
  const url = otlpEndpoint(env, 'TRACES') ?? DEFAULT_URL;
  const agent = createExportAgent(env, 'TRACES', url);
  const settings = { httpAgentOptions: agent.factory, url };
  const failures = new FailureCounts();
  const inner = protocol === 'http/json' ? new JsonTraceExporter(settings) : new ProtobufTraceExporter(settings);
  const exporter = countFailures(inner, failures);
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('@leeway/sidecar');
  return {
    failures: failures.byKind,
    evaluated: ({ environment, model, version }, evaluation, durationMs) => {
      const endTime = now();
      const attributes: Record<string, string | number> = {
        [ATTR_ML_MODEL_NAME]: model,
        [ATTR_ML_MODEL_VERSION]: version,
        [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment,
      };
      for (const [signal, { status }] of Object.entries(evaluation.signals))
        attributes[`${PREFIX_ML_SIGNALS}${signal}`] = status;
      const startTime = endTime - durationMs;
      tracer.startSpan(`${EVENT_ML_MONITOR_EVALUATION} ${model}`, { attributes, startTime }).end(endTime);
    },
    shutdown: async (boundMs) => {
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, boundMs);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), bound]);
      clearTimeout(timer);
      agent.cut();
    },
  };
}

function countFailures(inner: SpanExporter, failures: FailureCounts): SpanExporter {
  return {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) failures.add(result.error ?? new Error('export failed'));
        done(result);
      }),
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
}
