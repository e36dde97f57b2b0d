/** An OTLP endpoint over gRPC that counts the spans it is sent. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { repeated bytes spans = 2; }
`;
const REQUEST = protobuf.parse(SCHEMA).root.lookupType('Request');
const SERVICES = ['trace.v1.TraceService', 'logs.v1.LogsService', 'metrics.v1.MetricsService'];

interface Request {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[] }[];
}

export class GrpcBackend {
  readonly url: string;
  spanCount = 0;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<GrpcBackend> {
    const server = new Server();
    for (const service of SERVICES) {
      const path = `/opentelemetry.proto.collector.${service}/Export`;
      const definition = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      };
      server.addService(
        { Export: definition },
        {
          Export: ({ request }: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
            if (service === SERVICES[0]) backend.spanCount += spansIn(request);
            answer(null, Buffer.alloc(0));
          },
        },
      );
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    const backend = new GrpcBackend(server, port);
    return backend;
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

function spansIn(bytes: Buffer): number {
  const { resourceSpans } = REQUEST.decode(bytes) as unknown as Request;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)).length;
}
