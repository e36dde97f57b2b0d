/** Runs an application against an OTLP endpoint of this process, and tells what arrived. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const TIMEOUT_MS = 60_000;

export interface Arrived {
  readonly code: number | null;
  readonly output: string;
  readonly spanNames: readonly string[];
  readonly predictSpanCount: number;
  /** Whether the histogram of durations did. */
  readonly hasDuration: boolean;
}

interface TracesBody {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { name: string }[] }[];
  }[];
}

export class Sink {
  readonly #server: Server;
  readonly #spanNames: string[] = [];
  #metrics = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (request.url === '/v1/traces') this.#read(JSON.parse(text) as TracesBody);
        if (request.url === '/v1/metrics') this.#metrics += text;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<Sink> {
    const sink = new Sink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  async run(node: string, args: readonly string[], cwd: string): Promise<Arrived> {
    const { port } = this.#server.address() as AddressInfo;
    const child = spawn(node, args, {
      cwd,
      timeout: TIMEOUT_MS,
      env: {
        PATH: process.env.PATH ?? '',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_TRACES_EXPORTER: 'otlp',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return {
      code,
      output,
      spanNames: this.#spanNames,
      predictSpanCount: this.#spanNames.filter((name) => name.startsWith('predict ')).length,
      hasDuration: this.#metrics.includes('ml.inference.duration'),
    };
  }

  stop(): void {
    this.#server.close();
  }

  #read({ resourceSpans = [] }: TracesBody): void {
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans) this.#spanNames.push(...spans.map(({ name }) => name));
  }
}
