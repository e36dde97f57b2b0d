/** One prediction of a scoring service, and how it travels: as a span, as columns of a batch span, as an event. */
import type { Flight } from './flights.ts';
import { type AnyValue, anyValue, type KeyValue, type LogRecord, type Span } from './otlp-messages.ts';

export const MODEL = { name: 'flight-delay', version: '7' } as const;

export const FEATURES = ['distance', 'hour', 'origin', 'destination'] as const;
export type FeatureName = (typeof FEATURES)[number];

/** As the service made it, and as the offline recomputation counts it. */
export interface Observation {
  readonly timeMs: number;
  /** 1 / probability that it was sampled. */
  readonly weight: number;
  /** Null is missing; text in a numeric feature is a type error. */
  readonly features: Readonly<Record<FeatureName, number | string | null>>;
  readonly score: number;
  readonly label: string;
}

export interface Identity {
  readonly traceId: string;
  readonly spanId: string;
}

const KIND_INTERNAL = 1;
const INFERENCE_MS = 2;
const SEVERITY_INFO = 9;

/**
 * A made-up model: what matters is that its outputs follow from real inputs, the same on every run. Every 97th distance
 * is missing and every 389th is no number.
 */
export function observationOf(flight: Flight, index: number): Observation {
  const date = new Date(flight.timeMs);
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
  const airport = flight.origin.charCodeAt(0) - 'A'.charCodeAt(0);
  const score = 1 / (1 + Math.exp(2.2 - 0.09 * hour - 0.0003 * flight.distance - 0.02 * airport));
  const distance = index % 97 === 13 ? null : index % 389 === 5 ? 'unknown' : flight.distance;
  return {
    timeMs: flight.timeMs,
    weight: 1,
    features: { distance, hour, origin: flight.origin, destination: flight.destination },
    score,
    label: score > 0.35 ? 'late' : 'on time',
  };
}

/** `extra` are further attributes, before the features, as the instrumentation sets them. */
export function spanOf(ids: Identity, observation: Observation, extra: readonly KeyValue[] = []): Span {
  return {
    ...spanFrame(ids, observation.timeMs),
    attributes: [...modelAttributes(), ...rowAttributes(observation, extra)],
  };
}

export function eventOf(ids: Identity, observation: Observation, row?: number): LogRecord {
  const extra = row === undefined ? [] : [{ key: 'ml.inference.row', value: anyValue(row) }];
  return {
    ...ids,
    timeUnixNano: nanoseconds(observation.timeMs),
    observedTimeUnixNano: nanoseconds(observation.timeMs + INFERENCE_MS),
    severityNumber: SEVERITY_INFO,
    eventName: 'ml.prediction',
    attributes: [...modelAttributes(), ...rowAttributes(observation, extra)],
  };
}

/** One span for all rows: every attribute of a row is an array, a missing value an empty element. */
export function batchSpanOf(ids: Identity, rows: readonly Observation[]): Span {
  const column = <T extends string | number | null>(key: string, of: (row: Observation) => T): KeyValue => ({
    key,
    value: anyValue(rows.map(of)),
  });
  const times: AnyValue[] = rows.map(({ timeMs }) => ({ intValue: nanoseconds(timeMs) }));
  return {
    ...spanFrame(ids, rows.at(-1)!.timeMs),
    attributes: [
      ...modelAttributes(),
      { key: 'ml.inference.batch.size', value: anyValue(rows.length) },
      { key: 'ml.event.time', value: { arrayValue: { values: times } } },
      column('ml.prediction.score', ({ score }) => score),
      column('ml.prediction.label', ({ label }) => label),
      ...FEATURES.map((name) => column(`ml.features.${name}`, ({ features }) => features[name])),
    ],
  };
}

export const nanoseconds = (ms: number): string => `${ms}000000`;

function spanFrame(ids: Identity, endMs: number): Span {
  return {
    ...ids,
    name: `predict ${MODEL.name}`,
    kind: KIND_INTERNAL,
    startTimeUnixNano: nanoseconds(endMs - INFERENCE_MS),
    endTimeUnixNano: nanoseconds(endMs),
  };
}

function modelAttributes(): KeyValue[] {
  return [
    { key: 'ml.operation.name', value: anyValue('predict') },
    { key: 'ml.model.name', value: anyValue(MODEL.name) },
    { key: 'ml.model.version', value: anyValue(MODEL.version) },
  ];
}

function rowAttributes({ features, score, label }: Observation, extra: readonly KeyValue[]): KeyValue[] {
  const missing = FEATURES.filter((name) => features[name] === null);
  return [
    { key: 'ml.prediction.score', value: anyValue(score) },
    { key: 'ml.prediction.label', value: anyValue(label) },
    ...extra,
    ...(missing.length === 0 ? [] : [{ key: 'ml.capture.missing', value: anyValue(missing) }]),
    ...FEATURES.filter((name) => features[name] !== null).map((name) => ({
      key: `ml.features.${name}`,
      value: anyValue(features[name]),
    })),
  ];
}
