/**
 * Predictions of a classifier with what was true of them, as sums.
 *
 * Invariants
 * 1. Everything is a weighted sum: states of one layout merge by addition, in any order, and an outcome is taken back out by
 *    its negative weight (a corrected label).
 * 2. What cannot be judged is counted and judged as far as it can be: nothing throws, nothing becomes NaN.
 */
import { findBinPlain } from '../sketch/bin-search.ts';
import { type ClassificationLayout, CONFUSION_OFFSET, OUTCOME } from './classification-layout.ts';

export interface ClassifiedOutcome {
  /** Indexes into the layout's classes; −1 for a class that it does not know. */
  readonly actual: number;
  readonly predicted: number;
  /** Of two classes the positive one's probability; of more, each class's. Absent where the model gave none. */
  readonly scores?: ArrayLike<number> | undefined;
}

/** Probabilities of all classes may miss 1 by rounding of their senders. */
const SUM_TOLERANCE = 1e-3;
/** Below it a probability counts as this: log loss stays finite. Source: scikit-learn, log_loss. */
const PROBABILITY_MIN = 2 ** -52;

export function emptyOutcomes(layout: { readonly size: number }): Float64Array {
  return new Float64Array(layout.size);
}

/** Adds `other` to `state`; both of one layout. */
export function mergeOutcomes(state: Float64Array, other: ArrayLike<number>): void {
  for (let i = 0; i < state.length; i++) state[i] += other[i];
}

/** @param weight negative to take the outcome back out */
export function addClassified(
  layout: ClassificationLayout,
  state: Float64Array,
  { actual, predicted, scores }: ClassifiedOutcome,
  weight = 1,
): void {
  const count = layout.classes.length;
  if (!(actual >= 0 && actual < count && predicted >= 0 && predicted < count)) {
    state[OUTCOME.unknownClass] += weight;
    return;
  }
  state[OUTCOME.weight] += weight;
  // Taking an outcome out takes its square out too.
  state[OUTCOME.squaredWeight] += weight * Math.abs(weight);
  state[CONFUSION_OFFSET + actual * count + predicted] += weight;
  if (layout.scores.length === 0 || scores === undefined) return;
  if (areProbabilities(scores, layout.scores.length)) addScores(layout, state, actual, scores, weight);
  else state[OUTCOME.badScores] += weight;
}

/** Each from 0 to 1 and, of more than one, together 1. */
export function areProbabilities(scores: ArrayLike<number>, count: number): boolean {
  if (scores.length !== count) return false;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!(scores[i] >= 0 && scores[i] <= 1)) return false;
    sum += scores[i];
  }
  return count === 1 || Math.abs(sum - 1) <= SUM_TOLERANCE;
}

function addScores(
  layout: ClassificationLayout,
  state: Float64Array,
  actual: number,
  scores: ArrayLike<number>,
  weight: number,
): void {
  const isBinary = layout.scores.length === 1;
  const ofActual = isBinary ? (actual === 1 ? scores[0] : 1 - scores[0]) : scores[actual];
  let squares = 0;
  layout.scores.forEach(({ of, bins, calibration, positivesOffset, negativesOffset, calibrationOffset }, index) => {
    const score = scores[index];
    const isPositive = actual === of;
    squares += (score - (isPositive ? 1 : 0)) ** 2;
    state[(isPositive ? positivesOffset : negativesOffset) + findBinPlain(bins, score)] += weight;
    const at = calibrationOffset + 3 * findBinPlain(calibration, score);
    state[at] += weight;
    state[at + 1] += weight * score;
    if (isPositive) state[at + 2] += weight;
  });
  state[OUTCOME.scoredWeight] += weight;
  const logLoss = -Math.log(Math.min(Math.max(ofActual, PROBABILITY_MIN), 1 - PROBABILITY_MIN));
  state[OUTCOME.logLoss] += weight * logLoss;
  state[OUTCOME.squaredLogLoss] += weight * logLoss * logLoss;
  state[OUTCOME.brier] += weight * squares;
  state[OUTCOME.squaredBrier] += weight * squares * squares;
}
