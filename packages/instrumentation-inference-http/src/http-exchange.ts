/** One request to a model and its response, from the first header to the last byte. */
import type { RemoteServer } from '@leeway/instrumentation';
import { BoundedBody } from './bounded-body.ts';
import type { Headers } from './header-list.ts';
import {
  type InferenceProtocol,
  type RemoteModel,
  type RequestColumns,
  type ResponseColumns,
  unreadable,
  unreadableResponse,
} from './protocol.ts';
import { JSON_LENGTH_HEADER, triton } from './protocols/triton.ts';
import type { RemoteInference, RemoteInferences } from './remote-inferences.ts';

export interface BodyLimits {
  readonly requestBytesMax: number;
  readonly responseBytesMax: number;
}

const BODY_CHANNEL = 'body_channel';

export class HttpExchange {
  readonly inference: RemoteInference;
  readonly #protocol: InferenceProtocol;
  readonly #requestHeaders: Headers;
  readonly #request: BoundedBody | undefined;
  readonly #responseBytesMax: number;
  #response: BoundedBody | undefined;
  #status = 0;
  #responseHeaders: Headers | undefined;
  #sawSent = false;

  constructor(
    inferences: RemoteInferences,
    protocol: InferenceProtocol,
    model: RemoteModel,
    server: Omit<RemoteServer, 'system'>,
    headers: Headers,
    limits: BodyLimits,
  ) {
    const isBinary = protocol.system === 'kserve' && headers.get(JSON_LENGTH_HEADER) !== undefined;
    this.#protocol = isBinary ? triton : protocol;
    this.inference = inferences.start(model, { system: this.#protocol.system, ...server });
    this.#requestHeaders = headers;
    this.#request = this.inference.wantsRequest ? new BoundedBody(limits.requestBytesMax) : undefined;
    this.#responseBytesMax = limits.responseBytesMax;
  }

  /** The same call goes on elsewhere: its body is sent once more. */
  redirected(): void {
    this.#request?.clear();
    this.#response = undefined;
    this.#sawSent = false;
  }

  requestChunk(chunk: Uint8Array | string): void {
    this.#request?.add(chunk);
  }

  requestSent(): void {
    this.#sawSent = true;
  }

  responseStarted(status: number, headers: Headers): void {
    this.#status = status;
    this.#responseHeaders = headers;
    if (status < 400 && this.#responseBytesMax > 0) this.#response = new BoundedBody(this.#responseBytesMax);
  }

  responseChunk(chunk: Uint8Array | string): void {
    this.#response?.add(chunk);
  }

  /** @returns whether a body was sent that no channel showed: Node 22 */
  completed(): boolean {
    const isBlind = this.#sawSent && this.#request?.isEmpty === true;
    if (this.#status >= 300 || this.#status === 0) this.inference.fail(String(this.#status), this.#requestColumns());
    else this.inference.end(this.#requestColumns(), this.#responseColumns());
    return isBlind;
  }

  failed(errorType: string): void {
    this.#response = undefined;
    this.inference.fail(errorType, this.#requestColumns());
  }

  #requestColumns(): RequestColumns | undefined {
    if (this.#request === undefined) return undefined;
    if (this.#request.isEmpty) return unreadable(BODY_CHANNEL);
    const encoding = this.#requestHeaders.get('content-encoding') ?? '';
    // What the application compressed is large: it is not taken apart in the request's path.
    if (encoding !== '' && encoding !== 'identity') {
      this.#request.clear();
      return unreadable('content_encoding');
    }
    const length = jsonLengthOf(this.#requestHeaders);
    const body = this.#request.take(this.#requestHeaders.get('content-type') ?? '', '', length);
    return 'reason' in body ? unreadable(body.reason) : this.#protocol.readRequest(body.json, this.inference.names);
  }

  #responseColumns(): ResponseColumns {
    const body = this.#response;
    this.#response = undefined;
    if (body === undefined) return { predictions: {} };
    const headers = this.#responseHeaders;
    if (body.isEmpty) {
      const isNone = this.#status === 204 || headers?.get('content-length') === '0';
      return unreadableResponse(isNone ? 'response_json' : `response_${BODY_CHANNEL}`);
    }
    const taken = body.take(
      headers?.get('content-type') ?? '',
      headers?.get('content-encoding') ?? '',
      jsonLengthOf(headers),
    );
    return 'reason' in taken
      ? unreadableResponse(`response_${taken.reason}`)
      : this.#protocol.readResponse(taken.json, this.inference.names);
  }
}

function jsonLengthOf(headers: Headers | undefined): number | undefined {
  const length = Number(headers?.get(JSON_LENGTH_HEADER));
  return Number.isSafeInteger(length) && length > 0 ? length : undefined;
}
