/**
 * What monitoring adds to an inference, in CPU time of the thread, against the same work without it; and against a span
 * written by hand. The bars are shares of a bare onnxruntime run of the same run, measured beside: 1, 3, 6 and 12 µs of
 * the 24 µs that it takes on the machine the bars were set on.
 */
import {
  type CaptureOptions,
  capturePolicy,
  InferenceRecorder,
  monitor,
  setMeterProvider,
  setTracerProvider,
} from '@leeway/instrumentation';
import {
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  METRIC_ML_INFERENCE_DURATION,
  PREFIX_ML_FEATURES,
} from '@leeway/semconv';
import { context, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
  MeterProvider as SdkMeterProvider,
} from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, NoopSpanProcessor, TracerProvider as SdkTracerProvider } from '@opentelemetry/sdk-trace';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type BenchResult, interleave, median, threadCpu } from './result.ts';
import { linearModel } from './tiny-model.ts';

const FEATURES = 20;
const ROWS = 64;
/** Microseconds of the bare run that the bars were set against. */
const RUN_US = 24;
/** The kernel counts a thread's time in milliseconds: rounds are long. */
const SETTINGS = { rounds: 9, calls: 10_000, clock: threadCpu };
const RUNS = { rounds: 9, calls: 3_000 };
const MODEL = { name: 'fraud', version: '7' };

interface Variant {
  readonly name: string;
  /** Microseconds beside a run of 24. */
  readonly bar?: number;
  readonly tracers?: TracerProvider;
  readonly meters?: MeterProvider;
  readonly capture?: CaptureOptions;
}

const names = Array.from({ length: FEATURES }, (_, i) => `feature_${i}`);
const rows = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries(names.map((name, i) => [name, Math.sin(row * FEATURES + i)])),
);
const RESULT = { label: 'ok', score: 0.93 };
const work = () => RESULT;

export async function benchInstrumentation(): Promise<BenchResult[]> {
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  const meters = new SdkMeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });
  const recording = new SdkTracerProvider({ spanProcessors: [new NoopSpanProcessor()] });
  const unsampled = new SdkTracerProvider({
    spanProcessors: [new NoopSpanProcessor()],
    sampler: new AlwaysOffSampler(),
  });
  const variants: Variant[] = [
    { name: 'no SDK', bar: 0.3 },
    { name: 'metrics only', bar: 1, meters },
    { name: 'unsampled span', bar: 3, meters, tracers: unsampled },
    { name: 'recorded span without values', bar: 6, meters, tracers: recording },
    { name: 'recorded with 20 features', bar: 12, meters, tracers: recording, capture: { features: '*' } },
    { name: 'packed with 20 features', meters, tracers: recording, capture: { features: '*', carrier: 'packed' } },
  ];
  try {
    const monitored = variants.map(monitoredLoop);
    const [bare, hand, ...added] = interleave(
      [bareLoop(), handWritten(recording, meters), ...monitored].map((loop) => () => loop()),
      SETTINGS,
    );
    const run = await bareRun();
    const us = (ms: number) => (ms - bare) * 1000;
    return [
      ...variants.flatMap(({ name, bar }, index) => costOf(name, bar, us(added[index]), run)),
      ratio(us(added[variants.findIndex(({ name }) => name.startsWith('recorded with'))]), us(hand)),
      { name: 'bare onnxruntime run', value: run, unit: 'µs', direction: 'informative', against: 'thread CPU, MatMul' },
      ...(await onRealRuns(recording, meters)),
      allocation('allocated, recorded with 20 features', monitored[4]),
      allocation('allocated, span by hand', handWritten(recording, meters)),
    ];
  } finally {
    setTracerProvider(undefined);
    setMeterProvider(undefined);
    context.disable();
    await meters.shutdown();
  }
}

function costOf(name: string, bar: number | undefined, us: number, run: number): BenchResult[] {
  return [
    {
      name: `monitoring, ${name}`,
      value: (us / run) * 100,
      unit: '% of a run',
      direction: bar === undefined ? 'informative' : 'at most',
      ...(bar === undefined ? {} : { bar: Number(((bar / RUN_US) * 100).toPrecision(3)) }),
      against: `added to a bare onnxruntime run${bar === undefined ? '' : `: ${bar} µs of ${RUN_US}`}`,
    },
    { name: `monitoring, ${name}, µs`, value: us, unit: 'µs', direction: 'informative', against: 'thread CPU' },
  ];
}

function ratio(ours: number, hand: number): BenchResult {
  return {
    name: 'monitoring against a span by hand',
    value: ours / hand,
    unit: '×',
    bar: 1.1,
    direction: 'at most',
    against: `startActiveSpan, the same attributes set one by one, one histogram: ${hand.toFixed(1)} µs`,
  };
}

function bareLoop(): () => unknown {
  let i = 0;
  return () => {
    i = (i + 1) % ROWS;
    return rows[i] === undefined ? undefined : work();
  };
}

