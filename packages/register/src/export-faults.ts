/**
 * OpenTelemetry tells of a failed export as JSON with a stack, every few seconds for as long as the endpoint is down.
 * Here it becomes one line with the endpoint and what to do, at once and then now and again. All else passes
 * through, the same text no more often.
 */
import type { DiagLogger } from '@opentelemetry/api';

/** Between two lines on the same fault. */
const SILENCE_MS = 5 * 60_000;

/** Texts that are remembered as said. */
const TEXTS_MAX = 100;

export interface ExportFault {
  /** ECONNREFUSED, 401 … */
  readonly code: string;
  readonly what: string;
  readonly fix: string;
}

const FAULTS: readonly (readonly [code: RegExp, what: string, fix: string])[] = [
  [/ECONNREFUSED/, 'nothing listens there', 'start the Collector or sidecar, or set OTEL_EXPORTER_OTLP_ENDPOINT'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name is not known', 'correct the host in OTEL_EXPORTER_OTLP_ENDPOINT'],
  [/ECONNRESET|EPIPE/, 'the connection is closed', 'is it OTLP over HTTP? Port 4317 is that of gRPC, 4318 of HTTP'],
  [/ETIMEDOUT|timed? ?out|TimeoutError/i, 'it does not answer in time', 'see to the network and to the load there'],
  [/CERT|SSL|TLS|EPROTO/, 'TLS fails', 'set OTEL_EXPORTER_OTLP_CERTIFICATE, or http:// if it has no TLS'],
  [/\b40[13]\b/, 'it refuses the credentials', 'set OTEL_EXPORTER_OTLP_HEADERS="authorization=…"'],
  [/\b404\b/, 'there is no such path', 'OTEL_EXPORTER_OTLP_ENDPOINT is the base, without /v1/traces'],
  [/\b415\b/, 'it does not take this format', 'set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json'],
  [/\b(429|5\d\d)\b/, 'it is overloaded or broken', 'look into its log; what is lost meanwhile is not sent again'],
];

/** What a message of `diag` says of an export; undefined when it is not about one. */
export function exportFault(message: string): ExportFault | undefined {
  const isExport = /OTLPExporterError|OTLP|[Ee]xport|"stack"|connect E[A-Z]+/.test(message);
  if (!isExport) return undefined;
  // Of JSON only what says something: a stack has numbers of lines that look like a status.
  const subject = subjectOf(message);
  for (const [code, what, fix] of FAULTS) {
    const found = code.exec(subject);
    if (found !== null) return { code: found[0], what, fix };
  }
  return undefined;
}

function subjectOf(message: string): string {
  try {
    const { stack: _, data: __, ...said } = JSON.parse(message) as Record<string, unknown>;
    return JSON.stringify(said);
  } catch {
    return message.split('\n    at ')[0] ?? message;
  }
}

export interface ExportFaultSources {
  readonly endpoint: string;
  readonly nowMs: () => number;
  readonly write: (line: string) => void;
  readonly onFault?: (fault: ExportFault) => void;
}

/** @param inner what is told of everything else */
export function exportFaultLogger(inner: DiagLogger, sources: ExportFaultSources): DiagLogger {
  const saidMs = new Map<string, number>();
  let lost = 0;
  const isNews = (text: string): boolean => {
    const now = sources.nowMs();
    if (now - (saidMs.get(text) ?? Number.NEGATIVE_INFINITY) < SILENCE_MS) return false;
    if (saidMs.size >= TEXTS_MAX) saidMs.clear();
    saidMs.set(text, now);
    return true;
  };
  const squeeze = (pass: DiagLogger['error']): DiagLogger['error'] => {
    return (message, ...args) => {
      const text = [message, ...args].map(textOf).join(' ');
      if (text.includes('duplicate registration')) {
        // One for each of traces, metrics, context …
        if (isNews(LATE_SDK)) sources.write(LATE_SDK);
        return;
      }
      const fault = exportFault(text);
      if (fault !== undefined) {
        lost++;
        sources.onFault?.(fault);
      }
      if (!isNews(fault?.what ?? text)) return;
      if (fault === undefined) return pass(message, ...args);
      sources.write(
        `telemetry does not arrive at ${sources.endpoint}: ${fault.what} (${fault.code}); ${fault.fix}. ` +
          `Exports that failed so far: ${lost}; said every 5 minutes at most`,
      );
    };
  };
  return {
    error: squeeze(inner.error.bind(inner)),
    warn: squeeze(inner.warn.bind(inner)),
    info: inner.info.bind(inner),
    debug: inner.debug.bind(inner),
    verbose: inner.verbose.bind(inner),
  };
}

const LATE_SDK =
  "the application's own OpenTelemetry SDK came after the first inference, when Leeway had started one, and is not used: " +
  'start it before, or set LEEWAY_SDK=app';

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return `${value.name}: ${value.message} ${'code' in value ? String(value.code) : ''}`;
  return String(value);
}
