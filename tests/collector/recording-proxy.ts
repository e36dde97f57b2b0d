/**
 * Stands between the Collector and the sidecar and writes down how requests came and how they were answered. Bodies
 * pass unread, so that what the sidecar sees is what the Collector sent.
 */
import { createServer, request as forward, type Server } from 'node:http';

export class RecordingProxy {
  /** Requests by `<content type> <content encoding> <status of the answer>`. */
  readonly counts = new Map<string, number>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port of 127.0.0.1 and forwards to that port. */
  static async start(targetPort: number): Promise<RecordingProxy> {
    const server = createServer();
    const proxy = new RecordingProxy(server);
    server.on('request', (incoming, answer) => {
      const { method, url: path, headers } = incoming;
      const wire = `${headers['content-type']} ${headers['content-encoding'] ?? 'identity'}`;
      const outgoing = forward({ host: '127.0.0.1', port: targetPort, method, path, headers }, (response) => {
        proxy.#count(`${wire} ${response.statusCode}`);
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      outgoing.on('error', () => {
        proxy.#count(`${wire} unreachable`);
        answer.writeHead(503).end();
      });
      incoming.pipe(outgoing);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #count(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}
