/**
 * OTLP messages for tests, in the shape of OTLP/JSON (ids in hex, 64-bit integers as decimal text), and their two wire
 * encodings. The decoder is protobufjs, a library: what the product's own scanner reads is checked by somebody else.
 */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

export const SIGNAL_PATHS = { traces: '/v1/traces', logs: '/v1/logs', metrics: '/v1/metrics' } as const;
export type OtlpSignal = keyof typeof SIGNAL_PATHS;

export const ENCODINGS = ['protobuf', 'json'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

export interface Resource {
  readonly attributes?: readonly KeyValue[];
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
}

export interface LogRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

export interface NumberPoint {
  readonly timeUnixNano?: string;
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly attributes?: readonly KeyValue[];
}

export interface HistogramPoint {
  readonly timeUnixNano?: string;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
  readonly attributes?: readonly KeyValue[];
}

export interface Metric {
  readonly name: string;
  readonly unit?: string;
  readonly gauge?: { readonly dataPoints?: readonly NumberPoint[] };
  readonly sum?: {
    readonly dataPoints?: readonly NumberPoint[];
    readonly aggregationTemporality?: number;
    readonly isMonotonic?: boolean;
  };
  readonly histogram?: { readonly dataPoints?: readonly HistogramPoint[]; readonly aggregationTemporality?: number };
}

export interface TraceRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

export interface LogRequest {
  readonly resourceLogs?: readonly {
    readonly resource?: Resource;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[];
  }[];
}

export interface MetricRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: Resource;
    readonly scopeMetrics?: readonly { readonly metrics?: readonly Metric[] }[];
  }[];
}

export interface OtlpRequests {
  readonly traces: TraceRequest;
  readonly logs: LogRequest;
  readonly metrics: MetricRequest;
}

const root = protobuf.parse(readFileSync(new URL('otlp.proto', import.meta.url), 'utf8')).root;
const typeOf = (name: string) => root.lookupType(`leeway.test.otlp.${name}`);
const MESSAGES = { traces: typeOf('TraceRequest'), logs: typeOf('LogRequest'), metrics: typeOf('MetricRequest') };
const ID_KEYS = new Set(['traceId', 'spanId', 'parentSpanId']);

export function encodeOtlp<S extends OtlpSignal>(signal: S, request: OtlpRequests[S], encoding: Encoding): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify(request));
  const plain = withIds(request, (id) => Buffer.from(String(id), 'hex')) as { [key: string]: unknown };
  return Buffer.from(MESSAGES[signal].encode(MESSAGES[signal].fromObject(plain)).finish());
}

/** @throws Error when the body is not a request of that signal */
export function decodeOtlp<S extends OtlpSignal>(signal: S, body: Uint8Array, encoding: Encoding): OtlpRequests[S] {
  if (encoding === 'json') return JSON.parse(Buffer.from(body).toString('utf8'));
  const plain = MESSAGES[signal].toObject(MESSAGES[signal].decode(body), { longs: String, enums: Number });
  return withIds(plain, (id) => Buffer.from(id as Uint8Array).toString('hex')) as OtlpRequests[S];
}

/** A copy in which the ids are converted. */
function withIds(value: unknown, convert: (id: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withIds(item, convert));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, ID_KEYS.has(key) ? convert(inner) : withIds(inner, convert)]),
  );
}

/** Attributes as a plain record; values that are not a scalar or an array of scalars become `undefined`. */
export function attributesOf(attributes: readonly KeyValue[] | undefined): Record<string, unknown> {
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, scalarOf(value)]));
}

export function scalarOf(value: AnyValue | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(scalarOf);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

export function anyValue(value: string | number | boolean | null | readonly (string | number | null)[]): AnyValue {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(anyValue) } };
}
