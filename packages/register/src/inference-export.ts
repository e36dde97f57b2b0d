/**
 * The export path of inferences, for the SDK that is started here: what the environment says of exporters and batch
 * processors holds for everything else as before.
 */
import { createRequire } from 'node:module';
import { inferenceLogRecordProcessor, inferenceSpanProcessor } from '@leeway/instrumentation/batch-export';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchLogRecordProcessor, type LogRecordExporter, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';

type Environment = Readonly<Record<string, string | undefined>>;

export interface InferenceExport {
  readonly spanProcessors?: SpanProcessor[];
  readonly logRecordProcessors?: LogRecordProcessor[];
}

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** gRPC takes a fifth of a second to load: only where it is asked for. */
const load = createRequire(import.meta.url);

/** Empty for a signal that goes elsewhere than by OTLP, and for all with OTEL_CONFIG_FILE: the SDK decides. */
export function inferenceExport(env: Environment): InferenceExport {
  if (isSet(env.OTEL_CONFIG_FILE)) return {};
  const traces = protocolOf(env, 'TRACES');
  const logs = protocolOf(env, 'LOGS');
  return {
    ...(traces === undefined ? {} : { spanProcessors: [spanProcessor(traces, env)] }),
    ...(logs === undefined ? {} : { logRecordProcessors: [logRecordProcessor(logs, env)] }),
  };
}

function spanProcessor(protocol: Protocol, env: Environment): SpanProcessor {
  const exporter = () => spanExporter(protocol);
  return inferenceSpanProcessor(exporter(), new BatchSpanProcessor({ exporter: exporter(), ...batchOf(env, 'BSP') }));
}

function spanExporter(protocol: Protocol): SpanExporter {
  if (protocol === 'http/json') return new JsonTraceExporter();
  if (protocol === 'http/protobuf') return new ProtobufTraceExporter();
  const grpc: typeof import('@opentelemetry/exporter-trace-otlp-grpc') = load(
    '@opentelemetry/exporter-trace-otlp-grpc',
  );
  return new grpc.OTLPTraceExporter();
}

function logRecordProcessor(protocol: Protocol, env: Environment): LogRecordProcessor {
  const others = new BatchLogRecordProcessor({ exporter: logExporter(protocol), ...batchOf(env, 'BLRP') });
  return inferenceLogRecordProcessor(logExporter(protocol), others);
}

function logExporter(protocol: Protocol): LogRecordExporter {
  if (protocol === 'http/json') return new JsonLogExporter();
  if (protocol === 'http/protobuf') return new ProtobufLogExporter();
  const grpc: typeof import('@opentelemetry/exporter-logs-otlp-grpc') = load('@opentelemetry/exporter-logs-otlp-grpc');
  return new grpc.OTLPLogExporter();
}

/** The SDK does not read these for processors that it is given. */
function batchOf(env: Environment, prefix: string) {
  const number = (name: string) => {
    const value = Number(env[`OTEL_${prefix}_${name}`]);
    return value > 0 ? value : undefined;
  };
  return {
    maxQueueSize: number('MAX_QUEUE_SIZE'),
    scheduledDelayMillis: number('SCHEDULE_DELAY'),
    exportTimeoutMillis: number('EXPORT_TIMEOUT'),
    maxExportBatchSize: number('MAX_EXPORT_BATCH_SIZE'),
  };
}

function protocolOf(env: Environment, signal: 'TRACES' | 'LOGS'): Protocol | undefined {
  const exporters = env[`OTEL_${signal}_EXPORTER`]?.trim();
  if (isSet(exporters) && exporters !== 'otlp') return undefined;
  const asked = [env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`], env.OTEL_EXPORTER_OTLP_PROTOCOL].find(isSet)?.trim();
  return asked === undefined ? 'http/protobuf' : PROTOCOLS.find((protocol) => protocol === asked);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
