/**
 * `createLeeway`: the monitor inside a service. Spans and events go in by the SDK's processors, metrics come out by the
 * application's own reader or as text.
 */
import { randomInt } from 'node:crypto';
import {
  createPrometheusRegistry,
  EngineMetrics,
  type EngineState,
  LeewayMetricProducer,
  type MetricProducerOptions,
  type MetricSource,
  ModelMetrics,
} from '@leeway/exporter/metrics';
import { diag, type MeterProvider } from '@opentelemetry/api';
import { type Judgement, judgementOf } from './judgement.ts';
import { Monitoring } from './monitoring.ts';
import { type ObservedCounts, observeMetrics } from './observed-metrics.ts';
import { type LeewayOptions, type ReferenceSource, readOptions } from './options.ts';
import { LeewayOptionsError } from './options-error.ts';
import { LeewayLogRecordProcessor, LeewaySpanProcessor } from './processors.ts';
import { readReferences } from './references.ts';
import { VERSION } from './version.ts';

/** What `handleMetrics` needs of a response: Node's, and so Express's; Fastify's is `reply.raw`. */
export interface MetricsResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body?: string): unknown;
}

/** Panes are closed at least so often, and four times a pane; as in the sidecar. */
const TICK_MS_MAX = 1_000;
const TICK_MS_MIN = 50;
/** Metric producers of one monitor: a reader needs one, and nobody has that many. */
const PRODUCERS_MAX = 16;

/**
 * Starts to monitor the models of this process.
 *
 * @throws LeewayOptionsError with every problem of the options and the references, naming place, value and fix
 * @example
 * const leeway = createLeeway({ reference: 'reference.json' });
 * new NodeSDK({
 *   spanProcessors: [leeway.spanProcessor],
 *   metricReaders: [new PeriodicExportingMetricReader({ exporter, metricProducers: [leeway.metricProducer()] })],
 * }).start();
 */
export function createLeeway(options: LeewayOptions = {}): Leeway {
  return new Leeway(options);
}

export class Leeway {
  /** For `spanProcessors` of the tracer provider. */
  readonly spanProcessor: LeewaySpanProcessor;
  /** For `processors` of the logger provider: predictions that travel as events. */
  readonly logRecordProcessor: LeewayLogRecordProcessor;
  readonly #now: () => number;
  readonly #monitoring: Monitoring;
  readonly #sources: readonly MetricSource[];
  readonly #registry: ReturnType<typeof createPrometheusRegistry>;
  readonly #producers: LeewayMetricProducer[] = [];
  readonly #observed: ObservedCounts = { exported: 0, notFinite: 0, overLimit: 0 };
  readonly #stopTicking: () => void;
  #isObserved = false;

