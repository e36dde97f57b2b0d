/**
 * What a scoring service sends in one day, decided beforehand: real flights as observations in all three carriers, with
 * missing and ill-typed values, sampling weights, the same prediction by two carriers, a repeated request, and
 * telemetry that is none of Leeway's business. Deterministic: same rows and seed, same bytes.
 */
import { createHash } from 'node:crypto';
import type { Flight } from './flights.ts';
import {
  batchSpanOf,
  eventOf,
  type Identity,
  nanoseconds,
  type Observation,
  observationOf,
  spanOf,
} from './observation.ts';
import {
  type AnyValue,
  anyValue,
  type KeyValue,
  type LogRecord,
  type OtlpRequests,
  type Resource,
  type Span,
} from './otlp-messages.ts';

export const ENVIRONMENT = 'collector-test';
export const SERVICE = 'flight-scoring';

const BATCH_ROWS = 25;
const ITEMS_PER_REQUEST = 150;
const FOREIGN_SPANS = 120;
const FOREIGN_LOGS = 40;
/** Every so many rows of a carrier are told by an event as well. */
const TOLD_TWICE = 20;
/** W3C tracestate that says that every second trace was kept. */
const HALF_TRACESTATE = 'ot=th:8';

export type OtlpItem =
  | { readonly signal: 'traces'; readonly request: OtlpRequests['traces'] }
  | { readonly signal: 'logs'; readonly request: OtlpRequests['logs'] }
  | { readonly signal: 'metrics'; readonly request: OtlpRequests['metrics'] };

export interface Scenario {
  /** Each once, whatever was sent twice. */
  readonly observations: readonly Observation[];
  /** In the order in which the service sends them. */
  readonly items: readonly OtlpItem[];
}

export interface ItemCounts {
  readonly spans: number;
  readonly logs: number;
  /** Those that name a model. */
  readonly modelSpans: number;
  readonly modelLogs: number;
  /** Rows in them: the observations that a scanner sees. */
  readonly rows: number;
}

export function dayOf(rows: readonly Flight[], seed: string): Scenario {
  const spans: Span[] = [];
  const logs: LogRecord[] = [];
  const observations: Observation[] = [];
  const { single, batched, evented } = splitByCarrier(rows.map(inKilometres).map(observationOf));
  for (const [i, row] of single.entries()) {
    const ids = idsOf(seed, 'span', i);
    // Three kinds of sampling: none, of values by the capture policy, and of both values and traces.
    const observation = { ...row, weight: [1, 2, 4][i % 3] };
    const probability = i % 3 === 0 ? [] : [{ key: 'ml.capture.probability', value: anyValue(0.5) }];
    const span = spanOf(ids, observation, probability);
    observations.push(observation);
    spans.push(i % 3 === 2 ? { ...span, traceState: HALF_TRACESTATE } : span);
    if (i % (3 * TOLD_TWICE) === 0) logs.push(eventOf(ids, observation));
  }
  for (let i = 0; i * BATCH_ROWS < batched.length; i++) {
    const batch = batched.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS);
    const ids = idsOf(seed, 'batch', i);
    observations.push(...batch);
    spans.push(batchSpanOf(ids, batch));
    if (i % TOLD_TWICE === 0) logs.push(eventOf(ids, batch.at(-1)!, batch.length - 1));
  }
  for (const [i, observation] of evented.entries()) {
    observations.push(observation);
    logs.push(eventOf(idsOf(seed, 'event', i), observation));
  }
  for (let i = 0; i < FOREIGN_SPANS; i++) spans.splice((i * 7) % spans.length, 0, foreignSpan(seed, i, rows[0].timeMs));
  for (let i = 0; i < FOREIGN_LOGS; i++) logs.splice((i * 11) % logs.length, 0, foreignLog(i, rows[0].timeMs));
  const items = [...requestsOf(spans, traceItem), ...requestsOf(logs, logItem)];
  // A client that saw no answer sends the same request again.
  return { observations, items: [...items, items[0], items.at(-1)!, metricItem(rows[0].timeMs)] };
}

/** One more prediction, at a moment after which the day's last window is due. */
export function closingOf(flight: Flight, timeMs: number, seed: string): Scenario {
  const observation = observationOf({ ...flight, timeMs }, 0);
  return { observations: [observation], items: [traceItem([spanOf(idsOf(seed, 'closing', 0), observation)])] };
}