/** Sets the providers when the loop turns to it, which costs a comparison a call. */
function monitoredLoop({ tracers, meters, capture }: Variant): () => unknown {
  const model = monitor({ model: MODEL, features: names, capture: capture ?? {} });
  let i = 0;
  return () => {
    use(tracers, meters);
    i = (i + 1) % ROWS;
    return model.predict(rows[i], work);
  };
}

let usedTracers: TracerProvider | undefined;
let usedMeters: MeterProvider | undefined;

function use(tracers: TracerProvider | undefined, meters: MeterProvider | undefined): void {
  if (tracers === usedTracers && meters === usedMeters) return;
  usedTracers = tracers;
  usedMeters = meters;
  setTracerProvider(tracers);
  setMeterProvider(meters);
}

/** What an engineer who knows OpenTelemetry writes for one model, in the fastest way its SDK offers. */
function handWritten(tracers: TracerProvider, meters: MeterProvider): () => unknown {
  const tracer = tracers.getTracer('by-hand');
  const duration = meters.getMeter('by-hand').createHistogram(METRIC_ML_INFERENCE_DURATION, { unit: 's' });
  const attributes = {
    [ATTR_ML_OPERATION_NAME]: 'predict',
    [ATTR_ML_MODEL_NAME]: MODEL.name,
    [ATTR_ML_MODEL_VERSION]: MODEL.version,
  };
  const keys = names.map((name) => `${PREFIX_ML_FEATURES}${name}`);
  let i = 0;
  return () => {
    i = (i + 1) % ROWS;
    const row = rows[i];
    return tracer.startActiveSpan('predict fraud', { attributes }, (span) => {
      const started = performance.now();
      const result = work();
      span.setAttribute(ATTR_ML_INFERENCE_ID, span.spanContext().spanId);
      span.setAttribute(ATTR_ML_PREDICTION_LABEL, result.label);
      span.setAttribute(ATTR_ML_PREDICTION_SCORE, result.score);
      span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, 1);
      for (let f = 0; f < FEATURES; f++) span.setAttribute(keys[f], row[names[f]]);
      duration.record((performance.now() - started) / 1000, attributes);
      span.end();
      return result;
    });
  };
}

async function session(): Promise<{ run: () => Promise<{ readonly y: Tensor }> }> {
  const made = await InferenceSession.create(linearModel(FEATURES), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const x = new Tensor(
    'float32',
    Float32Array.from(names, (_, i) => i),
    [1, FEATURES],
  );
  return { run: () => made.run({ x }) as Promise<{ y: Tensor }> };
}

async function timed(loop: () => Promise<unknown>, calls: number): Promise<number> {
  const started = threadCpu();
  for (let i = 0; i < calls; i++) await loop();
  return ((threadCpu() - started) * 1000) / calls;
}

/** Microseconds of CPU of one run, awaited as a service does. */
async function bareRun(): Promise<number> {
  const { run } = await session();
  const times: number[] = [];
  await timed(run, 2_000);
  for (let round = 0; round < RUNS.rounds; round++) times.push(await timed(run, RUNS.calls));
  return median(times);
}

/** The whole of it on a real model: awaited runs, values captured, interleaved with bare ones. */
async function onRealRuns(tracers: TracerProvider, meters: MeterProvider): Promise<BenchResult[]> {
  use(tracers, meters);
  const { run } = await session();
  const policy = capturePolicy({ features: '*' }, {}, () => undefined);
  const sources = { random: Math.random, elapsedMs: () => performance.now() };
  const recorder = new InferenceRecorder(MODEL, policy, sources, { features: names });
  let i = 0;
  const monitored = async () => {
    i = (i + 1) % ROWS;
    const active = recorder.start({ rowCount: 1, features: [], records: [rows[i]], readAt: 'start' });
    const { y } = await active.run(run);
    active.end({ value: { name: 'value', at: () => y.data[0] } });
  };
  const bare: number[] = [];
  const ours: number[] = [];
  await timed(monitored, 2_000);
  for (let round = 0; round < RUNS.rounds; round++) {
    bare.push(await timed(run, RUNS.calls));
    ours.push(await timed(monitored, RUNS.calls));
  }
  return [
    {
      name: 'monitored onnxruntime run, 20 features',
      value: median(ours) / median(bare),
      unit: '×',
      direction: 'informative',
      against: 'a bare run, both awaited',
    },
  ];
}

/** Bytes of garbage a call, from the heap's growth between collections. */
function allocation(name: string, loop: () => unknown): BenchResult {
  for (let i = 0; i < 5_000; i++) loop();
  const samples: number[] = [];
  for (let round = 0; round < 41; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 50; i++) loop();
    const grown = process.memoryUsage().heapUsed - before;
    if (grown > 0) samples.push(grown / 50);
  }
  return { name, value: median(samples), unit: 'bytes a call', direction: 'informative', against: 'heap growth' };
}
