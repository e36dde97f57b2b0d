/**
 * One request as a service sends it: spans of one model with ten semantic attributes and as many features as asked
 * for, of which most are doubles (half of them with few digits, as prices and rates have), some integers, some
 * categories. The same data in both encodings; the same for the same arguments.
 */
import { TRACE_REQUEST } from './otlp-schema.bench.ts';

export interface TraceRequest {
  readonly protobuf: Uint8Array<ArrayBuffer>;
  readonly json: string;
}

type Value = { stringValue: string } | { intValue: string } | { doubleValue: number };
type Attribute = { key: string; value: Value };

const WORDS = [
  'amount',
  'age',
  'balance',
  'distance',
  'duration',
  'hour',
  'income',
  'price',
  'rate',
  'score',
  'visits',
];
const CATEGORIES = ['basic', 'standard', 'premium', 'enterprise', 'trial'];
const START_MS = Date.UTC(2026, 0, 5);

export const FEATURE_PREFIX = 'ml.features.';

/** Names of the features, in the order of their attributes. */
export function featureNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${WORDS[i % WORDS.length]}_${String(i).padStart(2, '0')}`);
}

export function makeTraceRequest({
  spans,
  features,
  seed = 1,
}: {
  spans: number;
  features: number;
  seed?: number;
}): TraceRequest {
  const random = mulberry32(seed);
  const names = featureNames(features);
  const traceRequest = {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'checkout'), text('deployment.environment.name', 'production')] },
        scopeSpans: [
          {
            scope: { name: '@leeway/instrumentation-onnxruntime', version: '0.1.0' },
            spans: Array.from({ length: spans }, (_, i) => span(i, names, random)),
          },
        ],
      },
    ],
  };
  return { protobuf: encode(traceRequest), json: JSON.stringify(traceRequest) };
}

function span(index: number, names: readonly string[], random: () => number) {
  const endMs = START_MS + index * 7;
  const id = hex(random, 16);
  return {
    traceId: hex(random, 32),
    spanId: id,
    parentSpanId: hex(random, 16),
    flags: 257,
    name: 'predict late-flights',
    kind: 1,
    startTimeUnixNano: `${endMs - 3}000000`,
    endTimeUnixNano: `${endMs}250000`,
    attributes: [
      text('ml.operation.name', 'predict'),
      text('ml.model.name', 'late-flights'),
      text('ml.model.version', '2026-01-05'),
      text('ml.model.task', 'classification'),
      text('ml.runtime.name', 'onnxruntime'),
      text('ml.runtime.version', '1.30.0'),
      text('ml.inference.id', id),
      text('ml.prediction.label', random() < 0.3 ? 'late' : 'on_time'),
      { key: 'ml.prediction.score', value: { doubleValue: random() } },
      { key: 'ml.capture.probability', value: { doubleValue: 0.25 } },
      ...names.map((name, i) => feature(name, i, random)),
    ],
    droppedAttributesCount: 0,
    status: { code: 0 },
  };
}

function feature(name: string, index: number, random: () => number): Attribute {
  const key = FEATURE_PREFIX + name;
  if (index % 7 === 5) return { key, value: { intValue: String(Math.floor(random() * 5000)) } };
  if (index % 7 === 6) return text(key, CATEGORIES[Math.floor(random() * CATEGORIES.length)]);
  const value = Math.exp(8 * random() - 4);
  return { key, value: { doubleValue: index % 2 === 0 ? value : Math.round(value * 100) / 100 } };
}

function text(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } };
}

function hex(random: () => number, digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, digits);
}

/** Field names of OTLP/JSON are protobufjs's own; only ids differ: hex there, bytes here. */
function encode(request: object): Uint8Array<ArrayBuffer> {
  const message = JSON.parse(JSON.stringify(request), (key, value) =>
    key === 'traceId' || key === 'spanId' || key === 'parentSpanId' ? [...Buffer.from(value, 'hex')] : value,
  );
  return new Uint8Array(TRACE_REQUEST.encode(TRACE_REQUEST.fromObject(message)).finish());
}

/** Bob Jenkins' small generator as Tommy Ettinger reduced it (public domain): enough for test data, and repeatable. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
