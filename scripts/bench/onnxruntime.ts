/**
 * What the instrumentation of onnxruntime adds to an awaited run of the real runtime, at the median of single runs and in
 * CPU time of the thread, against the same runs without it and against spans written by hand, in turns in one process.
 * Between native runs all code is cold: it takes two to four times what it takes in a loop of its own.
 */
import { describeModel, setMeterProvider, setTracerProvider } from '@leeway/instrumentation';
import { type OnnxRuntime, OnnxRuntimeInstrumentation } from '@leeway/instrumentation-onnxruntime';
import {
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  ATTR_ML_RUNTIME_NAME,
  ATTR_ML_RUNTIME_VERSION,
  METRIC_ML_INFERENCE_DURATION,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
} from '@leeway/semconv';
import { context, type MeterProvider, type Span, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  FEATURES,
  HAND_BAR,
  HAND_CPU_BAR,
  type InferenceSdk,
  inferenceSdk,
  MODEL,
  names,
  ROWS,
  RUN_US,
} from './inference-sdk.ts';
import { type BenchResult, median, threadCpu } from './result.ts';
import { classifierModel, linearModel } from './tiny-model.ts';

/** Short turns, many of them: what else the machine does changes from second to second. */
const ROUNDS = 60;
const RUNS = 250;
const WARM_UP = 16;
const BARE = 'bare';
const BARE_CLASSIFIER = 'bare classifier';
const CLASSES = ['ok', 'fraud'];

const feeds = Array.from({ length: ROWS }, (_, row) => ({
  x: new Tensor(
    'float32',
    Float32Array.from(names, (_, i) => Math.sin(row * FEATURES + i)),
    [1, FEATURES],
  ),
}));

type Feeds = (typeof feeds)[number];
type Results = Readonly<Record<string, Tensor>>;
type Run = (feeds: Feeds) => Promise<Results>;

interface Way {
  readonly name: string;
  readonly run: Run;
  readonly tracers?: TracerProvider | undefined;
  readonly meters?: MeterProvider | undefined;
  /** Microseconds beside a run of 24. */
  readonly bar?: number;
  /** Name of the way by hand that it is compared with, and whether it may not cost more than that and a little. */
  readonly against?: string;
  readonly isHeldToHand?: boolean;
  /** Whether it classifies: then it is compared with bare runs that do. */
  readonly classifies?: boolean;
}

export async function benchOnnxRuntime(): Promise<BenchResult[]> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const sdk = inferenceSdk();
  const ended: SessionLike[] = [];
  try {
    const ways = await waysOf(sdk, ended);
    return resultsOf(ways, await interleaved(ways));
  } finally {
    use(undefined, undefined);
    context.disable();
    await Promise.all([sdk.meters.shutdown(), ...ended.map((session) => session.release())]);
  }
}

interface SessionLike {
  release(): Promise<void>;
}
/** The part of the class that is patched; its types hide it behind a factory. */
interface SessionClass {
  create(bytes: Uint8Array, options: object): Promise<SessionLike>;
  readonly prototype: { run(this: unknown, feeds: Feeds): Promise<Results> };
}

async function waysOf({ meters, recording, unsampled }: InferenceSdk, ended: SessionLike[]): Promise<Way[]> {
  const bare = runtime();
  const without = watched('');
  const values = watched('*');
  const opened = async (of: SessionClass, classifies = false): Promise<Run> => {
    const model = classifies ? classifierModel(FEATURES) : linearModel(FEATURES);
    const session = await of.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    ended.push(session);
    describeModel(session, { ...MODEL, features: names, ...(classifies ? { classes: CLASSES } : {}) });
    const { run } = of.prototype;
    return (given) => run.call(session, given);
  };
  const plain = await opened(without);
  const full = await opened(values);
  const classifier = await opened(values, true);
  const linear = await opened(bare);
  const classifies = await opened(bare, true);
  const sdk = { meters, tracers: recording };
  return [
    { name: BARE, run: linear },
    { name: BARE_CLASSIFIER, run: classifies, classifies: true },
    { name: 'clock read twice by hand', run: timed(linear) },
    { name: 'unsampled span by hand', run: handWritten(linear, unsampled, meters) },
    { name: 'span by hand', run: handWritten(linear, recording, meters) },
    { name: 'span by hand, 20 features', run: handWritten(linear, recording, meters, writeValue) },
    {
      name: 'span by hand, 20 features and scores',
      run: handWritten(classifies, recording, meters, writeLabel),
      classifies: true,
    },
    { name: 'no SDK', run: plain },
    { name: 'metrics only', run: plain, meters, bar: 1, against: 'clock read twice by hand' },
    {
      name: 'unsampled span',
      run: plain,
      meters,
      tracers: unsampled,
      bar: 3,
      against: 'unsampled span by hand',
      isHeldToHand: true,
    },
    { ...sdk, name: 'recorded span without values', run: plain, bar: 6, against: 'span by hand', isHeldToHand: true },
    {
      ...sdk,
      name: 'recorded with 20 features',
      run: full,
      bar: 12,
      against: 'span by hand, 20 features',
      isHeldToHand: true,
    },
    {
      ...sdk,
      name: 'recorded with 20 features and scores',
      run: classifier,
      against: 'span by hand, 20 features and scores',
      isHeldToHand: true,
      classifies: true,
    },
  ];
}

