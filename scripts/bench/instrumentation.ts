/**
 * What monitoring adds to an inference at the median, against the same work without it; and in CPU time of the thread
 * against a span written by hand. The bars are shares of a bare onnxruntime run, measured in turns with it: 1, 3, 6 and
 * 12 µs of the 24 µs that it takes on the machine that the bars were set on.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type CaptureOptions, monitor, setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import {
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  METRIC_ML_INFERENCE_DURATION,
  PREFIX_ML_FEATURES,
} from '@leeway/semconv';
import { context, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FEATURES, HAND_BAR, HAND_CPU_BAR, inferenceSdk, MODEL, names, ROWS, RUN_US } from './inference-sdk.ts';
import { type BenchResult, median, threadCpu } from './result.ts';
import { linearModel } from './tiny-model.ts';

/** Long rounds: a thread's CPU time is coarse. */
const ROUNDS = 9;
const CALLS = 10_000;
const RUNS = 2_000;
const FULL = 'recorded with 20 features';

interface Variant {
  readonly name: string;
  /** Microseconds beside a run of 24. */
  readonly bar?: number;
  readonly tracers?: TracerProvider;
  readonly meters?: MeterProvider;
  readonly capture?: CaptureOptions;
}

const rows = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries(names.map((name, i) => [name, Math.sin(row * FEATURES + i)])),
);
const HAND_ATTRIBUTES = {
  [ATTR_ML_OPERATION_NAME]: 'predict',
  [ATTR_ML_MODEL_NAME]: MODEL.name,
  [ATTR_ML_MODEL_VERSION]: MODEL.version,
};
const HAND_KEYS = names.map((name) => `${PREFIX_ML_FEATURES}${name}`);
const RESULT = { label: 'ok', score: 0.93 };
const work = () => RESULT;

export async function benchInstrumentation(): Promise<BenchResult[]> {
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  const { meters, recording, unsampled } = inferenceSdk();
  const variants: Variant[] = [
    { name: 'no SDK', bar: 0.3 },
    { name: 'metrics only', bar: 1, meters },
    { name: 'unsampled span', bar: 3, meters, tracers: unsampled },
    { name: 'recorded span without values', bar: 6, meters, tracers: recording },
    { name: FULL, bar: 12, meters, tracers: recording, capture: { features: '*' } },
    { name: 'packed with 20 features', meters, tracers: recording, capture: { features: '*', carrier: 'packed' } },
  ];
  const session = await InferenceSession.create(linearModel(FEATURES), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const x = new Tensor(
    'float32',
    Float32Array.from(names, (_, i) => i),
    [1, FEATURES],
  );
  const run = () => session.run({ x }) as Promise<{ readonly y: Tensor }>;
  try {
    const loops = [bareLoop(), handWritten(recording, meters), ...variants.map(monitoredLoop)];
    const [bareRun, none, ...times] = await interleaved(run, loops);
    const [hand, ...added] = times.map(({ median: one, cpu }) => ({ median: one - none.median, cpu: cpu - none.cpu }));
    const full = variants.findIndex(({ name }) => name === FULL);
    return [
      ...variants.flatMap(({ name, bar }, index) => costOf(name, bar, added[index], bareRun.median)),
      ...againstHand(added[full], hand),
      {
        name: 'bare onnxruntime run',
        value: bareRun.median,
        unit: 'µs',
        direction: 'informative',
        against: 'median, MatMul of 20, awaited',
      },
      ...(await onRealRuns(run, recording, meters)),
      allocation(`allocated, ${FULL}`, loops[full + 2]),
      allocation('allocated, span by hand', loops[1]),
    ];
  } finally {
    setTracerProvider(undefined);
    setMeterProvider(undefined);
    context.disable();
    await Promise.all([meters.shutdown(), session.release()]);
  }
}

interface Times {
  /** Median of single calls: what most requests see. */
  readonly median: number;
  /** Thread CPU over all calls: what the machine pays, with collections of garbage and buffers that are emptied. */
  readonly cpu: number;
}

/** Microseconds of an awaited run, then of each loop: medians of rounds in which each has its turn. */
async function interleaved(run: () => Promise<unknown>, loops: readonly (() => unknown)[]): Promise<Times[]> {
  const rounds: Times[][] = [[], ...loops.map(() => [])];
  const calls = new Float64Array(CALLS);
  for (let round = -1; round < ROUNDS; round++) {
    const measured = [await timedRuns(run)];
    for (const loop of loops) {
      const started = threadCpu();
      for (let i = 0; i < CALLS; i++) {
        const before = performance.now();
        loop();
        calls[i] = performance.now() - before;
      }
      measured.push({ cpu: ((threadCpu() - started) * 1000) / CALLS, median: middle(calls) });
    }
    // The first round warms up.
    if (round >= 0) for (const [index, time] of measured.entries()) rounds[index].push(time);
  }
  return rounds.map((times) => ({
    median: median(times.map((time) => time.median)),
    cpu: median(times.map((time) => time.cpu)),
  }));
}

/** Of milliseconds, in microseconds. */
function middle(calls: Float64Array): number {
  return calls.toSorted()[calls.length >> 1] * 1000;
}

function costOf(name: string, bar: number | undefined, added: Times, run: number): BenchResult[] {
  return [
    {
      name: `monitoring, ${name}`,
      value: (added.median / Math.max(run, RUN_US)) * 100,
      unit: '% of a run',
      direction: bar === undefined ? 'informative' : 'at most',
      ...(bar === undefined ? {} : { bar: Number(((bar / RUN_US) * 100).toPrecision(3)) }),
      against: `${added.median.toFixed(2)} µs added at the median${bar === undefined ? '' : `; bar: ${bar} of ${RUN_US} µs`}`,
    },
    {
      name: `monitoring, ${name}, CPU`,
      value: added.cpu,
      unit: 'µs',
      direction: 'informative',
      against: 'thread CPU, mean: with garbage and buffers',
    },
  ];
}

/** What is barred is the median, which is what a caller waits; garbage and emptied buffers are in the CPU beside it. */
function againstHand(ours: Times, hand: Times): BenchResult[] {
  return [
    {
      name: 'monitoring against a span by hand',
      value: ours.median / hand.median,
      unit: '×',
      bar: HAND_BAR,
      direction: 'at most',
      against: `at the median: startActiveSpan, the same attributes one by one, one histogram: ${hand.median.toFixed(1)} µs`,
    },
    {
      name: 'monitoring against a span by hand, CPU',
      value: ours.cpu / hand.cpu,
      unit: '×',
      bar: HAND_CPU_BAR,
      direction: 'at most',
      against: `thread CPU, mean: with garbage and buffers: ${hand.cpu.toFixed(1)} µs`,
    },
  ];
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
  let i = 0;
  return () => {
    i = (i + 1) % ROWS;
    const row = rows[i];
    return tracer.startActiveSpan('predict fraud', { attributes: HAND_ATTRIBUTES }, (span) => {
      const started = performance.now();
      const result = work();
      span.setAttribute(ATTR_ML_INFERENCE_ID, span.spanContext().spanId);
      span.setAttribute(ATTR_ML_PREDICTION_LABEL, result.label);
      span.setAttribute(ATTR_ML_PREDICTION_SCORE, result.score);
      span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, 1);
      for (let f = 0; f < FEATURES; f++) span.setAttribute(HAND_KEYS[f], row[names[f]]);
      duration.record((performance.now() - started) / 1000, HAND_ATTRIBUTES);
      span.end();
      return result;
    });
  };
}

