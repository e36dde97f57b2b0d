/** An application in a process of its own, started as a user starts it, and an OTLP endpoint that keeps what it is sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const MODEL = here('../../../examples/flights/service/model/late-flights.onnx');
export const REGISTER = here('../src/index.ts');
/** vitest may run under another Node than the project's. */
const NODE = here('../../../node_modules/node/bin/node');

export interface Span {
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly status: { readonly code: number };
}

export class Backend {
  readonly url: string;
  readonly received: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<Backend> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        backend.received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const backend = new Backend(server);
    return backend;
  }

  spans(): Span[] {
    return this.received
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) =>
        (body.resourceSpans as { scopeSpans: { spans: Span[] }[] }[]).flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans),
        ),
      );
  }

  /** The services that sent spans, one entry a request. */
  services(): unknown[] {
    return this.received
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) => body.resourceSpans as { resource: { attributes: Span['attributes'] } }[])
      .map(({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')?.value);
  }

  stop(): void {
    this.#server.close();
  }
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** In place of `--import` of this package. */
  readonly preload?: readonly string[];
  /** Called with the process once it has printed this. */
  readonly at?: { readonly text: string; readonly act: (child: ChildProcess) => void };
}

/** @param fixture a file of test/fixtures */
export async function runApp(fixture: string, endpoint: string, options: RunOptions = {}): Promise<Finished> {
  const { env = {}, preload = ['--import', REGISTER], at } = options;
  const args = ['--conditions=@leeway/source', ...preload, here(`./fixtures/${fixture}`), MODEL];
  const child = spawn(NODE, args, {
    env: {
      PATH: process.env.PATH ?? '',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  let hasActed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (at === undefined || hasActed || !stdout.includes(at.text)) return;
    hasActed = true;
    at.act(child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}
