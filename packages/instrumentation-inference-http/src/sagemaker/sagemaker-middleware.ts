/**
 * SageMaker's runtime by a middleware of the AWS SDK v3, for InvokeEndpoint with JSON or CSV bodies. It stands in the
 * `build` step: once a call, whatever the SDK retries, and where the endpoint's address is known.
 */
import { type CaptureOptions, capturePolicy, warnOfSettings } from '@leeway/instrumentation';
import { responseOfColumns, responseOfRows } from '../output-tensors.ts';
import {
  objectOf,
  type RemoteModel,
  type RequestColumns,
  type ResponseColumns,
  unreadable,
  unreadableResponse,
} from '../protocol.ts';
import { readInstances } from '../protocols/tf-serving.ts';
import { errorTypeOf, guarded, type RemoteInference, RemoteInferences } from '../remote-inferences.ts';
import { columnsOfRows } from '../row-layouts.ts';
import { requestOfCsv, responseOfCsv } from './csv-rows.ts';

export interface SagemakerMiddlewareOptions {
  readonly capture?: CaptureOptions;
  /** Larger bodies are not read. Default 1 MiB each. */
  readonly bodyBytesMax?: number;
}

type Handler = (args: BuildArguments) => Promise<HandlerOutput>;
interface BuildArguments {
  readonly input: unknown;
  readonly request?: unknown;
}
interface HandlerOutput {
  readonly output: unknown;
}
/** Stands in for the SDK's `Pluggable`, without needing its types. */
export interface SagemakerPlugin {
  applyToStack(stack: { add(...args: never[]): void }): void;
}

const BODY_BYTES_MAX = 2 ** 20;
const HTTPS_PORT = 443;

/**
 * @example client.middlewareStack.use(sagemakerMiddleware({ capture: { features: '*' } }));
 */
export function sagemakerMiddleware(options: SagemakerMiddlewareOptions = {}): SagemakerPlugin {
  const policy = capturePolicy(options.capture ?? {}, process.env, warnOfSettings);
  const inferences = new RemoteInferences(policy);
  const bytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX;
  const middleware = (next: Handler, { commandName }: { commandName?: string }): Handler => {
    if (policy.isDisabled || commandName !== 'InvokeEndpointCommand') return next;
    return async (args) => {
      const inference = guarded(() => startOf(inferences, args));
      if (inference === undefined) return next(args);
      const input = args.input as Readonly<Record<string, unknown>>;
      const request = () => (inference.wantsRequest ? requestColumns(input, inference, bytesMax) : undefined);
      let result: HandlerOutput;
      try {
        result = await inference.active.run(() => next(args));
      } catch (error) {
        guarded(() => inference.fail(errorTypeOf(error), request()));
        throw error;
      }
      guarded(() => {
        const columns = request();
        inference.end(columns, responseColumns(result.output, columns?.rowCount, inference, bytesMax));
      });
      return result;
    };
  };
  return {
    applyToStack: (stack) =>
      stack.add(middleware as never, { step: 'build', name: 'leewaySagemakerMiddleware', override: true } as never),
  };
}

function startOf(inferences: RemoteInferences, { input, request }: BuildArguments): RemoteInference {
  const fields = objectOf(input) ?? {};
  const { hostname, port } = (request ?? {}) as { hostname?: unknown; port?: unknown };
  const server = {
    system: 'sagemaker',
    address: typeof hostname === 'string' && hostname !== '' ? hostname : 'unknown',
    port: typeof port === 'number' ? port : HTTPS_PORT,
  };
  return inferences.start(modelOfInput(fields), server, textOf(fields.InferenceId));
}

/** Of several models behind one endpoint, the one that is asked. */
function modelOfInput(input: Readonly<Record<string, unknown>>): RemoteModel {
  const target = textOf(input.TargetModel)?.replace(/\.tar\.gz$/, '');
  const name = target ?? textOf(input.InferenceComponentName) ?? textOf(input.EndpointName) ?? 'sagemaker';
  const version = textOf(input.TargetVariant);
  return { name, ...(version === undefined ? {} : { version }) };
}

function requestColumns(
  input: Readonly<Record<string, unknown>>,
  { names }: RemoteInference,
  bytesMax: number,
): RequestColumns {
  const text = bodyText(input.Body, bytesMax);
  if (typeof text !== 'string') return unreadable(text.reason);
  const contentType = textOf(input.ContentType) ?? 'application/json';
  if (/^text\/csv/i.test(contentType)) return requestOfCsv(text, names);
  if (!/json/i.test(contentType)) return unreadable('content_type');
  const json = parsed(text);
  if (json === undefined) return unreadable('json');
  return Array.isArray(json) ? columnsOfRows(json, names) : readInstances(json, names);
}

function responseColumns(
  output: unknown,
  rowCount: number | undefined,
  { names }: RemoteInference,
  bytesMax: number,
): ResponseColumns {
  const { Body, ContentType } = (output ?? {}) as { Body?: unknown; ContentType?: unknown };
  const text = bodyText(Body, bytesMax);
  if (typeof text !== 'string') return unreadableResponse(`response_${text.reason}`);
  const contentType = textOf(ContentType) ?? 'application/json';
  if (/^text\/csv/i.test(contentType)) return responseOfCsv(text, rowCount, names);
  if (!/json/i.test(contentType)) return unreadableResponse('response_content_type');
  const json = parsed(text);
  const body = objectOf(json)?.predictions ?? json;
  return Array.isArray(body) ? responseOfRows(body, names) : responseOfColumns(body, names);
}

function bodyText(body: unknown, bytesMax: number): string | { reason: string } {
  if (typeof body === 'string') return body.length > bytesMax ? { reason: 'body_limit' } : body;
  // A stream is the caller's: reading it would take it away.
  if (!(body instanceof Uint8Array)) return { reason: 'stream' };
  if (body.byteLength > bytesMax) return { reason: 'body_limit' };
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
