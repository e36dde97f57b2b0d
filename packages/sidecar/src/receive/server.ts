/**
 * OTLP over HTTP, answered as opentelemetry-proto's specification.md 1.11 asks.
 *
 * Invariants
 * 1. `append` resolves before the 2xx is sent.
 * 2. The in-flight budget is decided by what a request announces, before it is read and long before it is inflated.
 * 3. Nothing that arrived stands in an answer or a log.
 * 4. What cannot be served now is answered 429 or 503 with Retry-After of at most 2 s: JavaScript clients drop a batch
 *    at 500, and when they are told to wait longer than they may.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  type Append,
  type AppendOutcome,
  COMPRESSIONS,
  type Compression,
  type Encoding,
  METRICS_OUTCOME,
  type Signal,
} from './batch.ts';
import { bindProblem } from './bind-rule.ts';
import { answerClientFaults, TIMEOUT_CHECK_MS } from './client-fault.ts';
import { readBody } from './read-body.ts';
import { ReceiverCounters } from './receiver-counters.ts';
import { RequestGuard } from './request-guard.ts';
import { clearStaleSocket, restrictSocket } from './socket-file.ts';
import { exportBody, statusBody } from './status-reply.ts';

export interface TlsMaterial {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Senders must show a certificate signed by it. */
  readonly clientCa?: string | Buffer;
}

export interface ReceiverLimits {
  /** Of a body as it arrives. */
  readonly bodyBytesMax: number;
  readonly inFlightBytesMax: number;
  readonly connectionCountMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How often slow requests are looked for. */
  readonly timeoutCheckMs: number;
}

export const RECEIVER_LIMITS: ReceiverLimits = {
  bodyBytesMax: 64 * 2 ** 20,
  inFlightBytesMax: 128 * 2 ** 20,
  connectionCountMax: 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  timeoutCheckMs: TIMEOUT_CHECK_MS,
};

export interface ReceiverOptions {
  readonly listen: { readonly host?: string; readonly port?: number } | { readonly socketPath: string };
  /** Allows an address that is not loopback without TLS and token. */
  readonly insecureBind?: boolean;
  /** Any of them; none lets everybody in. */
  readonly bearerTokens?: readonly string[];
  readonly tls?: TlsMaterial;
  /** Names, beside addresses and localhost, by which senders call this host; `*.example.org` and `*` too. */
  readonly allowedHosts?: readonly string[];
  /** Asked at every request: memory is short. */
  readonly isOverloaded?: () => boolean;
  readonly limits?: Partial<ReceiverLimits>;
}

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly state: ReceiverState;
  readonly counters: ReceiverCounters;
  /** Until then every request is answered 503. */
  markReady(): void;
  /** What is given takes effect with the next request or connection; those under way go on. */
  reload(changes: {
    readonly tls?: TlsMaterial;
    readonly bearerTokens?: readonly string[];
    readonly allowedHosts?: readonly string[];
  }): void;
  /** New requests are answered 503; resolves when those under way were answered, at the latest after the grace. */
  stop(graceMs?: number): Promise<void>;
}

export type ReceiverState = 'starting' | 'ready' | 'stopping';

const DEFAULT_PORT = 14_318;
const PATHS: Readonly<Record<string, Signal>> = {
  '/v1/traces': 'traces',
  '/v1/logs': 'logs',
  '/v1/metrics': 'metrics',
};
const RETRY_AFTER_SECONDS = 1;
const RETRY_AFTER_SECONDS_MAX = 2;
const STOP_GRACE_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;
/** Answers below this are not worth compressing. */
const GZIP_BYTES_MIN = 1024;

/**
 * @throws RangeError for an address that is not loopback, without TLS and token and without `insecureBind`, and for a
 *   socket's path that is taken
 */
export async function startReceiver(options: ReceiverOptions, append: Append): Promise<Receiver> {
  requireSafeBind(options);
  const receiver = new HttpReceiver(options, append);
  await receiver.listen();
  return receiver;
}

class HttpReceiver implements Receiver {
  readonly counters = new ReceiverCounters();
  state: ReceiverState = 'starting';
  readonly #options: ReceiverOptions;
  readonly #limits: ReceiverLimits;
  readonly #append: Append;
  readonly #guard: RequestGuard;
  readonly #server: Server | TlsServer;

