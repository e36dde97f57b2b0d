/**
 * The detectors of change on one model's errors, as the truths arrive: whether what the model gets wrong is another share
 * than it was, with no window and no margin.
 *
 * Errors that arrived at one time are shuffled, always the same way: a file of labels that is sorted by its class would
 * else look like a change.
 */
import { Adwin } from '../change/adwin.ts';
import { Cusum } from '../change/cusum.ts';
import { Ddm } from '../change/ddm.ts';
import { PageHinkley } from '../change/page-hinkley.ts';
import type { ErrorStream } from '../performance/error-stream.ts';
import type { PerformanceReference } from '../reference/profile.ts';
import { seededRandom } from '../special/seeded-random.ts';
import type { Detector, DetectorEvaluation } from './performance-evaluation.ts';
import type { PerformanceTask } from './performance-policy.ts';

/** Errors of one pane that are looked at; of more, as many of each size as their share. */
const PANE_ERRORS_MAX = 20_000;
/** Errors until a false alarm of CUSUM, in the mean. */
export const CUSUM_RUN_LENGTH = 1_000_000;

type Find = 'increase' | 'decrease';

/** One detector in one shape. */
interface Test {
  readonly update: (error: number) => Find | undefined;
  readonly state: () => readonly number[];
  readonly restore: (state: readonly number[]) => boolean;
}

interface Watch {
  readonly detector: Detector;
  readonly test: Test;
  seenCount: number;
  changeCount: number;
  lastChangeMs?: number | undefined;
  lastChange?: Find | undefined;
}

/** Numbers of a watch in a state, before those of its detector. */
const OWN_NUMBERS = 4;

export class ChangeWatch {
  readonly #watches: readonly Watch[];
  /** Errors of numbers in units of the reference's: ADWIN's bound is for values of the order of 1. */
  readonly #scale: number;

  constructor(task: PerformanceTask, reference: PerformanceReference) {
    const { mean, standardDeviation } = errorsOf(task, reference);
    this.#scale = task === 'regression' && mean !== undefined && mean > 0 ? mean : 1;
    this.#watches = [
      watch('adwin', adwinTest()),
      watch('page_hinkley', plainTest(new PageHinkley())),
      ...(mean === undefined || !(standardDeviation > 0)
        ? []
        : [watch('cusum', plainTest(cusumOf(mean / this.#scale, standardDeviation / this.#scale)))]),
      ...(task === 'classification' ? [watch('ddm', ddmTest())] : []),
    ];
  }

  /** Takes the errors of the next pane. */
  feed(stream: ErrorStream): void {
    for (const [error, arrivedMs] of inOrder(stream)) {
      for (const one of this.#watches) {
        const change = one.test.update(error / this.#scale);
        one.seenCount++;
        if (change === undefined) continue;
        one.changeCount++;
        one.lastChangeMs = arrivedMs;
        one.lastChange = change;
      }
    }
  }

  /** What it goes on with after a restart: as many numbers whatever it has seen. */
  state(): readonly number[] {
    return this.#watches.flatMap(({ test, seenCount, changeCount, lastChangeMs, lastChange }) => [
      seenCount,
      changeCount,
      lastChangeMs ?? Number.NEGATIVE_INFINITY,
      lastChange === undefined ? 0 : lastChange === 'increase' ? 1 : -1,
      ...test.state(),
    ]);
  }

  /** False when they are not the state of these detectors; what was restored until then begins anew. */
  restore(state: readonly number[]): boolean {
    let at = 0;
    for (const one of this.#watches) {
      const [seenCount, changeCount, lastChangeMs, direction] = state.slice(at, at + OWN_NUMBERS);
      const size = one.test.state().length;
      if (!one.test.restore(state.slice(at + OWN_NUMBERS, at + OWN_NUMBERS + size))) return false;
      one.seenCount = seenCount;
      one.changeCount = changeCount;
      one.lastChangeMs = Number.isFinite(lastChangeMs) ? lastChangeMs : undefined;
      one.lastChange = direction === 0 ? undefined : direction === 1 ? 'increase' : 'decrease';
      at += OWN_NUMBERS + size;
    }
    return at === state.length;
  }

  get evaluations(): readonly DetectorEvaluation[] {
    return this.#watches.map(({ detector, seenCount, changeCount, lastChangeMs, lastChange }) => ({
      detector,
      seenCount,
      changeCount,
      ...(lastChangeMs === undefined ? {} : { lastChangeMs }),
      ...(lastChange === undefined ? {} : { lastChange }),
    }));
  }
}

function watch(detector: Detector, test: Test): Watch {
  return { detector, test, seenCount: 0, changeCount: 0 };
}

function plainTest(of: PageHinkley | Cusum): Test {
  return { update: (error) => of.update(error), state: () => of.state(), restore: (state) => of.restore(state) };
}

function cusumOf(mean: number, standardDeviation: number): Cusum {
  return new Cusum({ mean, standardDeviation, runLength: CUSUM_RUN_LENGTH });
}

/** Which way: by the mean before the old part was dropped, and after. */
function adwinTest(): Test {
  const adwin = new Adwin();
  const update = (error: number): Find | undefined => {
    const before = adwin.mean;
    if (!adwin.update(error)) return undefined;
    return adwin.mean >= before ? 'increase' : 'decrease';
  };
  return { update, state: () => adwin.state(), restore: (state) => adwin.restore(state) };
}

/** It sees more errors only. */
function ddmTest(): Test {
  const ddm = new Ddm();
  const update = (error: number) => (ddm.update(error) === 'change' ? ('increase' as const) : undefined);
  return { update, state: () => ddm.state(), restore: (state) => ddm.restore(state) };
}

/** Of the reference's errors, where its metrics say so. */
function errorsOf(task: PerformanceTask, { metrics, rowCount }: PerformanceReference) {
  const metricValue = (name: string) => metrics.find(({ metric }) => metric === name)?.value;
  if (task === 'regression') {
    const [mean, rmse] = [metricValue('mae'), metricValue('rmse')];
    const variance = mean === undefined || rmse === undefined ? 0 : rmse * rmse - mean * mean;
    return { mean, standardDeviation: Math.sqrt(Math.max(0, variance)) };
  }
  const accuracy = metricValue('accuracy');
  if (accuracy === undefined) return { mean: undefined, standardDeviation: 0 };
  // A reference without an error is no proof that there are none.
  const least = 0.5 / Math.max(1, rowCount);
  const mean = Math.min(1 - least, Math.max(least, 1 - accuracy));
  return { mean, standardDeviation: Math.sqrt(mean * (1 - mean)) };
}

function* inOrder({ arrivedMs, eventMs, errors, counts }: ErrorStream): Iterable<readonly [error: number, ms: number]> {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Math.min(1, PANE_ERRORS_MAX / Math.max(1, total));
  let from = 0;
  let owed = 0;
  while (from < errors.length) {
    let to = from;
    const alike: number[] = [];
    for (; to < errors.length && arrivedMs[to] === arrivedMs[from] && eventMs[to] === eventMs[from]; to++) {
      owed += counts[to] * share;
      for (; owed >= 1; owed--) alike.push(errors[to]);
    }
    if (to - from > 1) shuffle(alike, arrivedMs[from] + eventMs[from]);
    for (const error of alike) yield [error, arrivedMs[from]];
    from = to;
  }
}

function shuffle(values: number[], seed: number): void {
  const random = seededRandom(seed);
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
