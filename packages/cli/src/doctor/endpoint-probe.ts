/** Asks the endpoint of the exports whether it takes telemetry, with a request that has none in it. */

import http from 'node:http';
import https from 'node:https';

export interface EndpointProbe {
  readonly url: string;
  /** HTTP status, or the code of the failure of the connection. */
  readonly answer: number | string;
  /** Of that clock against this one, in ms; undefined where the answer does not tell its time. */
  readonly clockOffsetMs: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 5_000;

/** @param nowMs Unix time of this machine */
export async function probeEndpoint(endpoint: string, env: Environment, nowMs: () => number): Promise<EndpointProbe> {
  const isJson = env.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json';
  const traces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  const url = traces || `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  // A request without a field is an empty one, in JSON as in protobuf.
  const headers = { 'content-type': isJson ? 'application/json' : 'application/x-protobuf', ...headersOf(env) };
  try {
    const { status, date } = await post(url, headers, isJson ? '{}' : '');
    const theirs = Date.parse(date ?? '');
    return { url, answer: status, clockOffsetMs: Number.isNaN(theirs) ? undefined : theirs - nowMs() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { url, answer: code ?? message, clockOffsetMs: undefined };
  }
}

/** Through node:http, as the exporters do: `fetch` has ports that it refuses, and failures of its own. */
function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly date: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const sent = request(url, { method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      resolve({ status: response.statusCode ?? 0, date: response.headers.date });
      response.destroy();
    });
    sent.once('error', (error) => reject(error.name === 'AbortError' ? new Error('ETIMEDOUT') : error));
    sent.end(body);
  });
}

function headersOf(env: Environment): Record<string, string> {
  const pairs = (env.OTEL_EXPORTER_OTLP_HEADERS ?? '').split(',').flatMap((part) => {
    const at = part.indexOf('=');
    return at <= 0 ? [] : [[part.slice(0, at).trim(), decoded(part.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