/** Another class with the very methods of the real one, so that each can be watched in its own way beside bare ones. */
function runtime(): SessionClass {
  const real = InferenceSession as unknown as SessionClass;
  class Session {}
  Object.defineProperty(Session, 'create', { value: real.create, configurable: true, writable: true });
  Object.defineProperty(Session.prototype, 'run', { value: real.prototype.run, configurable: true, writable: true });
  return Session as unknown as SessionClass;
}

/** @param features as LEEWAY_CAPTURE_FEATURES, which is read when a runtime is patched */
function watched(features: string): SessionClass {
  const before = process.env.LEEWAY_CAPTURE_FEATURES;
  process.env.LEEWAY_CAPTURE_FEATURES = features;
  const patched = runtime();
  new OnnxRuntimeInstrumentation().manuallyInstrument({ InferenceSession: patched } as unknown as OnnxRuntime);
  if (before === undefined) delete process.env.LEEWAY_CAPTURE_FEATURES;
  else process.env.LEEWAY_CAPTURE_FEATURES = before;
  return patched;
}

interface Times {
  /** Median of single runs, by round. */
  readonly medians: number[];
  /** Thread CPU of all of them, mean: with collections of garbage and buffers that are emptied. */
  cpu: number;
}

/** Microseconds a run of each way, in rounds in which each has its turn. */
async function interleaved(ways: readonly Way[]): Promise<Map<string, Times>> {
  const times = new Map(ways.map(({ name }): [string, Times] => [name, { medians: [], cpu: 0 }]));
  const calls = new Float64Array(RUNS);
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const { name, run, tracers, meters } of ways) {
      use(tracers, meters);
      const started = threadCpu();
      for (let i = 0; i < RUNS; i++) {
        const before = performance.now();
        await run(feeds[i % ROWS]);
        calls[i] = performance.now() - before;
      }
      const cpu = threadCpu() - started;
      const time = times.get(name);
      if (round < 0 || time === undefined) continue;
      time.cpu += (cpu * 1000) / (RUNS * ROUNDS);
      time.medians.push(calls.toSorted()[RUNS >> 1] * 1000);
    }
  }
  return times;
}

function use(tracers: TracerProvider | undefined, meters: MeterProvider | undefined): void {
  setTracerProvider(tracers);
  setMeterProvider(meters);
}

function resultsOf(ways: readonly Way[], times: ReadonlyMap<string, Times>): BenchResult[] {
  const timesOf = (name: string) => times.get(name) as Times;
  const bareOf = ({ classifies }: Way) => timesOf(classifies === true ? BARE_CLASSIFIER : BARE);
  /** Each round by itself: what slows the machine down slows both of them. */
  const added = (way: Way) => {
    const { medians, cpu } = timesOf(way.name);
    const bare = bareOf(way);
    return {
      us: median(medians.map((time, round) => time - bare.medians[round])),
      share: median(medians.map((time, round) => (time - bare.medians[round]) / Math.max(bare.medians[round], RUN_US))),
      cpu: cpu - bare.cpu,
    };
  };
  return ways.flatMap((way): BenchResult[] => {
    const { name, bar } = way;
    if (name === BARE || name === BARE_CLASSIFIER) return [bareRun(name, timesOf(name))];
    const { us, share, cpu } = added(way);
    const hand = ways.find((other) => other.name === way.against);
    const byHand = hand && added(hand);
    const told = byHand === undefined ? '' : `; ${hand?.name}: ${byHand.us.toFixed(1)} µs, ${byHand.cpu.toFixed(1)}`;
    const cost: BenchResult = {
      name: `onnxruntime: ${name}`,
      value: share * 100,
      unit: '% of a run',
      direction: bar === undefined ? 'informative' : 'at most',
      ...(bar === undefined ? {} : { bar: Number(((bar / RUN_US) * 100).toPrecision(3)) }),
      against: `${us.toFixed(1)} µs added at the median, ${cpu.toFixed(1)} by CPU${told}`,
    };
    if (byHand === undefined || way.isHeldToHand !== true) return [cost];
    return [
      cost,
      {
        name: `onnxruntime: ${name}, against by hand`,
        value: us / byHand.us,
        unit: '×',
        bar: HAND_BAR,
        direction: 'at most',
        against: 'added at the median, the same attributes and one histogram',
      },
      {
        name: `onnxruntime: ${name}, against by hand, CPU`,
        value: cpu / byHand.cpu,
        unit: '×',
        bar: HAND_CPU_BAR,
        direction: 'at most',
        against: 'added thread CPU, mean: with garbage and buffers',
      },
    ];
  });
}

