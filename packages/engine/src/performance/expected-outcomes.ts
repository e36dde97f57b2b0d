/**
 * Performance without labels: each prediction counts as every class that it may be, by its calibrated probability.
 *
 * The sums are those of outcomes with labels, so that every metric of the one is a metric of the other. This is the
 * confidence-based estimate (CBPE) of NannyML: right as long as the calibration still holds, that is while the inputs move
 * and what they mean does not. Where measured and estimated part, the concept has drifted.
 */
import { type ClassificationLayout, OUTCOME } from './classification-layout.ts';
import { addClassified, areProbabilities } from './classification-outcomes.ts';
import { type CalibrationMap, calibrated } from './isotonic.ts';

/**
 * @param maps of each score of the layout
 * @param scores as the model gave them; without them nothing can be expected, and `badScores` counts the row
 * @returns probabilities by class that were expected; undefined when the scores are no probabilities
 */
export function addExpected(
  layout: ClassificationLayout,
  state: Float64Array,
  predicted: number,
  scores: ArrayLike<number>,
  maps: readonly CalibrationMap[],
  weight = 1,
): readonly number[] | undefined {
  const expected = probabilities(layout, scores, maps);
  if (expected === undefined) {
    state[OUTCOME.badScores] += weight;
    return undefined;
  }
  const squares = state[OUTCOME.squaredWeight];
  expected.forEach((probability, actual) => {
    if (probability > 0) addClassified(layout, state, { actual, predicted, scores }, weight * probability);
  });
  // It is one row, however many classes it is shared among.
  state[OUTCOME.squaredWeight] = squares + weight * Math.abs(weight);
  return expected;
}

function probabilities(
  { classes, scores: layouts }: ClassificationLayout,
  scores: ArrayLike<number>,
  maps: readonly CalibrationMap[],
): readonly number[] | undefined {
  if (layouts.length === 0 || !areProbabilities(scores, layouts.length)) return undefined;
  if (layouts.length === 1) {
    const share = calibrated(maps[0], scores[0]);
    return [1 - share, share];
  }
  const shares = classes.map((_, i) => calibrated(maps[i], scores[i]));
  const sum = shares.reduce((total, share) => total + share, 0);
  // No class is likely by any map: nothing is known of the row.
  return sum > 0 ? shares.map((share) => share / sum) : undefined;
}
