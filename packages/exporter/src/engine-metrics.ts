/** Leeway's metrics of itself that every host has: the books, the limits, the exports, the evaluations. */
import {
  ATTR_ERROR_TYPE,
  ATTR_LEEWAY_CAP,
  ATTR_LEEWAY_OUTCOME,
  ATTR_LEEWAY_REASON,
  ATTR_LEEWAY_SIGNAL,
  ATTR_SERVICE_VERSION,
  METRIC_LEEWAY_BUILD_INFO,
  METRIC_LEEWAY_CARDINALITY_OVERFLOW,
  METRIC_LEEWAY_DEDUP_REACH,
  METRIC_LEEWAY_EXPORT_FAILURES,
  METRIC_LEEWAY_EXPORT_POINTS,
  METRIC_LEEWAY_ITEMS_IGNORED,
  METRIC_LEEWAY_MODELS_UNREFERENCED,
  METRIC_LEEWAY_OBSERVATIONS_IN_FLIGHT,
  METRIC_LEEWAY_OBSERVATIONS_PROCESSED,
  METRIC_LEEWAY_OBSERVATIONS_RECEIVED,
  METRIC_LEEWAY_OBSERVATIONS_UNWEIGHTED,
  METRIC_LEEWAY_VALUES_IGNORED,
  METRIC_ML_MONITOR_EVALUATION_DURATION,
} from '@leeway/semconv';
import { KnownAttributes } from './known-attributes.ts';
import { type MetricFamily, type MetricSource, pointAttributes } from './metric-family.ts';
import { PointList } from './point-list.ts';

/** Where every observation went, as intake counts it. */
export interface BooksView {
  readonly received: number;
  readonly processed: readonly { readonly outcome: string; readonly reason: string; readonly count: number }[];
  readonly inFlight: number;
  readonly unweighted: Readonly<Record<string, number>>;
  readonly ignoredValues: Readonly<Record<string, number>>;
  readonly truncatedItems: number;
  readonly ignored: Readonly<Record<string, number>>;
  readonly overflow: Readonly<Record<string, number>>;
}

export interface EngineState {
  readonly version: string;
  readonly books: () => BooksView;
  readonly dedupReachMs: () => number;
  /** Models that send observations and have no reference. */
  readonly unreferencedCount: () => number;
  /** Points by outcome and failed exports by class of error; undefined when nothing is exported that way. */
  readonly exports: () =>
    | {
        readonly counts: {
          /** Taken by the backend; handed over, where nobody says what became of them. */
          readonly exported: number;
          /** Not taken; undefined where nobody says so. */
          readonly failed?: number;
          readonly notFinite: number;
          readonly overLimit?: number;
        };
        readonly failures: ReadonlyMap<string, number>;
      }
    | undefined;
  /** Exports of spans and of log records that failed, by class of error. */
  readonly failures?: () => Readonly<Record<'traces' | 'logs', ReadonlyMap<string, number>>>;
}

/** Upper bounds in seconds: an evaluation takes microseconds to milliseconds. */
const DURATION_BOUNDS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;
const NONE = pointAttributes({});

export class EngineMetrics implements MetricSource {
  readonly startMs: number;
  readonly #state: EngineState;
  readonly #attributes = new KnownAttributes();
  readonly #durationCounts: number[] = new Array(DURATION_BOUNDS.length + 1).fill(0);
  #durationSum = 0;

  constructor(state: EngineState, startMs: number) {
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
    to.add(METRIC_LEEWAY_MODELS_UNREFERENCED, NONE, this.#state.unreferencedCount());
    to.add(METRIC_LEEWAY_BUILD_INFO, this.#attributes.of({ [ATTR_SERVICE_VERSION]: this.#state.version }), 1);
    this.#addExports(to);
    const histogram = {
      attributes: NONE,
      bounds: DURATION_BOUNDS,
      counts: [...this.#durationCounts],
      sum: this.#durationSum,
    };
    return [...to.families(), { name: METRIC_ML_MONITOR_EVALUATION_DURATION, histograms: [histogram] }];
  }

  #addExports(to: PointList): void {
    for (const [signal, failures] of Object.entries(this.#state.failures?.() ?? {}))
      this.#addFailures(to, signal, failures);
    const exports = this.#state.exports();
    if (exports === undefined) return;
    const { exported, failed, notFinite, overLimit } = exports.counts;
    for (const [outcome, count] of Object.entries({ exported, failed, not_finite: notFinite, over_limit: overLimit })) {
      if (count !== undefined)
        to.add(METRIC_LEEWAY_EXPORT_POINTS, this.#attributes.of({ [ATTR_LEEWAY_OUTCOME]: outcome }), count);
    }
    this.#addFailures(to, 'metrics', exports.failures);
  }

  #addFailures(to: PointList, signal: string, failures: ReadonlyMap<string, number>): void {
    for (const [kind, count] of failures) {
      const attributes = this.#attributes.of({ [ATTR_ERROR_TYPE]: kind, [ATTR_LEEWAY_SIGNAL]: signal });
      to.add(METRIC_LEEWAY_EXPORT_FAILURES, attributes, count);
    }
  }

  #addBooks(to: PointList, books: BooksView): void {
    for (const { outcome, reason, count } of books.processed) {
      to.add(
        METRIC_LEEWAY_OBSERVATIONS_PROCESSED,
        this.#attributes.of({ [ATTR_LEEWAY_OUTCOME]: outcome, [ATTR_LEEWAY_REASON]: reason }),
        count,
      );
    }
    to.add(METRIC_LEEWAY_OBSERVATIONS_RECEIVED, NONE, books.received);
    to.add(METRIC_LEEWAY_OBSERVATIONS_IN_FLIGHT, NONE, books.inFlight);
    for (const [reason, count] of Object.entries(books.unweighted)) {
      to.add(METRIC_LEEWAY_OBSERVATIONS_UNWEIGHTED, this.#attributes.of({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [reason, count] of Object.entries(books.ignoredValues)) {
      to.add(METRIC_LEEWAY_VALUES_IGNORED, this.#attributes.of({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [reason, count] of Object.entries({ ...books.ignored, truncated: books.truncatedItems })) {
      to.add(METRIC_LEEWAY_ITEMS_IGNORED, this.#attributes.of({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    for (const [cap, count] of Object.entries(books.overflow)) {
      to.add(METRIC_LEEWAY_CARDINALITY_OVERFLOW, this.#attributes.of({ [ATTR_LEEWAY_CAP]: cap }), count);
    }
  }
}
