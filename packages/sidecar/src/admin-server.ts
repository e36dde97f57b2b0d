/**
 * /metrics, /healthz and /readyz. Read only, loopback by default, and only for requests that name this host: a page in
 * somebody's browser must not read it through a name of its own (DNS rebinding).
 *
 * Bound beyond loopback it is protected as the OTLP listener is: by TLS, and by the token or a client's certificate.
 * /healthz and /readyz then still say to everybody whether it is ready, because probes carry no token; the details are
 * for those who may read /metrics.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import type { TlsMaterial } from './receive/index.ts';
import { answerClientFaults, isLoopback, RequestGuard, showsCertificate, TIMEOUT_CHECK_MS } from './receive/index.ts';

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly health: () => Health;
  readonly allowedHosts: readonly string[];
  readonly bearerTokens: readonly string[];
  readonly tls?: TlsMaterial;
  /** Milliseconds; a test may wait less. */
  readonly timeouts?: { readonly headersMs: number; readonly requestMs: number; readonly checkMs: number };
}

export interface Health {
  readonly isReady: boolean;
  /** What a person reads when something is not as it should be. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AdminServer {
  readonly url: string;
  /** What is given takes effect with the next request or connection. */
  reload(changes: Partial<Pick<AdminOptions, 'allowedHosts' | 'bearerTokens' | 'tls'>>): void;
  close(): Promise<void>;
}

const TIMEOUTS = { headersMs: 5_000, requestMs: 10_000, checkMs: TIMEOUT_CHECK_MS };
const CONNECTIONS_MAX = 64;
/** What is still being read then is cut off. */
const CLOSE_GRACE_MS = 1_000;

export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const { headersMs, requestMs, checkMs } = options.timeouts ?? TIMEOUTS;
  const settings = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: 8192,
  };
  const isOpen = isLoopback(options.host);
  const tls = isOpen ? undefined : options.tls;
  const guard = new RequestGuard(isOpen ? [] : options.bearerTokens, [options.host, ...options.allowedHosts]);
  const admin = new Admin(options, guard, tls?.clientCa !== undefined);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    admin.answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const server =
    tls === undefined ? createServer(settings, handle) : createTlsServer({ ...settings, ...tlsOf(tls) }, handle);
  server.maxConnections = CONNECTIONS_MAX;
  answerClientFaults(server as Server, () => undefined);
  await listen(server as Server, options);
  const { port } = server.address() as AddressInfo;
  const host = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    reload: (changes) => {
      if (changes.allowedHosts !== undefined) guard.setHosts([options.host, ...changes.allowedHosts]);
      if (changes.bearerTokens !== undefined && !isOpen) guard.setTokens(changes.bearerTokens);
      if (changes.tls !== undefined && 'setSecureContext' in server) server.setSecureContext(tlsOf(changes.tls));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
      }),
  };
}

/** A client without certificate may still ask whether the process is ready. */
function tlsOf({ cert, key, clientCa }: TlsMaterial) {
  return {
    cert,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  };
}

function listen(server: Server, { host, port }: AdminOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

class Admin {
  readonly #options: AdminOptions;
  readonly #guard: RequestGuard;
  readonly #wantsCertificate: boolean;

  constructor(options: AdminOptions, guard: RequestGuard, wantsCertificate: boolean) {
    this.#options = options;
    this.#guard = guard;
    this.#wantsCertificate = wantsCertificate;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#guard.isOwnName(request))
      return send(response, 403, 'text/plain', 'unknown host name: list it in listen.allowed_hosts\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'GET only\n');
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz' || path === '/readyz') return this.#health(path, request, response);
    if (path !== '/metrics') return send(response, 404, 'text/plain', 'try /metrics, /healthz or /readyz\n');
    if (!this.#isTrusted(request))
      return send(response, 401, 'text/plain', 'a bearer token or a client certificate is required\n');
    const { contentType, render } = this.#options.metrics;
    return send(response, 200, contentType, await render());
  }

  #health(path: '/healthz' | '/readyz', request: IncomingMessage, response: ServerResponse): void {
    const { isReady, details } = this.#options.health();
    const shown = this.#isTrusted(request) ? details : {};
    const body = `${JSON.stringify({ status: isReady ? 'ready' : 'not ready', ...shown })}\n`;
    send(response, path === '/healthz' || isReady ? 200 : 503, 'application/json', body);
  }

  #isTrusted(request: IncomingMessage): boolean {
    const isProtected = this.#guard.wantsToken || this.#wantsCertificate;
    return !isProtected || this.#guard.showsToken(request) || showsCertificate(request.socket);
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}
