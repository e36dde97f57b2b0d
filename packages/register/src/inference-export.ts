/**
 * The export path of inferences, for the SDK that is started here: what the environment says of exporters and batch
 * processors holds for everything else as before.
 */
import { inferenceLogRecordProcessor, inferenceSpanProcessor } from '@leeway/instrumentation/batch-export';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchLogRecordProcessor, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';

type Environment = Readonly<Record<string, string | undefined>>;

export interface InferenceExport {
  readonly spanProcessors?: SpanProcessor[];
  readonly logRecordProcessors?: LogRecordProcessor[];
}

/** Empty for a signal that goes elsewhere than by OTLP over HTTP, and for all with OTEL_CONFIG_FILE: the SDK decides. */
export function inferenceExport(env: Environment): InferenceExport {
  if (isSet(env.OTEL_CONFIG_FILE)) return {};
  const traces = protocolOf(env, 'TRACES');
  const logs = protocolOf(env, 'LOGS');
  return {
    ...(traces === undefined ? {} : { spanProcessors: [spanProcessor(traces, env)] }),
    ...(logs === undefined ? {} : { logRecordProcessors: [logRecordProcessor(logs, env)] }),
  };
}

function spanProcessor(protocol: string, env: Environment): SpanProcessor {
  const exporter = () => (protocol === 'http/json' ? new JsonTraceExporter() : new ProtobufTraceExporter());
  return inferenceSpanProcessor(exporter(), new BatchSpanProcessor({ exporter: exporter(), ...batchOf(env, 'BSP') }));
}

function logRecordProcessor(protocol: string, env: Environment): LogRecordProcessor {
  const exporter = () => (protocol === 'http/json' ? new JsonLogExporter() : new ProtobufLogExporter());
  const others = new BatchLogRecordProcessor({ exporter: exporter(), ...batchOf(env, 'BLRP') });
  return inferenceLogRecordProcessor(exporter(), others);
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

function protocolOf(env: Environment, signal: 'TRACES' | 'LOGS'): string | undefined {
  const exporters = env[`OTEL_${signal}_EXPORTER`]?.trim();
  if (isSet(exporters) && exporters !== 'otlp') return undefined;
  const asked = [env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`], env.OTEL_EXPORTER_OTLP_PROTOCOL].find(isSet)?.trim();
  return asked === undefined || asked === 'http/protobuf' || asked === 'http/json'
    ? (asked ?? 'http/protobuf')
    : undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}
