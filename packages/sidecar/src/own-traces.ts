/** The sidecar's own spans, one a window that was judged, when a traces endpoint is configured. */
import type { Evaluation, ModelKey } from '@leeway/engine';
import { type Environment, proxyAgentOptions } from '@leeway/exporter';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  EVENT_ML_MONITOR_EVALUATION,
} from '@leeway/semconv';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface OwnTraces {
  /** A window was judged just now. */
  evaluated(model: ModelKey, evaluation: Evaluation, durationMs: number): void;
  shutdown(): Promise<void>;
}

export const NO_TRACES: OwnTraces = { evaluated: () => undefined, shutdown: async () => undefined };

/** @param now Unix milliseconds */
export function startOwnTraces(resource: Resource, env: Environment, now: () => number): OwnTraces {
  const agent = proxyAgentOptions(env, 'TRACES');
  const exporter = new OTLPTraceExporter(agent === undefined ? {} : { httpAgentOptions: agent });
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer: Tracer = provider.getTracer('@leeway/sidecar');
  return {
    evaluated: ({ environment, model, version }, evaluation, durationMs) => {
      const endTime = now();
      const attributes = {
        [ATTR_ML_MODEL_NAME]: model,
        [ATTR_ML_MODEL_VERSION]: version,
        [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment,
      };
      const span = tracer.startSpan(`${EVENT_ML_MONITOR_EVALUATION} ${model}`, {
        attributes,
        startTime: endTime - durationMs,
      });
      for (const [signal, { status }] of Object.entries(evaluation.signals)) span.setAttribute(signal, status);
      span.end(endTime);
    },
    shutdown: () => provider.shutdown(),
  };
}
