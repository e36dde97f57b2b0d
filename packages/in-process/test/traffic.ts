/**
 * A minute of telemetry as a service would emit it, through the real SDK: predictions in every form that Leeway knows,
 * and everything that may stand around them. Deterministic but for the ids.
 */

import { schemaHash } from '@leeway/intake';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_CAPTURE_MISSING,
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_CAPTURE_SCHEMA_HASH,
  ATTR_ML_CAPTURE_SCHEMA_NAMES,
  ATTR_ML_CAPTURE_VALUES,
  ATTR_ML_EVENT_TIME,
  ATTR_ML_GROUND_TRUTH_LABEL,
  ATTR_ML_INFERENCE_ROW,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_SCORE,
  EVENT_ML_PREDICTION,
  PREFIX_ML_FEATURES,
} from '@leeway/semconv';
import { type Attributes, type Context, createTraceState, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Row, rowsOf } from '../../sidecar/test/scoring.ts';

export interface Emitted {
  readonly spans: ReadableSpan[];
  readonly records: ReadableLogRecord[];
}

const NONE = { forceFlush: async () => undefined, shutdown: async () => undefined };
const amount = `${PREFIX_ML_FEATURES}amount`;
const country = `${PREFIX_ML_FEATURES}country`;

/** A service in one environment. */
export class Service {
  readonly #emitted: Emitted = { spans: [], records: [] };
  readonly #tracer;
  readonly #logger;

  constructor(environment: string) {
    const resource = resourceFromAttributes({
      'service.name': 'shop',
      [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: environment,
    });
    const { spans, records } = this.#emitted;
    const spanProcessors = [
      { ...NONE, onStart: () => undefined, onEnd: (span: ReadableSpan) => void spans.push(span) },
    ];
    this.#tracer = new TracerProvider({ resource, spanProcessors }).getTracer('test');
    const processors = [{ ...NONE, onEmit: (record: ReadableLogRecord) => void records.push(record) }];
    this.#logger = new LoggerProvider({ resource, processors }).getLogger('test');
  }

  /** What came since the last call. */
  take(): Emitted {
    const { spans, records } = this.#emitted;
    return { spans: spans.splice(0), records: records.splice(0) };
  }

  span(attributes: Attributes, timeMs: number, context: Context = ROOT_CONTEXT): Context {
    const span = this.#tracer.startSpan('predict', { startTime: timeMs - 1, root: false, attributes }, context);
    span.end(timeMs);
    return trace.setSpan(context, span);
  }

  event(attributes: Attributes, timeMs: number, context: Context, eventName: string = EVENT_ML_PREDICTION): void {
    this.#logger.emit({ eventName, attributes, timestamp: timeMs, context });
  }

  /** Every form of prediction, and what is none. */
  minute(timeMs: number, seed: number, shift = 0): void {
    const rows = rowsOf(400, seed, shift);
    rows.forEach((row, i) => {
      this.#prediction(row, i, timeMs + (i % 7) * 0.25);
    });
    const batch = rowsOf(64, seed + 1_000, shift);
    const columns = {
      [amount]: batch.map((row) => row.amount as number),
      [country]: batch.map((row) => row.country),
      [ATTR_ML_PREDICTION_SCORE]: batch.map((row) => row.score),
    };
    this.span({ ...model(), ...columns }, timeMs);
    this.span({ ...model(), ...columns, [ATTR_ML_INFERENCE_ROW]: batch.map((_, i) => 3 * i) }, timeMs);
    const times = batch.map((_, i) => (timeMs - 30_000 * (i % 3)) * 1e6);
    this.span({ ...model(), ...columns, [ATTR_ML_EVENT_TIME]: times }, timeMs);
    this.#packed(timeMs, seed, shift);
    this.#oddities(timeMs);
  }

  #prediction(row: Row, i: number, timeMs: number): void {
    const features: Attributes = { [amount]: row.amount as number, [country]: row.country };
    const attributes: Attributes = { ...model(), ...features, [ATTR_ML_PREDICTION_SCORE]: row.score };
    if (i % 10 === 1) attributes[ATTR_ML_CAPTURE_PROBABILITY] = 0.25;
    if (i % 10 === 2) {
      delete attributes[amount];
      attributes[ATTR_ML_CAPTURE_MISSING] = ['amount'];
    }
    const context = this.span(attributes, timeMs, i % 10 < 3 ? sampledContext(i) : ROOT_CONTEXT);
    // The same prediction by the other carrier counts once; an event alone counts too.
    if (i % 10 === 4) this.event(attributes, timeMs, context);
    if (i % 10 === 5) this.event({ ...attributes, [amount]: row.score }, timeMs, this.span({}, timeMs));
    if (i % 10 === 6) this.event(attributes, timeMs, ROOT_CONTEXT);
  }

