/**
 * Where a command's own events go. The standard `OTEL_EXPORTER_OTLP_*` and `OTEL_RESOURCE_ATTRIBUTES` settings say where
 * to and as whom.
 */
import { createExportAgent, otlpEndpoint, otlpProblems, otlpProtocol, printableUrl } from '@leeway/exporter';
import { ATTR_SERVICE_NAME } from '@leeway/semconv';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { CliError } from './cli-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const SERVICE = 'leeway-cli';
const DEFAULT_URL = 'http://localhost:4318/v1/logs';
const ANSWER_MAX = 300;
const SUCCESS = 0;

export interface LogExport {
  /** @throws CliError when the endpoint cannot be reached, refuses them or takes only a part */
  readonly send: (records: ReadableLogRecord[]) => Promise<void>;
  /** Fit to be printed. */
  readonly shownUrl: string;
  readonly end: () => Promise<void>;
}

/** @throws CliError when Leeway is switched off: the pipeline believes that it said something */
export function requireOn(env: Environment): void {
  for (const name of ['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED']) {
    if (env[name]?.trim().toLowerCase() === 'true')
      throw new CliError('option-invalid', `${name} is true, so nothing is sent: unset it for this command`);
  }
}

/** @throws CliError when the settings are wrong */
export function openLogExport(env: Environment): LogExport {
  const problems = otlpProblems(env, 'LOGS');
  if (problems.length > 0) throw new CliError('config-invalid', problems.join('\n'));
  const url = otlpEndpoint(env, 'LOGS') ?? DEFAULT_URL;
  const agent = createExportAgent(env, 'LOGS', url);
  const settings = { url, httpAgentOptions: agent.factory };
  const exporter =
    otlpProtocol(env, 'LOGS') === 'http/json' ? new JsonLogExporter(settings) : new ProtobufLogExporter(settings);
  const shownUrl = printableUrl(url);
  const partly = hearPartialSuccess();
  const send = async (records: ReadableLogRecord[]) => {
    const result = await new Promise<{ code: number; error?: Error }>((resolve) => exporter.export(records, resolve));
    if (result.code !== SUCCESS) throw new CliError('export-refused', `${shownUrl}: ${whyNotSent(result.error, env)}`);
    const partial = partly.pop();
    if (partial === undefined) return;
    const what = records.length === 1 ? 'the event' : 'some of its events';
    throw new CliError(
      'export-refused',
      `${shownUrl}: took the request and rejected ${what} (${partial}): ask who runs it`,
    );
  };
  const end = async () => {
    await exporter.shutdown();
    agent.cut();
  };
  return { send, shownUrl, end };
}

/** A part that was not taken is told by the exporter as a warning, beside its success. */
function hearPartialSuccess(): string[] {
  const heard: string[] = [];
  const hear = (...parts: unknown[]) => {
    const text = parts.map(String).join(' ');
    if (text.includes('rejectedLogRecords')) heard.push(text);
  };
  const ignore = () => undefined;
  diag.setLogger({ error: ignore, warn: hear, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
  return heard;
}

export function ownResource(): Resource {
  return resourceFromAttributes({ [ATTR_SERVICE_NAME]: SERVICE }).merge(
    detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
  );
}

/** What went wrong, and what to do about it. */
function whyNotSent(error: (Error & { code?: unknown; data?: string }) | undefined, env: Environment): string {
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