async function timedRuns(way: () => Promise<unknown>): Promise<Times> {
  const calls = new Float64Array(RUNS);
  const started = threadCpu();
  for (let i = 0; i < RUNS; i++) {
    const before = performance.now();
    await way();
    calls[i] = performance.now() - before;
  }
  return { cpu: ((threadCpu() - started) * 1000) / RUNS, median: middle(calls) };
}

/**
 * The whole of it on a real model: awaited runs, values captured, interleaved with bare ones and with a span by hand.
 * Between native runs the code is cold, and all of it takes two to three times what it takes in a loop of its own.
 */
async function onRealRuns(
  run: () => Promise<{ readonly y: Tensor }>,
  tracers: TracerProvider,
  meters: MeterProvider,
): Promise<BenchResult[]> {
  use(tracers, meters);
  const model = monitor({
    model: MODEL,
    features: names,
    capture: { features: '*' },
    output: ({ y }: { readonly y: Tensor }) => ({ value: y.data[0] as number }),
  });
  const hand = handWrittenRun(run, tracers, meters);
  let i = 0;
  const ways = [run, () => model.predict(rows[i++ % ROWS], run), () => hand(rows[i++ % ROWS])];
  const times: number[][] = ways.map(() => []);
  const delays: number[][] = ways.map(() => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, way] of ways.entries()) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const { cpu } = await timedRuns(way);
      delay.disable();
      if (round < 0) continue;
      times[index].push(cpu);
      delays[index].push(delay.percentile(99) / 1e6);
    }
  }
  const [bare, ours, byHand] = times.map(median);
  const [bareDelay, ourDelay] = delays.map(median);
  return [
    {
      name: 'monitored onnxruntime run, 20 features',
      value: ours / bare,
      unit: '×',
      direction: 'informative',
      against: `a bare run by thread CPU, both awaited; with a span by hand ${(byHand / bare).toFixed(2)} ×`,
    },
    {
      name: 'event-loop delay at p99, monitored runs',
      value: ourDelay,
      unit: 'ms',
      direction: 'informative',
      against: `bare runs: ${bareDelay.toFixed(2)} ms`,
    },
  ];
}

function handWrittenRun(
  run: () => Promise<{ readonly y: Tensor }>,
  tracers: TracerProvider,
  meters: MeterProvider,
): (row: Readonly<Record<string, number>>) => Promise<unknown> {
  const tracer = tracers.getTracer('by-hand');
  const duration = meters.getMeter('by-hand').createHistogram(METRIC_ML_INFERENCE_DURATION, { unit: 's' });
  return (row) =>
    tracer.startActiveSpan('predict fraud', { attributes: HAND_ATTRIBUTES }, async (span) => {
      const started = performance.now();
      const result = await run();
      span.setAttribute(ATTR_ML_INFERENCE_ID, span.spanContext().spanId);
      span.setAttribute(ATTR_ML_PREDICTION_VALUE, result.y.data[0] as number);
      span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, 1);
      for (let f = 0; f < FEATURES; f++) span.setAttribute(HAND_KEYS[f], row[names[f]]);
      duration.record((performance.now() - started) / 1000, HAND_ATTRIBUTES);
      span.end();
      return result;
    });
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