  /** See `createLeeway`. */
  constructor(options: LeewayOptions) {
    const { settings, references, mapping } = readOptions(options);
    this.#now = options.now ?? Date.now;
    const onError = guarded(options.onError ?? diagnostics(), () => undefined);
    const onEvaluation = options.onEvaluation === undefined ? undefined : guarded(options.onEvaluation, onError);
    const startMs = this.#now();
    const own = new EngineMetrics(
      {
        version: VERSION,
        books: () => this.#monitoring.books,
        unreferencedCount: () => this.#monitoring.unreferencedCount,
        dedupReachMs: () => this.#monitoring.dedupReachMs,
        exports: () => this.#exports(),
      },
      startMs,
    );
    try {
      this.#monitoring = new Monitoring({
        settings,
        references,
        mapping,
        now: this.#now,
        hashSeed: [randomInt(-(2 ** 31), 2 ** 31), randomInt(-(2 ** 31), 2 ** 31)],
        onError,
        onEvaluation: (judgement, durationMs) => {
          own.recordEvaluation(durationMs);
          onEvaluation?.(judgement);
        },
      });
    } catch (error) {
      throw new LeewayOptionsError([error instanceof Error ? error.message : String(error)]);
    }
    this.#sources = [own, new ModelMetrics(this.#monitoring.models, startMs)];
    this.#registry = createPrometheusRegistry(this.#sources);
    this.spanProcessor = new LeewaySpanProcessor(this.#monitoring, this);
    this.logRecordProcessor = new LeewayLogRecordProcessor(this.#monitoring, this);
    const tickMs = Math.min(TICK_MS_MAX, Math.max(TICK_MS_MIN, this.#monitoring.window.paneMs / 4));
    const tick = () => void this.#monitoring.tick().catch((error: unknown) => onError(asError(error)));
    this.#stopTicking = (options.every ?? everyUnreferenced)(tick, tickMs);
  }

  /**
   * For `metricProducers` of a metric reader, one for each reader.
   *
   * @typeParam Result the SDK's own `CollectionResult`: follows from where the producer is handed over
   * @param options.temporality the exporter's preference where it is not cumulative
   * @throws RangeError beyond 16 of them
   */
  metricProducer<Result = Awaited<ReturnType<LeewayMetricProducer['collect']>>>(
    options: Pick<MetricProducerOptions, 'temporality'> = {},
  ): { collect(): Promise<Result> } {
    if (this.#producers.length >= PRODUCERS_MAX)
      throw new RangeError(`there are ${PRODUCERS_MAX} metric producers: make one for each reader and keep it`);
    const producer = new LeewayMetricProducer({ ...options, sources: this.#sources, now: this.#now, version: VERSION });
    this.#producers.push(producer);
    return {
      collect: async () => {
        await this.#monitoring.tick();
        // The lines of the SDK differ in types only: enums and points are the same, as a test of the packages shows.
        return (await producer.collect()) as Result;
      },
    };
  }

  /**
   * Exports through instruments of this provider, where its readers are out of reach. Takes at most 1,999 series of a
   * metric, and has no histogram of evaluation times: prefer `metricProducer`. Returns the way to stop.
   */
  observeWith(meterProvider: MeterProvider): () => void {
    this.#isObserved = true;
    return observeMetrics({
      meterProvider,
      version: VERSION,
      sources: this.#sources,
      prepare: () => this.#monitoring.tick(),
      counts: this.#observed,
    });
  }

  /** Of `metricsText`. */
  get metricsContentType(): string {
    return this.#registry.contentType;
  }

  /** What `/metrics` of a sidecar would say, in Prometheus' text format. */
  async metricsText(): Promise<string> {
    await this.#monitoring.tick();
    return this.#registry.render();
  }

  /** A route handler: `app.get('/metrics', leeway.handleMetrics)`. */
  readonly handleMetrics = (_request: unknown, response: MetricsResponse): void => {
    this.metricsText().then(
      (text) => {
        response.writeHead(200, { 'content-type': this.metricsContentType });
        response.end(text);
      },
      () => {
        response.writeHead(500, { 'content-type': 'text/plain' });
        response.end('leeway: metrics cannot be collected\n');
      },
    );
  };

  /**
   * Counts everything that came, the open pane included, evaluates the windows that are due, and says what the rows so
   * far say of each model, as if its window were whole. For the end of a serverless invocation, and for tests.
   */
  async flush(): Promise<readonly Judgement[]> {
    await this.#monitoring.tick('drain');
    return this.#monitoring.models.judgeSoFar().map(({ model, evaluation }) => judgementOf(model, evaluation));
  }

  /**
   * Other references apply from now on; windows under those that stay go on.
   *
   * @throws LeewayOptionsError when one cannot be used: then nothing changed
   */
  async configure(reference: ReferenceSource | readonly ReferenceSource[]): Promise<void> {
    const { references, problems } = readReferences(reference);
    if (problems.length > 0) throw new LeewayOptionsError(problems);
    await this.#monitoring.configure(references);
  }

  /** Evaluates the last window and ends; metrics can still be collected, once more, by a reader that flushes. */
  async shutdown(): Promise<void> {
    this.#stopTicking();
    await this.#monitoring.close();
  }

  #exports(): ReturnType<EngineState['exports']> {
    if (this.#producers.length === 0 && !this.#isObserved) return undefined;
    let { exported, notFinite } = this.#observed;
    const { overLimit } = this.#observed;
    for (const { counts } of this.#producers) {
      exported += counts.exported;
      notFinite += counts.notFinite;
    }
    return { counts: { exported, notFinite, overLimit }, failures: new Map() };
  }
}

function everyUnreferenced(run: () => void, intervalMs: number): () => void {
  const timer = setInterval(run, intervalMs).unref();
  return () => clearInterval(timer);
}

/** The same, whatever it throws. */
function guarded<A>(call: (argument: A) => void, onError: (error: Error) => void): (argument: A) => void {
  return (argument) => {
    try {
      call(argument);
    } catch (error) {
      onError(asError(error));
    }
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const MESSAGES_MAX = 20;

/** Each fault once, and not more than 20: what repeats is a metric. */
function diagnostics(): (error: Error) => void {
  const said = new Set<string>();
  return ({ message }) => {
    if (said.has(message) || said.size >= MESSAGES_MAX) return;
    said.add(message);
    diag.error(`leeway: ${message}`);
  };
}
