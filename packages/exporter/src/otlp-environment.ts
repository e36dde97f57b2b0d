/**
 * The standard `OTEL_EXPORTER_OTLP_*` settings, as far as they are read here, and what is wrong with them. Without the
 * SDK, so that commands which only check are quick.
 */
import { accessSync, constants } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ExportSignal = 'METRICS' | 'TRACES' | 'LOGS';

export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

const TIMEOUT_MS = 10_000;

/**
 * Where a signal goes, as the specification says: its own endpoint as it stands, else the common one with the signal's
 * path. Undefined when the environment names none, or none that is a URL.
 */
export function otlpEndpoint(env: Environment, signal: ExportSignal): string | undefined {
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim();
  if (own !== undefined && own !== '') return URL.canParse(own) ? new URL(own).href : undefined;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  if (base === undefined || base === '' || !URL.canParse(base)) return undefined;
  return `${base}${base.endsWith('/') ? '' : '/'}v1/${signal.toLowerCase()}`;
}

/** For logs: without the user and password that it may carry. */
export function printableUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  return shown.href;
}

/** @throws RangeError for a protocol that Leeway does not export by */
export function otlpProtocol(env: Environment, signal: ExportSignal = 'METRICS'): OtlpProtocol {
  const name = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ? `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL` : GENERAL;
  const asked = env[name] || 'http/protobuf';
  const protocol = OTLP_PROTOCOLS.find((known) => known === asked);
  if (protocol !== undefined) return protocol;
  throw new RangeError(`${name} is "${asked}"; Leeway exports by ${OTLP_PROTOCOLS.join(' or ')}: set one of them`);
}

const GENERAL = 'OTEL_EXPORTER_OTLP_PROTOCOL';

/** What of the environment the exporter could not use, with the fix. The SDK would warn and send somewhere else. */
export function otlpProblems(env: Environment, signal: ExportSignal): string[] {
  const problems: string[] = [];
  try {
    otlpProtocol(env, signal);
  } catch (error) {
    problems.push((error as Error).message);
  }
  for (const name of [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const text = env[name]?.trim() ?? '';
    if (text !== '' && !/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''))
      problems.push(`${name} is ${JSON.stringify(text)}; it must be a URL such as http://127.0.0.1:4318`);
  }
  const numbers = [`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`, 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_METRIC_EXPORT_INTERVAL'];
  for (const name of numbers) {
    if ((env[name] ?? '').trim() !== '' && positiveNumber(env[name]) === undefined)
      problems.push(`${name} is ${JSON.stringify(env[name])}; it must be a positive number of milliseconds`);
  }
  return [...problems, ...choiceProblems(env, signal), ...fileProblems(env, signal)];
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  COMPRESSION: ['none', 'gzip'],
  METRICS_TEMPORALITY_PREFERENCE: ['cumulative', 'delta', 'lowmemory'],
};

function choiceProblems(env: Environment, signal: ExportSignal): string[] {
  return Object.entries(CHOICES).flatMap(([setting, known]) =>
    namesOf(setting, signal)
      .filter((name) => (env[name] ?? '').trim() !== '' && !known.includes(env[name]?.trim().toLowerCase() ?? ''))
      .map((name) => `${name} is ${JSON.stringify(env[name])}; it must be ${known.join(' or ')}`),
  );
}

function fileProblems(env: Environment, signal: ExportSignal): string[] {
  return ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].flatMap((setting) =>
    namesOf(setting, signal)
      .filter((name) => (env[name] ?? '') !== '' && !isReadable(env[name] ?? ''))
      .map((name) => `${name} is ${JSON.stringify(env[name])}; that file cannot be read`),
  );
}

function namesOf(setting: string, signal: ExportSignal): string[] {
  return [`OTEL_EXPORTER_OTLP_${signal}_${setting}`, `OTEL_EXPORTER_OTLP_${setting}`];
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of one export, its retries included. */
export function otlpTimeoutMs(env: Environment, signal: ExportSignal): number {
  const own = positiveNumber(env[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`]);
  return own ?? positiveNumber(env.OTEL_EXPORTER_OTLP_TIMEOUT) ?? TIMEOUT_MS;
}

export function positiveNumber(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
