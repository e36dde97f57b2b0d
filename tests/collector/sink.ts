/**
 * A verifying OTLP sink: takes what a Collector sends, decodes it with a library, and keeps it for questions.
 *
 * Invariants
 * 1. What cannot be decoded, is not finite, or is a cumulative sum that fell, stands in `faults`; a test that ends with
 *    faults has failed.
 * 2. A series is (metric, resource, attributes); of each the latest point is kept.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import {
  attributesOf,
  CONTENT_TYPES,
  decodeOtlp,
  type Encoding,
  type HistogramPoint,
  type LogRecord,
  type LogRequest,
  type Metric,
  type MetricRequest,
  type NumberPoint,
  type OtlpRequests,
  type OtlpSignal,
  type Resource,
  SIGNAL_PATHS,
  type Span,
  type TraceRequest,
} from './otlp-messages.ts';

type Attributes = Readonly<Record<string, unknown>>;

export interface ReceivedSpan {
  readonly resource: Attributes;
  readonly span: Span;
}

export interface ReceivedLog {
  readonly resource: Attributes;
  readonly record: LogRecord;
}

export interface ReceivedSeries {
  readonly metric: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly resource: Attributes;
  readonly attributes: Attributes;
  /** The latest value; of a histogram the sum. */
  readonly value: number;
  /** Of a histogram only. */
  readonly count?: number;
}

const DECOMPRESS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  identity: (body) => body,
  gzip: (body) => gunzipSync(body),
  deflate: (body) => inflateSync(body),
  zstd: (body) => zstdDecompressSync(body),
};
const FAULTS_MAX = 100;
const POLL_MS = 20;
const CUMULATIVE = 2;

export class OtlpSink {
  readonly spans: ReceivedSpan[] = [];
  readonly logs: ReceivedLog[] = [];
  readonly faults: string[] = [];
  /** Requests by `<encoding> <content encoding>`, so that a test knows what really was on the wire. */
  readonly requestCounts = new Map<string, number>();
  readonly #series = new Map<string, ReceivedSeries>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on 127.0.0.1, on a free port unless one is given. */
  static async start(port = 0): Promise<OtlpSink> {
    const server = createServer();
    const sink = new OtlpSink(server);
    server.on('request', async (request, response) => {
      try {
        const encoding = await sink.#take(request);
        response.writeHead(200, { 'content-type': CONTENT_TYPES[encoding] });
        response.end(encoding === 'json' ? '{}' : '');
      } catch (error) {
        sink.#fault(`${request.method} ${request.url}: ${error instanceof Error ? error.message : error}`);
        response.writeHead(400).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return sink;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the sink does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The latest points of a metric, of all metrics without a name. */
  series(metric?: string, attributes: Attributes = {}): ReceivedSeries[] {
    const wanted = Object.entries(attributes);
    return [...this.#series.values()].filter(
      (series) =>
        (metric === undefined || series.metric === metric) &&
        wanted.every(([key, value]) => series.attributes[key] === value),
    );
  }

  /** Sum of the latest points of a metric over the series that have these attributes. */
  total(metric: string, attributes: Attributes = {}): number {
    return this.series(metric, attributes).reduce((sum, { value }) => sum + value, 0);
  }

  /** @throws Error when the condition does not hold in time; says what was waited for */
  async waitFor(what: string, holds: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #take(request: IncomingMessage): Promise<Encoding> {
    const contentType = request.headers['content-type']?.split(';')[0].trim();
    const encoding = contentType === CONTENT_TYPES.json ? 'json' : 'protobuf';
    if (contentType !== CONTENT_TYPES[encoding]) throw new Error(`content type ${contentType}`);
    const signal = (Object.keys(SIGNAL_PATHS) as OtlpSignal[]).find((name) => SIGNAL_PATHS[name] === request.url);
    if (signal === undefined || request.method !== 'POST') throw new Error('not a path of OTLP');
    const contentEncoding = request.headers['content-encoding'] ?? 'identity';
    const decompress = DECOMPRESS[contentEncoding];
    if (decompress === undefined) throw new Error(`content encoding ${contentEncoding}`);
    const body = decompress(await buffer(request));
    const wire = `${encoding} ${contentEncoding}`;
    this.requestCounts.set(wire, (this.requestCounts.get(wire) ?? 0) + 1);
    const decoded = decodeOtlp(signal, body, encoding) as OtlpRequests[OtlpSignal];
    if (signal === 'traces') this.#takeSpans(decoded as TraceRequest);
    else if (signal === 'logs') this.#takeLogs(decoded as LogRequest);
    else this.#takeMetrics(decoded as MetricRequest);
    return encoding;
  }

  #takeSpans(request: TraceRequest): void {
    for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
      const of = attributesOf(resource?.attributes);
      for (const { spans } of scopeSpans ?? []) for (const span of spans ?? []) this.spans.push({ resource: of, span });
    }
  }

  #takeLogs(request: LogRequest): void {
    for (const { resource, scopeLogs } of request.resourceLogs ?? []) {
      const of = attributesOf(resource?.attributes);
      for (const { logRecords } of scopeLogs ?? []) {
        for (const record of logRecords ?? []) this.logs.push({ resource: of, record });
      }
    }
  }

  #takeMetrics(request: MetricRequest): void {
    for (const { resource, scopeMetrics } of request.resourceMetrics ?? []) {
      for (const { metrics } of scopeMetrics ?? []) {
        for (const metric of metrics ?? []) this.#takeMetric(resource, metric);
      }
    }
  }

  #takeMetric(resource: Resource | undefined, metric: Metric): void {
    const isCumulative = metric.sum?.aggregationTemporality === CUMULATIVE && metric.sum.isMonotonic === true;
    const kind = metric.histogram !== undefined ? 'histogram' : metric.sum !== undefined ? 'sum' : 'gauge';
    const points: readonly (NumberPoint & HistogramPoint)[] =
      (metric.gauge ?? metric.sum ?? metric.histogram)?.dataPoints ?? [];
    for (const point of points) {
      const value = kind === 'histogram' ? (point.sum ?? 0) : Number(point.asDouble ?? point.asInt ?? 0);
      const attributes = attributesOf(point.attributes);
      const key = JSON.stringify([metric.name, attributesOf(resource?.attributes), attributes]);
      if (!Number.isFinite(value)) this.#fault(`${key} is ${point.asDouble ?? point.sum}`);
      const before = this.#series.get(key)?.value ?? Number.NEGATIVE_INFINITY;
      if (isCumulative && value < before) this.#fault(`${key} fell from ${before} to ${value}`);
      this.#series.set(key, {
        metric: metric.name,
        unit: metric.unit ?? '',
        kind,
        resource: attributesOf(resource?.attributes),
        attributes,
        value,
        ...(point.count === undefined ? {} : { count: Number(point.count) }),
      });
    }
  }

  #fault(text: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(text);
  }
}
