/** Accuracy, precision, recall and F1 of a confusion matrix: exact. */
import { type PerformanceScore, scoreOr } from './performance-metric.ts';

export interface ClassScores {
  readonly precision: PerformanceScore;
  readonly recall: PerformanceScore;
  readonly f1: PerformanceScore;
}

export interface ConfusionScores extends ClassScores {
  readonly accuracy: PerformanceScore;
  /** By class, in the order of the matrix. The three above are of the positive class of two, else their mean. */
  readonly classes: readonly ClassScores[];
  /** The mean over the classes that were true or predicted at all. */
  readonly macro: ClassScores;
}

/**
 * `confusion`: count × count weights, actual × predicted, row by row.
 *
 * A class that was never predicted has precision 0 and one that was never true recall 0, as with scikit-learn's
 * `zero_division=0`; a class that was neither is left out of the mean.
 *
 * @example confusionScores([50, 10, 5, 35], 2).accuracy // { value: 0.85 }
 */
export function confusionScores(confusion: ArrayLike<number>, count: number): ConfusionScores {
  let total = 0;
  let right = 0;
  const actual = new Float64Array(count);
  const predicted = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    right += confusion[i * count + i];
    for (let j = 0; j < count; j++) {
      const weight = confusion[i * count + j];
      total += weight;
      actual[i] += weight;
      predicted[j] += weight;
    }
  }
  const isSeen = (of: number) => actual[of] > 0 || predicted[of] > 0;
  const values = Array.from({ length: count }, (_, of) => {
    const hits = confusion[of * count + of];
    return {
      precision: predicted[of] > 0 ? hits / predicted[of] : 0,
      recall: actual[of] > 0 ? hits / actual[of] : 0,
      f1: isSeen(of) ? (2 * hits) / (actual[of] + predicted[of]) : 0,
    };
  });
  const classes = values.map((value, of) => scoresOf(value, isSeen(of)));
  const seen = values.filter((_, of) => isSeen(of));
  const mean = (key: 'precision' | 'recall' | 'f1') => seen.reduce((sum, value) => sum + value[key], 0) / seen.length;
  const macro = scoresOf({ precision: mean('precision'), recall: mean('recall'), f1: mean('f1') }, total > 0);
  const headline = count === 2 ? classes[1] : macro;
  return { accuracy: scoreOr(right / total, 'no_rows'), classes, macro, ...(total > 0 ? headline : macro) };
}

function scoresOf(
  { precision, recall, f1 }: { readonly precision: number; readonly recall: number; readonly f1: number },
  isDefined: boolean,
): ClassScores {
  const of = (value: number): PerformanceScore => (isDefined ? scoreOr(value, 'no_rows') : { reason: 'no_rows' });
  return { precision: of(precision), recall: of(recall), f1: of(f1) };
}