  constructor(options: ReceiverOptions, append: Append) {
    this.#options = options;
    this.#limits = { ...RECEIVER_LIMITS, ...options.limits };
    this.#append = append;
    this.#guard = new RequestGuard(options.bearerTokens ?? [], this.#hostNames(options.allowedHosts ?? []));
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      this.#handle(request, response).catch(() => response.destroy());
    };
    const { headersTimeoutMs, requestTimeoutMs, connectionCountMax, timeoutCheckMs } = this.#limits;
    const settings = {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    this.#server =
      options.tls === undefined
        ? createServer(settings, handle)
        : createTlsServer({ ...settings, handshakeTimeout: headersTimeoutMs, ...tlsOptions(options.tls) }, handle);
    this.#server.maxConnections = connectionCountMax;
    answerClientFaults(this.#server as Server, (status) => this.counters.answered('other', status));
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get url(): string {
    const { listen, tls } = this.#options;
    if ('socketPath' in listen) return `unix:${listen.socketPath}`;
    const { address } = this.#server.address() as AddressInfo;
    return `${tls === undefined ? 'http' : 'https'}://${isIP(address) === 6 ? `[${address}]` : address}:${this.port}`;
  }

  async listen(): Promise<void> {
    const { listen } = this.#options;
    if ('socketPath' in listen) await clearStaleSocket(listen.socketPath);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      const done = () => {
        this.#server.off('error', reject);
        resolve();
      };
      if ('socketPath' in listen) this.#server.listen(listen.socketPath, done);
      else this.#server.listen(listen.port ?? DEFAULT_PORT, listen.host ?? '127.0.0.1', done);
    });
    if ('socketPath' in listen) restrictSocket(listen.socketPath);
  }

  markReady(): void {
    if (this.state === 'starting') this.state = 'ready';
  }

  reload({ tls, bearerTokens, allowedHosts }: Parameters<Receiver['reload']>[0]): void {
    if (allowedHosts !== undefined) this.#guard.setHosts(this.#hostNames(allowedHosts));
    if (bearerTokens !== undefined) this.#guard.setTokens(bearerTokens);
    if (tls !== undefined && 'setSecureContext' in this.#server) this.#server.setSecureContext(tlsOptions(tls));
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.state = 'stopping';
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }

  /** No browser reaches a socket's file: there any name will do. */
  #hostNames(allowed: readonly string[]): readonly string[] {
    const { listen } = this.#options;
    if ('socketPath' in listen) return ['*'];
    return listen.host === undefined ? allowed : [listen.host, ...allowed];
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    const signal = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
    const reply = new Reply(request, response, (status) =>
      this.counters.answered(signal === undefined ? 'other' : path, status),
    );
    const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0].trim().toLowerCase();
    const encoding: Encoding | undefined =
      contentType === 'application/x-protobuf' ? 'protobuf' : contentType === 'application/json' ? 'json' : undefined;
    reply.encoding = encoding ?? 'json';
    const refusal = this.#guard.refusal(request);
    if (refusal !== 0)
      return reply.status(
        refusal,
        refusal === 401
          ? 'a bearer token is required'
          : 'this origin or host name is not served: list the name in listen.allowed_hosts',
      );
    if (signal === undefined) return reply.status(404, 'there are /v1/traces, /v1/logs and /v1/metrics');
    if (request.method !== 'POST') return reply.status(405, 'POST is expected', { allow: 'POST' });
    if (encoding === undefined) return reply.status(415, 'application/x-protobuf or application/json is expected');
    const compression = compressionOf(request.headers['content-encoding']);
    if (compression === undefined)
      return reply.status(400, `the content encoding is not supported: use ${COMPRESSIONS.join(', ')}`);
    if (this.state !== 'ready' || this.#options.isOverloaded?.() === true) return reply.busy(503, RETRY_AFTER_SECONDS);
    await this.#receive(request, reply, signal, encoding, compression);
  }

