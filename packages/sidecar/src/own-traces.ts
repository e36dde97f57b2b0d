/** The sidecar's own spans, one an evaluation tick and one an export failure, when a traces endpoint is configured. */
import { type Environment, proxyAgentOptions } from '@leeway/exporter';
import { SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface OwnTraces {
  /** Runs the work in a span. */
  span<T>(name: string, work: () => Promise<T>): Promise<T>;
  shutdown(): Promise<void>;
}

export const NO_TRACES: OwnTraces = { span: (_, work) => work(), shutdown: async () => undefined };

export function startOwnTraces(resource: Resource, env: Environment): OwnTraces {
  const agent = proxyAgentOptions(env, 'TRACES');
  const exporter = new OTLPTraceExporter(agent === undefined ? {} : { httpAgentOptions: agent });
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer: Tracer = provider.getTracer('@leeway/sidecar');
  return {
    span: async (name, work) => {
      const span = tracer.startSpan(name);
      try {
        return await work();
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
        throw error;
      } finally {
        span.end();
      }
    },
    shutdown: () => provider.shutdown(),
  };
}
