/**
 * One event of a model's life, sent by itself: no application, no SDK that outlives it, and an answer before the end.
 * The standard `OTEL_EXPORTER_OTLP_*` and `OTEL_RESOURCE_ATTRIBUTES` settings say where to and as whom.
 */
import { createExportAgent, otlpEndpoint, otlpProblems, otlpProtocol, printableUrl } from '@leeway/exporter';
import {
  type ModelTransition,
  type ModelTransitionDetails,
  recordModelTransition,
  setLoggerProvider,
} from '@leeway/instrumentation';
import { ATTR_SERVICE_NAME } from '@leeway/semconv';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { CliError } from './cli-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const SERVICE = 'leeway-cli';
const DEFAULT_URL = 'http://localhost:4318/v1/logs';
const SUCCESS = 0;
const ANSWER_MAX = 300;

export interface ModelEvent {
  readonly name: string;
  readonly time: string;
  readonly attributes: object;
  readonly resource: object;
  readonly record: ReadableLogRecord;
}

/** @throws CliError when Leeway is switched off: the pipeline believes that it said something */
export function modelEvent(transition: ModelTransition, details: ModelTransitionDetails, env: Environment): ModelEvent {
  for (const name of ['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED']) {
    if (env[name]?.trim().toLowerCase() === 'true')
      throw new CliError('option-invalid', `${name} is true, so nothing is sent: unset it for this command`);
  }
  const records: ReadableLogRecord[] = [];
  const collect = {
    onEmit: (record: ReadableLogRecord) => void records.push(record),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const resource = resourceFromAttributes({ [ATTR_SERVICE_NAME]: SERVICE }).merge(
    detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
  );
  setLoggerProvider(new LoggerProvider({ resource, processors: [collect] }));
  recordModelTransition(transition, details);
  setLoggerProvider(undefined);
  const [record] = records;
  if (record === undefined) throw new Error(`no event was made of ${transition}`);
  const [seconds, nanos] = record.hrTime;
  return {
    name: record.eventName ?? '',
    time: new Date(seconds * 1000 + nanos / 1e6).toISOString(),
    attributes: record.attributes,
    resource: record.resource.attributes,
    record,
  };
}

/**
 * @returns where it was accepted
 * @throws CliError when the settings are wrong, or the endpoint cannot be reached, refuses it or takes only a part
 */
export async function sendModelEvent({ record }: ModelEvent, env: Environment): Promise<string> {
  const problems = otlpProblems(env, 'LOGS');
  if (problems.length > 0) throw new CliError('config-invalid', problems.join('\n'));
  const url = otlpEndpoint(env, 'LOGS') ?? DEFAULT_URL;
  const warnings = heardWarnings();
  const agent = createExportAgent(env, 'LOGS', url);
  const settings = { url, httpAgentOptions: agent.factory };
  const exporter =
    otlpProtocol(env, 'LOGS') === 'http/json' ? new JsonLogExporter(settings) : new ProtobufLogExporter(settings);
  const result = await new Promise<{ code: number; error?: Error }>((resolve) => exporter.export([record], resolve));
  await exporter.shutdown();
  agent.cut();
  const shown = printableUrl(url);
  if (result.code !== SUCCESS) throw new CliError('export-refused', `${shown}: ${whyOf(result.error, env)}`);
  const partial = warnings.find((text) => text.includes('rejectedLogRecords'));
  if (partial !== undefined)
    throw new CliError(
      'export-refused',
      `${shown}: took the request and rejected the event (${partial}): ask who runs it`,
    );
  return shown;
}

/** What went wrong, and what to do about it. */
function whyOf(error: (Error & { code?: unknown; data?: string }) | undefined, env: Environment): string {
  const code = error?.code;
  if (code === 401 || code === 403)
    return `refuses the sender (${code}): set OTEL_EXPORTER_OTLP_HEADERS, such as authorization=Bearer%20TOKEN`;
  if (code === 404 || code === 405)
    return `takes no OTLP logs there (${code}): name the right one in OTEL_EXPORTER_OTLP_ENDPOINT, or the whole URL in OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`;
  if (typeof code === 'number')
    return `answered ${code}: ${(error?.data || error?.message || '').slice(0, ANSWER_MAX)}`;
  const isDefault = otlpEndpoint(env, 'LOGS') === undefined;
  const where = isDefault
    ? 'set OTEL_EXPORTER_OTLP_ENDPOINT to where it listens'
    : 'is OTEL_EXPORTER_OTLP_ENDPOINT right?';
  return `no answer (${String(code ?? error?.message)}): is a Collector running there? Otherwise ${where}`;
}

/** A part that was not taken is told by the exporter as a warning, beside its success. */
function heardWarnings(): string[] {
  const heard: string[] = [];
  const hear = (...parts: unknown[]) => void heard.push(parts.map(String).join(' '));
  const ignore = () => undefined;
  diag.setLogger({ error: ignore, warn: hear, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
  return heard;
}
