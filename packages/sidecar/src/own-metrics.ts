/** Leeway's metrics of itself: the books, the receiver, the limits, the exports. */
import {
  type MetricFamily,
  type MetricSource,
  type PointAttributes,
  PointList,
  pointAttributes,
} from '@leeway/exporter';
import type { BooksSnapshot } from '@leeway/intake';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_LEEWAY_CAP,
  ATTR_LEEWAY_OUTCOME,
  ATTR_LEEWAY_REASON,
  ATTR_SERVICE_VERSION,
  ATTR_URL_PATH,
  METRIC_LEEWAY_BUILD_INFO,
  METRIC_LEEWAY_CARDINALITY_OVERFLOW,
  METRIC_LEEWAY_DEDUP_REACH,
  METRIC_LEEWAY_EXPORT_FAILURES,
  METRIC_LEEWAY_EXPORT_POINTS,
  METRIC_LEEWAY_ITEMS_IGNORED,
  METRIC_LEEWAY_MODELS_UNREFERENCED,
  METRIC_LEEWAY_OBSERVATIONS_IN_FLIGHT,
  METRIC_LEEWAY_OBSERVATIONS_LOST,
  METRIC_LEEWAY_OBSERVATIONS_PROCESSED,
  METRIC_LEEWAY_OBSERVATIONS_RECEIVED,
  METRIC_LEEWAY_OBSERVATIONS_UNWEIGHTED,
  METRIC_LEEWAY_RECEIVER_BYTES,
  METRIC_LEEWAY_RECEIVER_IN_FLIGHT,
  METRIC_LEEWAY_RECEIVER_REQUESTS,
  METRIC_LEEWAY_VALUES_IGNORED,
  METRIC_LEEWAY_WORKER_RESTARTS,
  METRIC_ML_MONITOR_EVALUATION_DURATION,
} from '@leeway/semconv';

export interface OwnState {
  readonly version: string;
  readonly books: () => BooksSnapshot;
  readonly dedupReachMs: () => number;
  readonly workerCrashCount: () => number;
  /** Acknowledged observations that died with workers, by what had become of them. */
  readonly lost: () => Readonly<Record<'not_booked' | 'open_pane', number>>;
  readonly unreferencedCount: () => number;
  readonly receiver: () =>
    | {
        readonly requests: readonly { readonly path: string; readonly status: number; readonly count: number }[];
        readonly bodyBytes: number;
        readonly inFlightBytes: number;
      }
    | undefined;
  readonly exports: () =>
    | {
        readonly counts: { readonly exported: number; readonly notFinite: number };
        readonly failures: ReadonlyMap<string, number>;
      }
    | undefined;
}

/** Upper bounds in seconds: an evaluation takes microseconds to milliseconds. */
const DURATION_BOUNDS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;
const NONE = pointAttributes({});

export class OwnMetrics implements MetricSource {
  readonly startMs: number;
  readonly #state: OwnState;
  readonly #attributes = new Map<string, PointAttributes>();
  readonly #durationCounts: number[] = new Array(DURATION_BOUNDS.length + 1).fill(0);
  #durationSum = 0;

  constructor(state: OwnState, startMs: number) {
    this.#state = state;
    this.startMs = startMs;
  }

  recordEvaluation(durationMs: number): void {
    const seconds = durationMs / 1000;
    const bin = DURATION_BOUNDS.findIndex((bound) => seconds <= bound);
    this.#durationCounts[bin < 0 ? DURATION_BOUNDS.length : bin]++;
    this.#durationSum += seconds;
  }

  collect(): MetricFamily[] {
    const to = new PointList();
    this.#addBooks(to, this.#state.books());
    to.add(METRIC_LEEWAY_DEDUP_REACH, NONE, this.#state.dedupReachMs() / 1000);
    to.add(METRIC_LEEWAY_WORKER_RESTARTS, NONE, this.#state.workerCrashCount());
    for (const [reason, count] of Object.entries(this.#state.lost())) {
      to.add(METRIC_LEEWAY_OBSERVATIONS_LOST, this.#with({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    to.add(METRIC_LEEWAY_MODELS_UNREFERENCED, NONE, this.#state.unreferencedCount());
    to.add(METRIC_LEEWAY_BUILD_INFO, this.#with({ [ATTR_SERVICE_VERSION]: this.#state.version }), 1);
    const receiver = this.#state.receiver();
    if (receiver !== undefined) {
      for (const { path, status, count } of receiver.requests) {
        const of = this.#with({ [ATTR_URL_PATH]: path, [ATTR_HTTP_RESPONSE_STATUS_CODE]: String(status) });
        to.add(METRIC_LEEWAY_RECEIVER_REQUESTS, of, count);
      }
      to.add(METRIC_LEEWAY_RECEIVER_BYTES, NONE, receiver.bodyBytes);
      to.add(METRIC_LEEWAY_RECEIVER_IN_FLIGHT, NONE, receiver.inFlightBytes);
    }
    const exports = this.#state.exports();
    if (exports !== undefined) {
      to.add(METRIC_LEEWAY_EXPORT_POINTS, this.#with({ [ATTR_LEEWAY_OUTCOME]: 'exported' }), exports.counts.exported);
      to.add(
        METRIC_LEEWAY_EXPORT_POINTS,
        this.#with({ [ATTR_LEEWAY_OUTCOME]: 'not_finite' }),
        exports.counts.notFinite,
      );
      for (const [kind, count] of exports.failures)
        to.add(METRIC_LEEWAY_EXPORT_FAILURES, this.#with({ [ATTR_ERROR_TYPE]: kind }), count);
    }
    const histogram = {
      attributes: NONE,
      bounds: DURATION_BOUNDS,
      counts: [...this.#durationCounts],
      sum: this.#durationSum,
    };
    return [...to.families(), { name: METRIC_ML_MONITOR_EVALUATION_DURATION, histograms: [histogram] }];
  }

  #addBooks(to: PointList, books: BooksSnapshot): void {
    for (const { outcome, reason, count } of books.processed) {
      to.add(
        METRIC_LEEWAY_OBSERVATIONS_PROCESSED,
        this.#with({ [ATTR_LEEWAY_OUTCOME]: outcome, [ATTR_LEEWAY_REASON]: reason }),
        count,
      );
    }
    to.add(METRIC_LEEWAY_OBSERVATIONS_RECEIVED, NONE, books.received);
    to.add(METRIC_LEEWAY_OBSERVATIONS_IN_FLIGHT, NONE, books.inFlight);
    for (const [reason, count] of Object.entries(books.unweighted)) {
      to.add(METRIC_LEEWAY_OBSERVATIONS_UNWEIGHTED, this.#with({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [reason, count] of Object.entries(books.ignoredValues)) {
      to.add(METRIC_LEEWAY_VALUES_IGNORED, this.#with({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [reason, count] of Object.entries({ ...books.ignored, truncated: books.truncatedItems })) {
      to.add(METRIC_LEEWAY_ITEMS_IGNORED, this.#with({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [cap, count] of Object.entries(books.overflow)) {
      to.add(METRIC_LEEWAY_CARDINALITY_OVERFLOW, this.#with({ [ATTR_LEEWAY_CAP]: cap }), count);
    }
  }

  #with(attributes: Readonly<Record<string, string>>): PointAttributes {
    const key = JSON.stringify(attributes);
    const known = this.#attributes.get(key);
    if (known !== undefined) return known;
    const made = pointAttributes(attributes);
    this.#attributes.set(key, made);
    return made;
  }
}
