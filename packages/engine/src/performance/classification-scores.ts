/** All metrics of a classifier's outcomes. */
import { binnedAuroc } from './auroc.ts';
import { binnedAveragePrecision } from './average-precision.ts';
import { type ClassificationLayout, CONFUSION_OFFSET, OUTCOME, type ScoreLayout } from './classification-layout.ts';
import { type ConfusionScores, confusionScores } from './confusion-scores.ts';
import { type PerformanceScore, scoreOr } from './performance-metric.ts';

export interface ClassificationScores extends ConfusionScores {
  /** Σw, and (Σw)² / Σw². */
  readonly rowCount: number;
  readonly effectiveSize: number;
  /** Of the positive class of two; of more the mean over the classes that are both true and not true of some row. */
  readonly auroc: PerformanceScore;
  readonly average_precision: PerformanceScore;
  readonly log_loss: PerformanceScore;
  /** Mean squared error of the positive class's probability; of more than two classes summed over them. */
  readonly brier: PerformanceScore;
  /** Expected calibration error in ten bins of equal mass in the reference; of more than two classes the mean. */
  readonly ece: PerformanceScore;
}

/** Every value is finite; what has none says why. */
export function classificationScores(layout: ClassificationLayout, state: Float64Array): ClassificationScores {
  const count = layout.classes.length;
  const confusion = state.subarray(CONFUSION_OFFSET, CONFUSION_OFFSET + count * count);
  const weight = state[OUTCOME.weight];
  const scored = state[OUTCOME.scoredWeight];
  const each = (of: (score: ScoreLayout) => PerformanceScore) => meanOf(layout.scores.map(of), scored);
  const binsOf = (offset: number, { bins }: ScoreLayout) => state.subarray(offset, offset + bins.edgeCount + 1);
  return {
    ...confusionScores(confusion, count),
    rowCount: weight,
    effectiveSize: state[OUTCOME.squaredWeight] > 0 ? (weight * weight) / state[OUTCOME.squaredWeight] : 0,
    auroc: each((one) => binnedAuroc(binsOf(one.positivesOffset, one), binsOf(one.negativesOffset, one))),
    average_precision: each((one) =>
      binnedAveragePrecision(binsOf(one.positivesOffset, one), binsOf(one.negativesOffset, one)),
    ),
    log_loss: scoreOr(state[OUTCOME.logLoss] / scored, 'no_scores'),
    brier: scoreOr(state[OUTCOME.brier] / scored, 'no_scores'),
    ece: each((one) => calibrationError(one, state)),
  };
}

/** Σ over bins of |rows of the class − sum of their probabilities|, over all rows. Source: Naeini et al. (2015). */
function calibrationError({ calibration, calibrationOffset }: ScoreLayout, state: Float64Array): PerformanceScore {
  let total = 0;
  let error = 0;
  for (let bin = 0; bin <= calibration.edgeCount; bin++) {
    const at = calibrationOffset + 3 * bin;
    total += state[at];
    error += Math.abs(state[at + 2] - state[at + 1]);
  }
  return scoreOr(error / total, 'no_scores');
}

/** Of the classes that have a value; their bounds are averaged alike. */
function meanOf(scores: readonly PerformanceScore[], scored: number): PerformanceScore {
  const values = scores.flatMap((score) => ('value' in score ? [score] : []));
  if (values.length === 0) return { reason: scored > 0 ? 'one_class' : 'no_scores' };
  const mean = (of: (score: (typeof values)[number]) => number) =>
    values.reduce((sum, score) => sum + of(score), 0) / values.length;
  const value = mean((score) => score.value);
  if (values.every(({ lower }) => lower === undefined)) return { value };
  return {
    value,
    lower: mean((score) => score.lower ?? score.value),
    upper: mean((score) => score.upper ?? score.value),
  };
}
