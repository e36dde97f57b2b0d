/**
 * The Open Inference Protocol over gRPC, by a client interceptor of @grpc/grpc-js: `inference.GRPCInferenceService`'s
 * ModelInfer. It needs nothing of grpc-js but what it is given, so that any version and any second copy of it will do.
 */
import { type CaptureOptions, capturePolicy, type RemoteServer, warnOfSettings } from '@leeway/instrumentation';
import { context, propagation, trace } from '@opentelemetry/api';
import { requestOfTensors } from '../oip-tensors.ts';
import { responseOfTensors } from '../output-tensors.ts';
import { type ResponseColumns, unreadableResponse } from '../protocol.ts';
import { guarded, type RemoteInference, RemoteInferences } from '../remote-inferences.ts';
import { idOfMessage, modelOfMessage, tensorsOfMessage } from './infer-message.ts';

/** Stands in for grpc-js's `Interceptor`, without needing its types. */
export type GrpcInterceptor = (
  options: { readonly method_definition: { readonly path: string } },
  nextCall: (options: never) => unknown,
) => never;

/** The part of grpc-js's metadata that is used. */
interface GrpcMetadata {
  get(key: string): unknown[];
  set(key: string, value: string): void;
}
interface GrpcStatus {
  readonly code: number;
}
interface GrpcListener {
  onReceiveMessage?: (message: unknown) => void;
  onReceiveStatus?: (status: GrpcStatus) => void;
}
/** The part of grpc-js's `InterceptingCallInterface` that is used. */
interface GrpcCall {
  start(metadata: GrpcMetadata, listener?: GrpcListener): void;
  sendMessageWithContext(context: unknown, message: unknown): void;
  halfClose(): void;
  cancelWithStatus(status: number, details: string): void;
  getPeer(): string;
}

export interface OipInterceptorOptions {
  readonly capture?: CaptureOptions;
  /** A value of `ml.system.name`: kserve (default), or triton. */
  readonly system?: string;
  /** Whether the server's span gets the inference's as its parent where nobody else propagates. Default true. */
  readonly propagate?: boolean;
}

const PATH = /^\/inference\.GRPCInferenceService\/ModelInfer$/;
const DEFAULT_PORT = 8081;

/**
 * For a client of `GRPCInferenceService`. Calls of other methods pass through.
 *
 * @example
 * const client = new inference.GRPCInferenceService(address, credentials, { interceptors: [oipInterceptor()] });
 */
export function oipInterceptor(options: OipInterceptorOptions = {}): GrpcInterceptor {
  const policy = capturePolicy(options.capture ?? {}, process.env, warnOfSettings);
  const inferences = new RemoteInferences(policy);
  return (callOptions, nextCall) => {
    const call = nextCall(callOptions as never) as GrpcCall;
    if (!policy.isDisabled && PATH.test(callOptions.method_definition.path)) watch(call, inferences, options);
    return call as never;
  };
}

/**
 * grpc-js sends first the metadata and then the message; the model's name is in the message. So the metadata wait for
 * the message, which a unary call sends at once.
 */
function watch(call: GrpcCall, inferences: RemoteInferences, options: OipInterceptorOptions): void {
  const { start, sendMessageWithContext, halfClose, cancelWithStatus } = call;
  let begun: { metadata: GrpcMetadata; listener: GrpcListener } | undefined;
  let inference: RemoteInference | undefined;
  let request: unknown;
  let response: unknown;
  const finish = ({ code }: GrpcStatus) => {
    const { wantsRequest, names } = inference!;
    const columns = wantsRequest ? requestOfTensors(tensorsOfMessage(request, 'inputs'), names) : undefined;
    if (code === 0) inference!.end(columns, responseColumns(response, inference!));
    else inference!.fail(String(code), columns);
    request = undefined;
    response = undefined;
  };
  const startNow = () => {
    const waiting = begun;
    begun = undefined;
    if (waiting !== undefined) start.call(call, waiting.metadata, waiting.listener);
  };
  call.start = (metadata, listener = {}) => {
    const watched: GrpcListener = {
      ...listener,
      onReceiveMessage: (message) => {
        response = message;
        listener.onReceiveMessage?.(message);
      },
      onReceiveStatus: (status) => {
        if (inference !== undefined) guarded(() => finish(status));
        listener.onReceiveStatus?.(status);
      },
    };
    begun = { metadata, listener: watched };
  };
  call.sendMessageWithContext = (messageContext, message) => {
    guarded(() => {
      const model = modelOfMessage(message);
      if (model === undefined) return;
      inference = inferences.start(model, serverOf(call.getPeer(), options.system), idOfMessage(message));
      if (inference.wantsRequest) request = message;
      if (options.propagate !== false && begun !== undefined) propagate(begun.metadata, inference);
    });
    startNow();
    sendMessageWithContext.call(call, messageContext, message);
  };
  // A call that is closed or cancelled before its message must have been started, or its end would never be told.
  call.halfClose = () => {
    startNow();
    halfClose.call(call);
  };
  call.cancelWithStatus = (status, details) => {
    startNow();
    cancelWithStatus.call(call, status, details);
  };
}

function responseColumns(response: unknown, { names }: RemoteInference): ResponseColumns {
  const tensors = tensorsOfMessage(response, 'outputs');
  if (tensors === undefined || tensors.length === 0) return unreadableResponse('response_shape');
  const readable = tensors.filter(({ refusal }) => refusal === undefined);
  if (readable.length > 0) return responseOfTensors(readable, names);
  return { ...unreadableResponse(`response_${tensors[0].refusal}`), rowCount: tensors[0].rowCount };
}

function propagate(metadata: GrpcMetadata, { active }: RemoteInference): void {
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), active.span), carrier);
  // Somebody else's trace goes with its own baggage and state.
  if (Object.keys(carrier).some((key) => metadata.get(key).length > 0)) return;
  for (const [key, value] of Object.entries(carrier)) metadata.set(key, value);
}

/** `dns:localhost:8081`, `127.0.0.1:8081`, `ipv4:…`, `unix:/path`. */
function serverOf(peer: string, system = 'kserve'): RemoteServer {
  const target = peer.replace(/^(?:dns|ipv4|ipv6|passthrough):(?:\/\/[^/]*\/)?/, '');
  const match = /^\[?(.*?)\]?(?::(\d+))?$/.exec(target);
  return { system, address: match?.[1] || 'unknown', port: Number(match?.[2]) || DEFAULT_PORT };
}