  async #receive(
    request: IncomingMessage,
    reply: Reply,
    signal: Signal,
    encoding: Encoding,
    compression: Compression,
  ): Promise<void> {
    const { bodyBytesMax, inFlightBytesMax } = this.#limits;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bodyBytesMax) return reply.status(413, `a body of at most ${bodyBytesMax} bytes is accepted`);
    if (this.counters.inFlightBytes + announced > inFlightBytesMax) return reply.busy(429, RETRY_AFTER_SECONDS);
    const counters = this.counters;
    counters.inFlightRequestCount++;
    let held = 0;
    try {
      const hold = (bytes: number) => {
        held += bytes;
        counters.inFlightBytes += bytes;
        if (held > bodyBytesMax) return 'too_large';
        return counters.inFlightBytes > inFlightBytesMax ? 'busy' : 'ok';
      };
      const body = await readBody(request, announced, hold);
      if (body === 'aborted') return;
      if (body === 'busy') return reply.busy(429, RETRY_AFTER_SECONDS);
      if (body === 'too_large') return reply.status(413, `a body of at most ${bodyBytesMax} bytes is accepted`);
      counters.bodyBytes += body.length;
      const batch = { signal, encoding, compression, body };
      const outcome = signal === 'metrics' ? METRICS_OUTCOME : await this.#append(batch).catch(() => BUSY);
      reply.outcome(signal, outcome);
    } finally {
      counters.inFlightRequestCount--;
      counters.inFlightBytes -= held;
    }
  }
}

const BUSY: AppendOutcome = { kind: 'busy', retryAfterSeconds: RETRY_AFTER_SECONDS };

/** One answer, in the request's encoding. */
class Reply {
  encoding: Encoding = 'json';
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #count: (status: number) => void;

  constructor(request: IncomingMessage, response: ServerResponse, count: (status: number) => void) {
    this.#request = request;
    this.#response = response;
    this.#count = count;
  }

  outcome(signal: Signal, outcome: AppendOutcome): void {
    if (outcome.kind === 'accepted')
      this.#send(200, exportBody(this.encoding, signal, outcome.rejectedCount, outcome.message ?? ''));
    else if (outcome.kind === 'undecodable') this.status(400, outcome.message);
    else if (outcome.kind === 'too_large') this.status(413, 'the body is larger than allowed after decompression');
    else this.busy(503, outcome.retryAfterSeconds);
  }

  busy(status: 429 | 503, retryAfterSeconds: number): void {
    const seconds = Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(0, Math.ceil(retryAfterSeconds)));
    this.status(status, 'busy: try again', { 'retry-after': String(seconds) });
  }

  /** A body that was not read keeps the connection from being used again. */
  status(status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
    const isUnread = !this.#request.complete;
    this.#send(
      status,
      statusBody(this.encoding, status, message),
      isUnread ? { ...headers, connection: 'close' } : headers,
    );
  }

  #send(status: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): void {
    this.#count(status);
    const isGzip =
      body.length >= GZIP_BYTES_MIN && /\bgzip\b/.test(String(this.#request.headers['accept-encoding'] ?? ''));
    const content = isGzip ? gzipSync(body) : body;
    this.#response.writeHead(status, {
      'content-type': this.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      'content-length': content.length,
      ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
      ...headers,
    });
    // Nothing to send is not the same as an empty body, which node:http would write by itself.
    if (content.length === 0) this.#response.end();
    else this.#response.end(content);
    if (headers.connection === 'close') this.#request.resume();
  }
}

function compressionOf(header: string | undefined): Compression | undefined {
  const name = (header ?? 'identity').trim().toLowerCase();
  return name === '' ? 'identity' : COMPRESSIONS.find((known) => known === name);
}

function tlsOptions({ cert, key, clientCa }: TlsMaterial) {
  return {
    cert,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}

function requireSafeBind({ listen, tls, bearerTokens = [], insecureBind = false }: ReceiverOptions): void {
  if ('socketPath' in listen) return;
  const protection = { hasTls: tls !== undefined, hasToken: bearerTokens.length > 0, insecureBind };
  const problem = bindProblem(listen.host ?? '127.0.0.1', protection);
  if (problem !== undefined) throw new RangeError(problem);
}
