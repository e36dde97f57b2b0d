/**
 * An HTTP server that answers as a test says. Where it stands for TensorFlow Serving, Triton, Azure or Vertex AI, which
 * cannot be had here, it answers as their documentation says (each protocol's file has the address).
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** All values of repeated headers too, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, received: Received) => void;

export interface ModelServer {
  readonly url: () => string;
  readonly port: () => number;
  readonly received: Received[];
  answer(next: Answer): void;
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export function withModelServer(): ModelServer {
  let server: Server;
  let answer: Answer = json({});
  const received: Received[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url = '', headers, rawHeaders } = request;
        const one = { url, headers, rawHeaders, body: Buffer.concat(chunks) };
        received.push(one);
        answer(response, one);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const port = () => (server.address() as AddressInfo).port;
  return {
    url: () => `http://127.0.0.1:${port()}`,
    port,
    received,
    answer: (next) => {
      received.length = 0;
      answer = next;
    },
  };
}
