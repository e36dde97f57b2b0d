/**
 * fetch and undici as their diagnostics channels show them: no patching. Node 24 publishes the chunks of both bodies;
 * Node 22 does not (measured with 22.15 and 22.23), so there values are missing, which is said once.
 *
 * Invariants
 * 1. A subscriber never throws: what it threw would become an uncaught exception of the host.
 * 2. Exchanges hang on the request object weakly, and let go of their bodies at the end.
 */
import diagnosticsChannel from 'node:diagnostics_channel';
import { context, createContextKey } from '@opentelemetry/api';
import { headersOf } from './header-list.ts';
import { type BodyLimits, HttpExchange } from './http-exchange.ts';
import type { InferenceProtocol, RemoteModel } from './protocol.ts';
import { Redirects } from './redirects.ts';
import { errorTypeOf, guarded, type RemoteInferences, sayOnce } from './remote-inferences.ts';
import { injectTraceContext, type UndiciRequest } from './trace-headers.ts';

export interface UndiciOptions extends BodyLimits {
  readonly inferences: RemoteInferences;
  readonly protocols: readonly InferenceProtocol[];
  readonly propagate: boolean;
}

interface Message {
  readonly request: UndiciRequest;
  readonly response?: { readonly statusCode: number; readonly headers: unknown };
  readonly chunk?: Uint8Array | string;
  readonly error?: unknown;
}

/** The key of @opentelemetry/core, which the API makes by `Symbol.for`: exporters run under it. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

export class UndiciChannels {
  readonly #options: UndiciOptions;
  readonly #exchanges = new WeakMap<object, HttpExchange>();
  readonly #redirects = new Redirects();
  readonly #subscriptions: readonly (readonly [channel: string, subscriber: (message: unknown) => void])[];

  constructor(options: UndiciOptions) {
    this.#options = options;
    const on = (name: string, work: (message: Message) => void) =>
      [`undici:request:${name}`, (message: unknown) => void guarded(() => work(message as Message))] as const;
    const of = ({ request }: Message) => this.#exchanges.get(request);
    this.#subscriptions = [
      on('create', ({ request }) => this.#created(request)),
      on('bodyChunkSent', (message) => of(message)?.requestChunk(message.chunk ?? '')),
      on('bodySent', (message) => of(message)?.requestSent()),
      on('headers', (message) => this.#headers(message)),
      on('bodyChunkReceived', (message) => of(message)?.responseChunk(message.chunk ?? '')),
      on('trailers', (message) => this.#completed(message.request)),
      on('error', (message) => this.#failed(message)),
    ];
  }

  subscribe(): void {
    for (const [channel, subscriber] of this.#subscriptions) diagnosticsChannel.subscribe(channel, subscriber);
  }

  /** Requests under way are not ended: nothing is heard of them any more. */
  unsubscribe(): void {
    for (const [channel, subscriber] of this.#subscriptions) diagnosticsChannel.unsubscribe(channel, subscriber);
    this.#redirects.clear();
  }

  #created(request: UndiciRequest): void {
    if (request.method !== 'POST' || context.active().getValue(SUPPRESS_TRACING) === true) return;
    const origin = String(request.origin);
    const [path] = String(request.path).split('?', 1);
    const followed = this.#redirects.follow(origin + request.path);
    const exchange = followed ?? this.#exchangeOf(origin.replace(/\/$/, ''), path, request);
    if (exchange === undefined) return;
    this.#exchanges.set(request, exchange);
    if (this.#options.propagate) injectTraceContext(request, exchange.inference.active.span);
  }

  #exchangeOf(origin: string, path: string, request: UndiciRequest): HttpExchange | undefined {
    const found = this.#match(origin, path);
    if (found === undefined) return undefined;
    const { hostname, port, protocol: scheme } = new URL(origin);
    const server = { address: hostname, port: Number(port) || (scheme === 'https:' ? 443 : 80) };
    const { inferences } = this.#options;
    return new HttpExchange(inferences, found.protocol, found.model, server, headersOf(request.headers), this.#options);
  }

  #match(origin: string, path: string): { protocol: InferenceProtocol; model: RemoteModel } | undefined {
    for (const protocol of this.#options.protocols) {
      const model = protocol.match({ origin, path });
      if (model !== undefined) return { protocol, model };
    }
    return undefined;
  }

  #headers({ request, response }: Message): void {
    const exchange = this.#exchanges.get(request);
    if (exchange === undefined || response === undefined) return;
    const headers = headersOf(response.headers);
    exchange.responseStarted(response.statusCode, headers);
    const location = headers.get('location');
    // 307 and 308 send the same body again; the others turn into a GET, which is no inference.
    if ((response.statusCode === 307 || response.statusCode === 308) && location !== undefined) {
      const target = new URL(location, new URL(request.path, String(request.origin)));
      if (this.#redirects.expect(target, exchange)) this.#exchanges.delete(request);
    }
  }

  #completed(request: UndiciRequest): void {
    const exchange = this.#exchanges.get(request);
    if (exchange === undefined) return;
    this.#exchanges.delete(request);
    if (exchange.completed())
      sayOnce(
        `Node ${process.versions.node} does not show the bodies of requests: inferences are recorded without values; Node 24 does`,
      );
  }

  #failed({ request, error }: Message): void {
    const exchange = this.#exchanges.get(request);
    this.#exchanges.delete(request);
    exchange?.failed(errorTypeOf(error));
  }
}
