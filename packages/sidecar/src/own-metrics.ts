/** The sidecar's metrics of itself: those of every host, and the receiver and the workers. */
import {
  EngineMetrics,
  type EngineState,
  KnownAttributes,
  type MetricFamily,
  type MetricSource,
  PointList,
  pointAttributes,
} from '@leeway/exporter';
import {
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_LEEWAY_REASON,
  ATTR_URL_PATH,
  METRIC_LEEWAY_OBSERVATIONS_LOST,
  METRIC_LEEWAY_QUEUE_AGE,
  METRIC_LEEWAY_QUEUE_SIZE,
  METRIC_LEEWAY_RECEIVER_BYTES,
  METRIC_LEEWAY_RECEIVER_IN_FLIGHT,
  METRIC_LEEWAY_RECEIVER_REQUESTS,
  METRIC_LEEWAY_WORKER_RESTARTS,
} from '@leeway/semconv';

export interface OwnState extends EngineState {
  readonly workerCrashCount: () => number;
  /** Acknowledged observations that died with workers, by what had become of them. */
  readonly lost: () => Readonly<Record<'not_booked' | 'open_pane', number>>;
  readonly receiver: () =>
    | {
        readonly requests: readonly { readonly path: string; readonly status: number; readonly count: number }[];
        readonly bodyBytes: number;
        readonly inFlightBytes: number;
      }
    | undefined;
  readonly queue: () => { readonly ageMs: number; readonly bytes: number };
}

const NONE = pointAttributes({});

export class OwnMetrics implements MetricSource {
  readonly startMs: number;
  readonly #state: OwnState;
  readonly #engine: EngineMetrics;
  readonly #attributes = new KnownAttributes();

  constructor(state: OwnState, startMs: number) {
    this.#state = state;
    this.#engine = new EngineMetrics(state, startMs);
    this.startMs = startMs;
  }

  recordEvaluation(durationMs: number): void {
    this.#engine.recordEvaluation(durationMs);
  }

  collect(): MetricFamily[] {
    const to = new PointList();
    to.add(METRIC_LEEWAY_WORKER_RESTARTS, NONE, this.#state.workerCrashCount());
    for (const [reason, count] of Object.entries(this.#state.lost())) {
      to.add(METRIC_LEEWAY_OBSERVATIONS_LOST, this.#attributes.of({ [ATTR_LEEWAY_REASON]: reason }), count);
    }
    const queue = this.#state.queue();
    to.add(METRIC_LEEWAY_QUEUE_AGE, NONE, queue.ageMs / 1000);
    to.add(METRIC_LEEWAY_QUEUE_SIZE, NONE, queue.bytes);
    const receiver = this.#state.receiver();
    if (receiver !== undefined) {
      for (const { path, status, count } of receiver.requests) {
        const of = this.#attributes.of({ [ATTR_URL_PATH]: path, [ATTR_HTTP_RESPONSE_STATUS_CODE]: String(status) });
        to.add(METRIC_LEEWAY_RECEIVER_REQUESTS, of, count);
      }
      to.add(METRIC_LEEWAY_RECEIVER_BYTES, NONE, receiver.bodyBytes);
      to.add(METRIC_LEEWAY_RECEIVER_IN_FLIGHT, NONE, receiver.inFlightBytes);
    }
    return [...this.#engine.collect(), ...to.families()];
  }
}
