/**
 * What stands between service and sidecar where a team has a Collector: everything is passed on as it came, and of each
 * prediction the inference id is kept with the flights that it was of, as a warehouse of predictions would. Days later
 * somebody who knows the truth of a flight finds its prediction here.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface OtlpValue {
  readonly stringValue?: string;
  readonly doubleValue?: number;
  readonly intValue?: number | string;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}
interface OtlpSpan {
  readonly spanId: string;
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
}
interface OtlpTraces {
  readonly resourceSpans?: readonly { readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[] }[];
}

/** Requests of predictions that wait for their truth; the oldest are let go. */
const KEPT_MAX = 5_000;

export class Warehouse {
  readonly #server: Server;
  readonly #target: string;
  /** Inference ids by the flights that were scored. */
  readonly #ids = new Map<string, string>();

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      this.#pass(request).then(
        ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
        () => response.writeHead(503, { 'retry-after': '1' }).end(),
      );
    });
  }

  /** @param target base URL of the OTLP receiver that everything goes on to */
  static async start(target: string): Promise<Warehouse> {
    const warehouse = new Warehouse(target);
    warehouse.#server.listen(0, '127.0.0.1');
    await once(warehouse.#server, 'listening');
    return warehouse;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The inference in which just these flights were scored, in this order; it is handed out once. */
  take(origins: readonly (string | null)[], destinations: readonly (string | null)[]): string | undefined {
    const key = keyOf(origins, destinations);
    const id = this.#ids.get(key);
    this.#ids.delete(key);
    return id;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const body = await buffer(request);
    if (request.url === '/v1/traces') this.#keep(JSON.parse(body.toString()) as OtlpTraces);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.#target}${request.url}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    return { status: answer.status, body: await answer.text() };
  }

  #keep({ resourceSpans = [] }: OtlpTraces): void {
    const spans = resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap((scope) => scope.spans ?? []));
    for (const { spanId, attributes = [] } of spans) {
      const texts = (name: string): (string | null)[] => {
        const value = attributes.find(({ key }) => key === name)?.value;
        return (value?.arrayValue?.values ?? (value === undefined ? [] : [value])).map(
          (one) => one.stringValue ?? null,
        );
      };
      const origins = texts('ml.features.origin');
      if (origins.length === 0) continue;
      const own = attributes.find(({ key }) => key === 'ml.inference.id')?.value.stringValue;
      this.#ids.set(keyOf(origins, texts('ml.features.destination')), own ?? spanId);
      const [oldest] = this.#ids.keys();
      if (this.#ids.size > KEPT_MAX) this.#ids.delete(oldest);
    }
  }
}

const keyOf = (origins: readonly (string | null)[], destinations: readonly (string | null)[]): string =>
  JSON.stringify([origins, destinations]);
