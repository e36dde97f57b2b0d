/** An OTLP backend as a test wants it, a proxy, and an export to it under a given environment. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { MetricFamily } from '../src/metric-family.ts';
import { type OtlpExport, startOtlpExport } from '../src/otlp-export.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, received: Received) => void;
export const accept: Answer = (response) => response.writeHead(200).end();
export const refuse =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end();

export class Bench {
  readonly #cleanups: (() => Promise<unknown> | unknown)[] = [];

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  /** Keeps what it received; `answers` are used up one by one, the last one stays. */
  async backend(answers: Answer[] = [accept], tls?: ServerOptions) {
    const received: Received[] = [];
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
        received.push(one);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        answer?.(response, one);
      });
    };
    const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const scheme = tls === undefined ? 'http' : 'https';
    return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
  }

  /** Forwards absolute requests and CONNECT to a target of the test's, whatever host was asked for. */
  async proxy(target: string) {
    const asked: string[] = [];
    const { hostname, port } = new URL(target);
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { pathname } = new URL(request.url ?? '');
      const forward = httpRequest(
        { hostname, port, path: pathname, method: request.method, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(forward);
    });
    server.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      const upstream = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  /** The SDK's exporters read the process environment, so it is set here and put back. */
  environment(env: Record<string, string>): void {
    const before = { ...process.env };
    Object.assign(process.env, env);
    this.#cleanups.push(() => {
      for (const key of Object.keys(env)) {
        if (before[key] === undefined) delete process.env[key];
        else process.env[key] = before[key];
      }
    });
  }

  start(env: Record<string, string>, families: () => MetricFamily[]): OtlpExport {
    this.environment(env);
    let nowMs = 2_000;
    const exporter = startOtlpExport({
      sources: [{ startMs: 1_000, collect: families }],
      resource: resourceFromAttributes({ 'service.name': 'leeway' }),
      env: { ...process.env },
      now: () => nowMs++,
      version: 'test',
    });
    this.#cleanups.push(() => exporter.shutdown(50));
    return exporter;
  }
}