function bareRun(name: string, { medians, cpu }: Times): BenchResult {
  return {
    name: `onnxruntime: ${name} run`,
    value: median(medians),
    unit: 'µs',
    direction: 'informative',
    against: `median, awaited; ${cpu.toFixed(1)} by CPU`,
  };
}

type Write = (span: Span, feeds: Feeds, results: Results) => void;

const HAND_METRIC = {
  [ATTR_ML_OPERATION_NAME]: 'predict',
  [ATTR_ML_MODEL_NAME]: MODEL.name,
  [ATTR_ML_MODEL_VERSION]: MODEL.version,
};
const HAND_SPAN = {
  ...HAND_METRIC,
  [ATTR_ML_MODEL_ID]: `sha256:${'0'.repeat(64)}`,
  [ATTR_ML_RUNTIME_NAME]: 'onnxruntime',
  [ATTR_ML_RUNTIME_VERSION]: '1.30.0',
};
const HAND_KEYS = names.map((name) => `${PREFIX_ML_FEATURES}${name}`);
const HAND_SCORES = CLASSES.map((name) => `${PREFIX_ML_PREDICTION_SCORES}${name}`);

/** What an engineer who knows OpenTelemetry and this one model writes, in the fastest way the SDK offers. */
function handWritten(run: Run, tracers: TracerProvider, meters: MeterProvider, write?: Write): Run {
  const tracer = tracers.getTracer('by-hand');
  const duration = meters.getMeter('by-hand').createHistogram(METRIC_ML_INFERENCE_DURATION, { unit: 's' });
  return (given) =>
    tracer.startActiveSpan('predict fraud', { attributes: HAND_SPAN }, async (span) => {
      const started = performance.now();
      const results = await run(given);
      span.setAttribute(ATTR_ML_INFERENCE_ID, span.spanContext().spanId);
      write?.(span, given, results);
      duration.record((performance.now() - started) / 1000, HAND_METRIC);
      span.end();
      return results;
    });
}

/** The least that any watching of a run costs: a promise of its own and two readings of the clock. */
function timed(run: Run): Run {
  const durations = new Float64Array(RUNS);
  let count = 0;
  return async (given) => {
    const started = performance.now();
    const results = await run(given);
    durations[count++ % RUNS] = performance.now() - started;
    return results;
  };
}

function writeValue(span: Span, given: Feeds, { y }: Results): void {
  span.setAttribute(ATTR_ML_PREDICTION_VALUE, y.data[0] as number);
  writeFeatures(span, given);
}

function writeLabel(span: Span, given: Feeds, { label, probabilities }: Results): void {
  const index = Number(label.data[0]);
  const scores = probabilities.data as Float32Array;
  span.setAttribute(ATTR_ML_PREDICTION_LABEL, CLASSES[index]);
  span.setAttribute(ATTR_ML_PREDICTION_SCORE, scores[index]);
  for (let i = 0; i < CLASSES.length; i++) span.setAttribute(HAND_SCORES[i], scores[i]);
  writeFeatures(span, given);
}

function writeFeatures(span: Span, { x }: Feeds): void {
  span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, 1);
  const values = x.data as Float32Array;
  for (let f = 0; f < FEATURES; f++) span.setAttribute(HAND_KEYS[f], values[f]);
}
