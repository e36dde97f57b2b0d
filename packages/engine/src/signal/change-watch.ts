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

interface Watch {
  readonly detector: Detector;
  readonly update: (error: number) => 'increase' | 'decrease' | undefined;
  seenCount: number;
  changeCount: number;
  lastChangeMs?: number;
  lastChange?: 'increase' | 'decrease';
}

export class ChangeWatch {
  readonly #watches: readonly Watch[];
  /** Errors of numbers in units of the reference's: ADWIN's bound is for values of the order of 1. */
  readonly #scale: number;

  constructor(task: PerformanceTask, reference: PerformanceReference) {
    const { mean, standardDeviation } = errorsOf(task, reference);
    this.#scale = task === 'regression' && mean !== undefined && mean > 0 ? mean : 1;
    this.#watches = [
      watch('adwin', adwinUpdate()),
      watch('page_hinkley', pageHinkleyUpdate()),
      ...(mean === undefined || !(standardDeviation > 0)
        ? []
        : [watch('cusum', cusumUpdate(mean / this.#scale, standardDeviation / this.#scale))]),
      ...(task === 'classification' ? [watch('ddm', ddmUpdate())] : []),
    ];
  }

  /** Takes the errors of the next pane. */
  feed(stream: ErrorStream): void {
    for (const [error, arrivedMs] of inOrder(stream)) {
      for (const one of this.#watches) {
        const change = one.update(error / this.#scale);
        one.seenCount++;
        if (change === undefined) continue;
        one.changeCount++;
        one.lastChangeMs = arrivedMs;
        one.lastChange = change;
      }
    }
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

function watch(detector: Detector, update: Watch['update']): Watch {
  return { detector, update, seenCount: 0, changeCount: 0 };
}

function adwinUpdate(): Watch['update'] {
  const adwin = new Adwin();
  return (error) => {
    const before = adwin.mean;
    if (!adwin.update(error)) return undefined;
    return adwin.mean >= before ? 'increase' : 'decrease';
  };
}

function pageHinkleyUpdate(): Watch['update'] {
  const test = new PageHinkley();
  return (error) => test.update(error);
}

function cusumUpdate(mean: number, standardDeviation: number): Watch['update'] {
  const cusum = new Cusum({ mean, standardDeviation, runLength: CUSUM_RUN_LENGTH });
  return (error) => cusum.update(error);
}

/** It sees more errors only. */
function ddmUpdate(): Watch['update'] {
  const ddm = new Ddm();
  return (error) => (ddm.update(error) === 'change' ? 'increase' : undefined);
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