export function countItems(items: readonly OtlpItem[]): ItemCounts {
  const { spans, logs } = partsOf(items);
  const modelSpans = spans.filter(namesModel);
  const modelLogs = logs.filter(namesModel);
  const rowsOf = (span: Span) => {
    const size = span.attributes?.find(({ key }) => key === 'ml.inference.batch.size')?.value?.intValue;
    return size === undefined ? 1 : Number(size);
  };
  return {
    spans: spans.length,
    logs: logs.length,
    modelSpans: modelSpans.length,
    modelLogs: modelLogs.length,
    rows: modelSpans.reduce((sum, span) => sum + rowsOf(span), 0) + modelLogs.length,
  };
}

/** The same items of another model. */
export function renamed(items: readonly OtlpItem[], model: string): OtlpItem[] {
  const copies = structuredClone(items) as OtlpItem[];
  const { spans, logs } = partsOf(copies);
  for (const { attributes = [] } of [...spans, ...logs]) {
    for (const attribute of attributes as { key: string; value: AnyValue }[])
      if (attribute.key === 'ml.model.name') attribute.value = anyValue(model);
  }
  return copies;
}

/** All spans and log records, in the order in which they are sent. */
export function partsOf(items: readonly OtlpItem[]): { spans: Span[]; logs: LogRecord[] } {
  return {
    spans: items.flatMap((item) => (item.signal === 'traces' ? spansOf(item.request) : [])),
    logs: items.flatMap((item) => (item.signal === 'logs' ? logsOf(item.request) : [])),
  };
}

/** The upstream fault of the day: some airports send kilometres for miles, so that there is drift to agree on. */
const inKilometres = (flight: Flight): Flight =>
  flight.origin < 'P' ? { ...flight, distance: Math.round(flight.distance * 1.609) } : flight;

export const namesModel = (item: Span | LogRecord): boolean =>
  item.attributes?.some(({ key }) => key === 'ml.model.name') ?? false;

const spansOf = (request: OtlpRequests['traces']): Span[] =>
  (request.resourceSpans ?? []).flatMap(({ scopeSpans }) => (scopeSpans ?? []).flatMap(({ spans }) => spans ?? []));

const logsOf = (request: OtlpRequests['logs']): LogRecord[] =>
  (request.resourceLogs ?? []).flatMap(({ scopeLogs }) =>
    (scopeLogs ?? []).flatMap(({ logRecords }) => logRecords ?? []),
  );

function splitByCarrier(observations: readonly Observation[]) {
  const carriers = { single: [] as Observation[], batched: [] as Observation[], evented: [] as Observation[] };
  for (const [i, observation] of observations.entries()) {
    carriers[i % 10 < 3 ? 'single' : i % 10 < 8 ? 'batched' : 'evented'].push(observation);
  }
  return carriers;
}

function requestsOf<T>(all: readonly T[], itemOf: (part: readonly T[]) => OtlpItem): OtlpItem[] {
  const items: OtlpItem[] = [];
  for (let from = 0; from < all.length; from += ITEMS_PER_REQUEST) {
    items.push(itemOf(all.slice(from, from + ITEMS_PER_REQUEST)));
  }
  return items;
}

const RESOURCE: Resource = {
  attributes: [
    { key: 'service.name', value: anyValue(SERVICE) },
    { key: 'deployment.environment.name', value: anyValue(ENVIRONMENT) },
  ] satisfies KeyValue[],
};

const traceItem = (spans: readonly Span[]): OtlpItem => ({
  signal: 'traces',
  request: { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans }] }] },
});

const logItem = (logRecords: readonly LogRecord[]): OtlpItem => ({
  signal: 'logs',
  request: { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords }] }] },
});

const metricItem = (timeMs: number): OtlpItem => ({
  signal: 'metrics',
  request: {
    resourceMetrics: [
      {
        resource: RESOURCE,
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'ml.inference.active',
                unit: '{request}',
                gauge: { dataPoints: [{ timeUnixNano: nanoseconds(timeMs), asDouble: 3 }] },
              },
            ],
          },
        ],
      },
    ],
  },
});

function foreignSpan(seed: string, i: number, timeMs: number): Span {
  return {
    ...idsOf(seed, 'foreign', i),
    name: 'GET /health',
    kind: 2,
    startTimeUnixNano: nanoseconds(timeMs),
    endTimeUnixNano: nanoseconds(timeMs + 1),
    attributes: [{ key: 'http.response.status_code', value: anyValue(200) }],
  };
}

const foreignLog = (i: number, timeMs: number): LogRecord => ({
  timeUnixNano: nanoseconds(timeMs),
  severityNumber: 9,
  body: anyValue(`request ${i} done`),
  attributes: [{ key: 'http.route', value: anyValue('/health') }],
});

function idsOf(seed: string, kind: string, i: number): Identity {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, kind, i]))
    .digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}
