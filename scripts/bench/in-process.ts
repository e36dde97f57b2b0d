/** What the in-process monitor adds to a service: at the end of a span, and at a collection. */
import { createHash } from 'node:crypto';
import { sealProfile } from '@leeway/engine';
import { createLeeway, type Leeway } from '@leeway/in-process';
import {
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_PREDICTION_SCORE,
  PREFIX_ML_FEATURES,
} from '@leeway/semconv';
import { type Attributes, ROOT_CONTEXT } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { profileOf, type SampleColumn } from '../../packages/engine/test/sample-profile.ts';
import { sampleStream } from '../../packages/engine/test/sample-stream.ts';
import { type BenchResult, interleave, median } from './result.ts';

const SPANS = 2_000;
const FEATURES = 20;
const EXPORT_BATCH = 512;
const COLLECTIONS = 40;
const CATEGORIES = ['basic', 'standard', 'premium', 'enterprise', 'trial'];
const stream = sampleStream(1);
const names = Array.from({ length: FEATURES }, (_, i) => `feature_${i}`);
const isText = (i: number) => i % 7 === 6;
const drawn = (i: number) => (isText(i) ? CATEGORIES[stream.whole(CATEGORIES.length)] : Math.exp(stream.normal()));
const sample = profileOf(
  Object.fromEntries(
    names.map((name, i): [string, SampleColumn] => [
      name,
      Array.from({ length: 2_000 }, () => drawn(i)) as SampleColumn,
    ]),
  ),
  { model: { name: 'late-flights' } },
);
const { id: _, ...draft } = sample;
const reference = sealProfile(draft, (text) => createHash('sha256').update(text).digest('hex'));
const rows: readonly Attributes[] = Array.from({ length: SPANS }, () => ({
  [ATTR_ML_MODEL_NAME]: 'late-flights',
  [ATTR_ML_MODEL_VERSION]: '1',
  [ATTR_ML_PREDICTION_SCORE]: stream.uniform(),
  ...Object.fromEntries(names.map((name, i) => [`${PREFIX_ML_FEATURES}${name}`, drawn(i)])),
}));
const others: readonly Attributes[] = rows.map((_, i) => ({
  'http.request.method': 'GET',
  'url.path': `/orders/${i}`,
  'http.response.status_code': 200,
  'server.address': 'shop.example',
}));
const SETTINGS = { reference, limits: { dedup_ids: 20_000 }, every: () => () => undefined };

export async function benchInProcess(): Promise<BenchResult[]> {
  const leeway = createLeeway(SETTINGS);
  const ending = [
    spans([], rows),
    spans([leeway.spanProcessor], rows),
    spans([encoding()], rows),
    spans([], others),
    spans([leeway.spanProcessor], others),
  ];
  const [none, ours, encoded, noneOther, oursOther] = interleave(ending, { rounds: 15, calls: 2 });
  const microseconds = (ms: number) => (ms * 1e3) / SPANS;
  const results: BenchResult[] = [
    {
      name: 'in process, a span with 20 features',
      value: ours / none,
      unit: '×',
      bar: 2.5,
      direction: 'at most',
      against: 'the same span without the processor',
    },
    {
      name: 'in process against OTLP encoding',
      value: (ours - none) / (encoded - none),
      unit: '×',
      bar: 1,
      direction: 'at most',
      against: 'what the service pays to encode the span for a sidecar, without sending it',
    },
    {
      name: 'in process, added per span with 20 features',
      value: microseconds(ours - none),
      unit: 'µs',
      direction: 'informative',
      against: `${microseconds(none).toPrecision(3)} µs for the span itself`,
    },
    {
      name: 'in process, added per span that is no prediction',
      value: microseconds(oursOther - noneOther),
      unit: 'µs',
      direction: 'informative',
      against: '4 attributes',
    },
    ...(await collections(leeway)),
  ];
  await leeway.shutdown();
  return results;
}

/** The metric producer against observable instruments: both with the SDK's reader behind them. */
async function collections(leeway: Leeway): Promise<BenchResult[]> {
  await leeway.flush();
  const { resourceMetrics } = await leeway.metricProducer().collect();
  const pointCount = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
  const producing = meters([leeway.metricProducer()]);
  const observing = meters([]);
  leeway.observeWith(observing);
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < COLLECTIONS; round++) {
    for (const [index, provider] of [producing, observing].entries()) {
      const started = performance.now();
      await provider.forceFlush();
      times[index].push(performance.now() - started);
    }
  }
  const [produced, observed] = times.map((all) => (median(all) * 1e3) / pointCount);
  const against = `${pointCount.toLocaleString('en-US')} points of one model`;
  return [
    {
      name: 'in process, a point by the metric producer',
      value: produced,
      unit: 'µs',
      direction: 'informative',
      against,
    },
    {
      name: 'in process, a point by observable instruments',
      value: observed / produced,
      unit: '×',
      direction: 'informative',
      against: 'the metric producer',
    },
  ];
}

function meters(metricProducers: MetricProducer[]): MeterProvider {
  const exporter: PushMetricExporter = {
    export: (_, done) => done({ code: ExportResultCode.SUCCESS }),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, metricProducers });
  return new MeterProvider({ readers: [reader] });
}

/** Encodes in batches of the size that the batch processor sends. */
function encoding(): SpanProcessor {
  let batch: ReadableSpan[] = [];
  const onEnd = (span: ReadableSpan) => {
    batch.push(span);
    if (batch.length < EXPORT_BATCH) return;
    ProtobufTraceSerializer.serializeRequest(batch);
    batch = [];
  };
  return { onStart: () => undefined, onEnd, forceFlush: async () => undefined, shutdown: async () => undefined };
}

/** Ends all spans under a provider with these processors, and one that makes the SDK record. */
function spans(processors: readonly SpanProcessor[], attributes: readonly Attributes[]): () => void {
  const recording = {
    onStart: () => undefined,
    onEnd: () => undefined,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const tracer = new TracerProvider({ spanProcessors: [recording, ...processors] }).getTracer('bench');
  return () => {
    for (const one of attributes) tracer.startSpan('predict late-flights', { attributes: one }, ROOT_CONTEXT).end();
  };
}
