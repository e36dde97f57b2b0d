/** Bytes of a request to columns of numbers: ours, protobufjs, and JSON.parse. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { isObservationKey } from '../../packages/intake/src/roles.ts';
import { TRACE_REQUEST } from '../../packages/sidecar/src/receive/bench/otlp-schema.bench.ts';
import { FEATURE_PREFIX, makeTraceRequest } from '../../packages/sidecar/src/receive/bench/payload.bench.ts';
import { createDecoder } from '../../packages/sidecar/src/receive/index.ts';
import { type BenchResult, interleave } from './result.ts';

const SPANS = 512;
const FEATURES = 20;
const GC_BATCHES = 400;

export async function benchScan(): Promise<BenchResult[]> {
  const request = makeTraceRequest({ spans: SPANS, features: FEATURES });
  const jsonBytes = new TextEncoder().encode(request.json);
  const decoder = createDecoder({ isObservationKey });
  const columns = new Map<string, Float64Array>();
  const scan = (encoding: 'protobuf' | 'json', body: Uint8Array<ArrayBuffer>) => () => {
    const decoded = decoder.decode({ signal: 'traces', encoding, compression: 'identity', body });
    if (!decoded.ok) throw new Error(decoded.message);
    return extract(decoded.view, columns);
  };
  const [ours, parse, library, oursJson] = interleave(
    [
      scan('protobuf', request.protobuf),
      () => JSON.parse(request.json),
      () => extractLibrary(TRACE_REQUEST.decode(request.protobuf) as unknown as LibraryRequest, columns),
      scan('json', jsonBytes),
    ],
    { rounds: 15, calls: 20 },
  );
  return [
    {
      name: 'scan protobuf against JSON.parse',
      value: parse / ours,
      unit: '×',
      bar: 6,
      direction: 'at least',
      against: 'JSON.parse of the same data as JSON',
    },
    {
      name: 'scan protobuf against protobufjs',
      value: library / ours,
      unit: '×',
      bar: 15,
      direction: 'at least',
      against: 'protobufjs decode and extract',
    },
    {
      name: 'scan JSON against JSON.parse',
      value: parse / oursJson,
      unit: '×',
      bar: 1.8,
      direction: 'at least',
      against: 'JSON.parse only',
    },
    {
      name: 'scan protobuf, per span',
      value: (ours * 1e6) / SPANS,
      unit: 'ns',
      direction: 'informative',
      against: `${FEATURES} features and 10 other attributes`,
    },
    {
      name: 'garbage collections of the scan',
      value: await collections(scan('protobuf', request.protobuf)),
      unit: 'in 400 batches',
      bar: 0,
      direction: 'at most',
      against: 'none',
    },
  ];
}

interface ScannedView {
  readonly itemCount: number;
  readonly itemStart: Int32Array;
  readonly attributeKey: Int32Array;
  readonly attributeNumber: Float64Array;
  readonly keys: { readonly size: number; textAt(id: number): string };
}

const columnOfKey: (Float64Array | undefined)[] = [];

/** Features into columns, as intake does it: the column of a key is looked up once. */
function extract(view: ScannedView, columns: Map<string, Float64Array>): number {
  for (let id = columnOfKey.length; id < view.keys.size; id++) {
    const key = view.keys.textAt(id);
    columnOfKey[id] = key.startsWith(FEATURE_PREFIX) ? columnOf(columns, key) : undefined;
  }
  const { attributeKey, attributeNumber, itemStart } = view;
  for (let item = 0; item < view.itemCount; item++) {
    for (let a = itemStart[item]; a < itemStart[item + 1]; a++) {
      const column = columnOfKey[attributeKey[a]];
      if (column !== undefined) column[item] = attributeNumber[a];
    }
  }
  return columns.size;
}

interface LibraryRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly attributes: readonly {
          readonly key: string;
          readonly value: { readonly doubleValue?: number; readonly intValue?: unknown };
        }[];
      }[];
    }[];
  }[];
}

function extractLibrary(request: LibraryRequest, columns: Map<string, Float64Array>): number {
  let item = 0;
  for (const resource of request.resourceSpans) {
    for (const scope of resource.scopeSpans) {
      for (const span of scope.spans) {
        for (const { key, value } of span.attributes) {
          if (key.startsWith(FEATURE_PREFIX))
            columnOf(columns, key)[item] = value.doubleValue ?? Number(value.intValue ?? 0);
        }
        item++;
      }
    }
  }
  return columns.size;
}

function columnOf(columns: Map<string, Float64Array>, key: string): Float64Array {
  const known = columns.get(key);
  if (known !== undefined) return known;
  const made = new Float64Array(SPANS);
  columns.set(key, made);
  return made;
}

/** Collections of the young generation and others while 400 batches are scanned, after a warm-up. */
async function collections(run: () => unknown): Promise<number> {
  for (let i = 0; i < 50; i++) run();
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    count += list
      .getEntries()
      .filter(
        (entry) => (entry as { detail?: { kind?: number } }).detail?.kind !== constants.NODE_PERFORMANCE_GC_WEAKCB,
      ).length;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.observe({ entryTypes: ['gc'] });
  for (let i = 0; i < GC_BATCHES; i++) run();
  await new Promise((resolve) => setTimeout(resolve, 50));
  observer.disconnect();
  return count;
}