  /** Packed values: a batch column by column, and an event a row. Their names come once a minute, or never. */
  #packed(timeMs: number, seed: number, shift: number): void {
    const rows = rowsOf(32, seed + 2_000, shift);
    const amounts = rows.map((row) => row.amount as number);
    const names = ['amount', 'score_before'];
    const packed = (values: (number | null)[], hash = schemaHash(names)) =>
      ({ ...model(), [ATTR_ML_CAPTURE_SCHEMA_HASH]: hash, [ATTR_ML_CAPTURE_VALUES]: values }) as Attributes;
    const batch = {
      ...packed([...amounts, ...rows.map((row) => row.score)]),
      [ATTR_ML_PREDICTION_SCORE]: rows.map((row) => row.score),
      [country]: rows.map((row) => row.country),
    };
    this.span({ ...batch, [ATTR_ML_CAPTURE_SCHEMA_NAMES]: names }, timeMs);
    this.span(batch, timeMs);
    this.event(packed([amounts[0], 0.5]), timeMs, this.span({}, timeMs));
    this.event(packed([amounts[1]]), timeMs, ROOT_CONTEXT);
    this.span(packed([null, 1]), timeMs);
    this.span(packed([1, 2, 3], schemaHash(['of', 'another', 'model'])), timeMs);
  }

  #oddities(timeMs: number): void {
    const span = (attributes: Attributes, at = timeMs) => this.span({ ...model(), ...attributes }, at);
    span({ [amount]: Number.NaN, [country]: 'NL' });
    span({ [amount]: Number.POSITIVE_INFINITY });
    span({ [amount]: '12.5', [country]: 'é\u{1f600}' });
    span({ [amount]: true, [country]: false });
    span({ [amount]: 1e300, [country]: '' });
    span({ [amount]: 2 ** 60, [country]: 'x'.repeat(5_000) });
    span({ [amount]: -0, [country]: 'é'.repeat(600) });
    span({ [amount]: [1, 2, 3], [country]: ['NL'] });
    span({ [amount]: [1, null, 3], [country]: ['NL', undefined, 'DE'] } as Attributes);
    span({ [amount]: [] });
    span({ [amount]: new Array(40_000).fill(1) });
    span({ [`${PREFIX_ML_FEATURES}constructor`]: 1, [`${PREFIX_ML_FEATURES}__proto__`]: 2 });
    span({ [`${PREFIX_ML_FEATURES}${'k'.repeat(300)}`]: 1 });
    span({ [amount]: 5 }, timeMs - 3_600_000);
    span({ [amount]: 5 }, timeMs + 7_200_000);
    this.span({ [amount]: 5 }, timeMs);
    this.span({ 'http.request.method': 'GET', 'url.path': `/${timeMs}` }, timeMs);
    this.span({ ...model('unknown', '7'), [amount]: 1, [`${PREFIX_ML_FEATURES}other`]: 'x' }, timeMs);
    this.span({ ...model('risk', '2-rc'), [amount]: 1 }, timeMs);
    this.event({ ...model(), [ATTR_ML_GROUND_TRUTH_LABEL]: 'yes' }, timeMs, ROOT_CONTEXT, 'ml.ground_truth');
    this.event({ ...model(), [amount]: 1 }, timeMs, ROOT_CONTEXT, 'something.else');
    this.event({ ...model(), [amount]: { nested: 1 }, [country]: [['NL'], 'DE'] }, timeMs, ROOT_CONTEXT);
  }
}

function model(name = 'risk', version = '1'): Attributes {
  return { [ATTR_ML_MODEL_NAME]: name, [ATTR_ML_MODEL_VERSION]: version };
}

/** A parent in another process, sampled with probability 1/2 (th:8), 1/16 (th:f), or without saying. */
function sampledContext(i: number): Context {
  const traceState = ['ot=th:8', 'other=1,ot=rv:aa;th:f', 'other=1'][i % 3];
  const hex = (i + 1).toString(16);
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: hex.padStart(32, '0'),
    spanId: hex.padStart(16, '0'),
    traceFlags: TraceFlags.SAMPLED,
    traceState: createTraceState(traceState),
    isRemote: true,
  });
}
