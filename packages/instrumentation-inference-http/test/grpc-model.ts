/** A gRPC server of the Open Inference Protocol that answers as a test says, and clients of it. */
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export const PROTO = fileURLToPath(new URL('./open-inference.proto', import.meta.url));

type Reply = (error: Partial<grpc.ServiceError> | null, response?: unknown) => void;
export type GrpcAnswer = (call: { request: unknown; metadata: grpc.Metadata }, reply: Reply) => void;

export interface InferClient extends grpc.Client {
  [method: string]: unknown;
}

/** @param keepCase names as in the proto file, or in camelCase */
export function inferClient(target: string, keepCase: boolean, interceptors: readonly grpc.Interceptor[]): InferClient {
  const loaded = grpc.loadPackageDefinition(loadSync(PROTO, { keepCase })) as unknown as {
    inference: { GRPCInferenceService: grpc.ServiceClientConstructor };
  };
  const options = { interceptors: [...interceptors] };
  return new loaded.inference.GRPCInferenceService(
    target,
    grpc.credentials.createInsecure(),
    options,
  ) as unknown as InferClient;
}

/** The call's answer, or its error. */
export function call(client: InferClient, method: string, request: unknown, options: object = {}): Promise<unknown> {
  const send = client[method] as (
    request: unknown,
    options: object,
    done: (error: unknown, value: unknown) => void,
  ) => void;
  return new Promise((resolve, reject) =>
    send.call(client, request, options, (error, value) => (error === null ? resolve(value) : reject(error))),
  );
}

export async function grpcServer(answer: () => GrpcAnswer): Promise<{ server: grpc.Server; target: string }> {
  const loaded = grpc.loadPackageDefinition(loadSync(PROTO, { keepCase: true })) as unknown as {
    inference: { GRPCInferenceService: grpc.ServiceClientConstructor };
  };
  const server = new grpc.Server();
  server.addService(loaded.inference.GRPCInferenceService.service, {
    ModelInfer: ((one, reply) => answer()(one, reply)) satisfies GrpcAnswer,
    ServerLive: ((_, reply) => reply(null, { live: true })) satisfies GrpcAnswer,
  } as unknown as grpc.UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { server, target: `127.0.0.1:${port}` };
}
