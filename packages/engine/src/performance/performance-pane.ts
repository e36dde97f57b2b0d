/**
 * What one pane knows of a model's performance: plain numbers that can be posted between threads and merge by addition.
 */
import { ERROR_ENTRIES_MAX, type ErrorStream, mergeErrors } from './error-stream.ts';

/** Each an array of the layout's size, or of length 0 while nothing was added. */
export interface OutcomeSums {
  /** Rows whose truth arrived in this pane. */
  readonly measured: Float64Array;
  /** The same rows as they were expected to turn out: what `measured` is held against. */
  readonly matched: Float64Array;
  /** All predictions of this pane as they are expected to turn out. */
  readonly estimated: Float64Array;
}
export const SUM_KEYS = ['measured', 'matched', 'estimated'] as const;

export interface PerformancePane {
  /** It covers [startMs, endMs): truths by their arrival, predictions by their own time. */
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly whole: OutcomeSums;
  /** `key=value` names, and what is of each. */
  readonly segmentNames: readonly string[];
  readonly segments: readonly OutcomeSums[];
  readonly errors: ErrorStream;
}

const NONE = new Float64Array(0);
export const NO_SUMS: OutcomeSums = { measured: NONE, matched: NONE, estimated: NONE };

export function mergePerformancePanes(
  one: PerformancePane,
  other: PerformancePane,
  errorEntriesMax = ERROR_ENTRIES_MAX,
): PerformancePane {
  return {
    ...one,
    whole: mergeSums(one.whole, other.whole),
    segments: one.segments.map((sums, i) => mergeSums(sums, sumsOf(other, one.segmentNames[i]))),
    errors: mergeErrors(one.errors, other.errors, errorEntriesMax),
  };
}

/** Of a segment by its name; nothing of one that the pane does not keep apart. */
export function sumsOf({ segmentNames, segments }: PerformancePane, name: string): OutcomeSums {
  return segments[segmentNames.indexOf(name)] ?? NO_SUMS;
}

export function mergeSums(one: OutcomeSums, other: OutcomeSums): OutcomeSums {
  return {
    measured: added(one.measured, other.measured),
    matched: added(one.matched, other.matched),
    estimated: added(one.estimated, other.estimated),
  };
}

/** A new array; of different lengths, which no panes of one model have, the longer one. */
function added(one: Float64Array, other: Float64Array): Float64Array {
  if (one.length !== other.length) return (one.length > other.length ? one : other).slice();
  const sum = one.slice();
  for (let i = 0; i < sum.length; i++) sum[i] += other[i];
  return sum;
}
