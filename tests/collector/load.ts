/**
 * Trace requests for the CPU comparison: the shape of the benchmarks, 512 spans of 10 semantic attributes and 20
 * features, as gzipped protobuf. Values are made once; every request gets ids and a time of its own by writing them into
 * the encoded bytes, because a repeated span is a duplicate and costs the sidecar less.
 */
import { gzipSync } from 'node:zlib';
import { nanoseconds } from './observation.ts';
import { anyValue, encodeOtlp, type KeyValue, type Span } from './otlp-messages.ts';
import type { WireRequest } from './send.ts';

export const LOAD_MODEL = { name: 'load', version: '1' } as const;
export const LOAD_FEATURES = Array.from({ length: 20 }, (_, i) => `feature_${String(i).padStart(2, '0')}`);
export const SPANS_PER_REQUEST = 512;

const TEMPLATES = 20;
/** Ids and time of the template's span i: `i` in hex, and this moment, searched for in the bytes. */
const MARK_NS = 0x0102030405060708n;

interface Template {
  readonly bytes: Buffer;
  /** Where each span's trace id and end time stand. */
  readonly traceIdOffsets: readonly number[];
  readonly endOffsets: readonly number[];
}

export type RandomSource = () => number;

/** Standard normal numbers of a seed: mulberry32 and Box–Muller. */
export function normalNumbers(seed: number): RandomSource {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export class Load {
  readonly #templates: readonly Template[];
  #requestCount = 0;

  constructor(seed: number) {
    const random = normalNumbers(seed);
    this.#templates = Array.from({ length: TEMPLATES }, () => templateOf(random));
  }

  /** Made so far. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** Requests whose spans end at that moment; no id is ever used twice. */
  requests(count: number, endMs: number): WireRequest[] {
    return Array.from({ length: count }, () => {
      const { bytes, traceIdOffsets, endOffsets } = this.#templates[this.#requestCount % TEMPLATES];
      this.#requestCount++;
      for (const offset of traceIdOffsets) bytes.writeUInt32BE(this.#requestCount, offset);
      for (const offset of endOffsets) bytes.writeBigUInt64LE(BigInt(nanoseconds(endMs)), offset);
      const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
      return { path: '/v1/traces', headers, body: gzipSync(bytes) };
    });
  }
}

function templateOf(random: RandomSource): Template {
  const spans = Array.from({ length: SPANS_PER_REQUEST }, (_, i) => loadSpan(i, random));
  const resource = { attributes: [{ key: 'service.name', value: anyValue('load') }] };
  const bytes = encodeOtlp('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }, 'protobuf');
  const mark = Buffer.alloc(8);
  mark.writeBigUInt64LE(MARK_NS);
  const traceIdOffsets: number[] = [];
  const endOffsets: number[] = [];
  for (const { traceId } of spans) {
    traceIdOffsets.push(bytes.indexOf(Buffer.from(traceId, 'hex'), traceIdOffsets.at(-1) ?? 0));
    endOffsets.push(bytes.indexOf(mark, traceIdOffsets.at(-1)));
  }
  if (new Set([...traceIdOffsets, ...endOffsets]).size !== 2 * SPANS_PER_REQUEST) throw new Error('ids are not found');
  return { bytes, traceIdOffsets, endOffsets };
}

function loadSpan(i: number, random: RandomSource): Span {
  const score = 1 / (1 + Math.exp(-random()));
  const attributes: Readonly<Record<string, string | number>> = {
    'ml.operation.name': 'predict',
    'ml.model.name': LOAD_MODEL.name,
    'ml.model.version': LOAD_MODEL.version,
    'ml.model.task': 'classification',
    'ml.runtime.name': 'onnxruntime',
    'ml.runtime.version': '1.30.0',
    'ml.inference.id': `inference-${i}`,
    'ml.prediction.score': score,
    'ml.prediction.label': score > 0.5 ? 'yes' : 'no',
    'ml.capture.probability': 1,
    ...Object.fromEntries(LOAD_FEATURES.map((name) => [`ml.features.${name}`, random()])),
  };
  return {
    traceId: (i + 1).toString(16).padStart(32, 'c0ffee00'),
    spanId: (i + 1).toString(16).padStart(16, 'ab'),
    name: `predict ${LOAD_MODEL.name}`,
    kind: 1,
    startTimeUnixNano: '1',
    endTimeUnixNano: String(MARK_NS),
    attributes: Object.entries(attributes).map(([key, value]): KeyValue => ({ key, value: anyValue(value) })),
  };
}
