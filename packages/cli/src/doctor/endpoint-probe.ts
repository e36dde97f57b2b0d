/** Asks the endpoint of the exports whether it takes telemetry, with a request that has none in it. */

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
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A request without a field is an empty one, in JSON as in protobuf.
      headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf', ...headersOf(env) },
      body: isJson ? '{}' : new Uint8Array(0),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
    await response.body?.cancel();
    const theirs = Date.parse(response.headers.get('date') ?? '');
    const clockOffsetMs = Number.isNaN(theirs) ? undefined : theirs - nowMs();
    return { url, answer: response.status, clockOffsetMs };
  } catch (error) {
    return { url, answer: codeOf(error), clockOffsetMs: undefined };
  }
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

function codeOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { code?: unknown; message?: unknown } };
  if (name === 'TimeoutError') return 'ETIMEDOUT';
  if (typeof cause?.code === 'string') return cause.code;
  return String(cause?.message ?? (error instanceof Error ? error.message : error));
}
