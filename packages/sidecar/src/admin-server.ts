/**
 * /metrics, /healthz and /readyz. Read only, loopback by default, and only for requests that name this host: a page in
 * somebody's browser must not read it through a name of its own (DNS rebinding).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly health: () => Health;
}

export interface Health {
  readonly isReady: boolean;
  /** What a person reads when something is not as it should be. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AdminServer {
  readonly url: string;
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 64;

export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const settings = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 };
  const server = createServer(settings, (request, response) => {
    answer(options, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
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

async function answer(options: AdminOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isOwnName(request.headers.host, options.host)) return send(response, 403, 'text/plain', 'unknown host name\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'GET only\n');
  const path = request.url?.split('?', 1)[0];
  if (path === '/metrics') return send(response, 200, options.metrics.contentType, await options.metrics.render());
  const { isReady, details } = options.health();
  const body = `${JSON.stringify({ status: isReady ? 'ready' : 'not ready', ...details })}\n`;
  if (path === '/healthz') return send(response, 200, 'application/json', body);
  if (path === '/readyz') return send(response, isReady ? 200 : 503, 'application/json', body);
  return send(response, 404, 'text/plain', 'try /metrics, /healthz or /readyz\n');
}

/** An address literal, localhost, or the name that the configuration binds. */
function isOwnName(header: string | undefined, bound: string): boolean {
  if (header === undefined) return false;
  const name = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  return isIP(name) !== 0 || name === 'localhost' || name === bound.toLowerCase();
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}
