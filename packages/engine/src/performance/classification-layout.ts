/** Where the parts of a classifier's outcomes stand in one array of numbers, so that merging is addition. */
import { type BinSearch, compileBinSearch } from '../sketch/bin-search.ts';

/** Bins of a score's histogram have the reference's quantiles as edges. */
export const SCORE_BINS_MAX = 1_000;
export const CALIBRATION_BINS = 10;
export const CLASSES_MAX = 100;

export interface ClassificationLayout {
  /** Names in the reference's order; of two, the second is the positive one. */
  readonly classes: readonly string[];
  /** One for each class whose score is kept: the positive one of two, each of more, none without scores. */
  readonly scores: readonly ScoreLayout[];
  readonly size: number;
}

export interface ScoreLayout {
  /** Index of the class. */
  readonly of: number;
  readonly bins: BinSearch;
  readonly calibration: BinSearch;
  /** Rows of the class in each bin, then rows of the others. */
  readonly positivesOffset: number;
  readonly negativesOffset: number;
  /** Three numbers a bin: rows, sum of the scores, rows of the class. */
  readonly calibrationOffset: number;
}

/** Positions of what is summed over all rows. */
export const OUTCOME = {
  weight: 0,
  squaredWeight: 1,
  /** Rows whose scores could be read. */
  scoredWeight: 2,
  logLoss: 3,
  brier: 4,
  /** Rows left out: of a class that the reference does not know, as truth or as prediction. */
  unknownClass: 5,
  /** Rows whose scores are no probabilities: judged by their label alone. */
  badScores: 6,
  // What standard errors are made of.
  squaredLogLoss: 7,
  squaredBrier: 8,
} as const;
/** Of the confusion, row by row: actual × predicted. */
export const CONFUSION_OFFSET = 9;

/**
 * @param classes two or more, each once
 * @param scoreEdges of each class whose score is kept, in the order of `scores`: ascending edges, fewer than 1,000. For two
 *   classes one list; for more, one a class; empty without scores
 * @throws RangeError when the numbers of classes or edges do not fit
 */
export function classificationLayout(
  classes: readonly string[],
  scoreEdges: readonly ArrayLike<number>[],
): ClassificationLayout {
  const count = classes.length;
  if (count < 2 || count > CLASSES_MAX || new Set(classes).size !== count)
    throw new RangeError(`${count} classes: 2 to ${CLASSES_MAX} different ones are expected`);
  const expected = count === 2 ? 1 : count;
  if (scoreEdges.length !== 0 && scoreEdges.length !== expected)
    throw new RangeError(`edges of ${scoreEdges.length} scores: none or ${expected} are expected`);
  let offset = CONFUSION_OFFSET + count * count;
  const scores = scoreEdges.map((edges, index): ScoreLayout => {
    if (edges.length >= SCORE_BINS_MAX) throw new RangeError(`${edges.length} edges: at most ${SCORE_BINS_MAX - 1}`);
    const positivesOffset = offset;
    const negativesOffset = positivesOffset + edges.length + 1;
    const calibrationOffset = negativesOffset + edges.length + 1;
    const calibration = compileBinSearch(calibrationEdges(edges));
    offset = calibrationOffset + 3 * (calibration.edgeCount + 1);
    const of = count === 2 ? 1 : index;
    return { of, bins: compileBinSearch(edges), calibration, positivesOffset, negativesOffset, calibrationOffset };
  });
  return { classes, scores, size: offset };
}

/** Ten bins of equal mass: every tenth part of the quantiles that are the edges. */
function calibrationEdges(edges: ArrayLike<number>): number[] {
  const chosen = new Set<number>();
  for (let i = 1; i < CALIBRATION_BINS; i++) {
    const at = Math.round((i * (edges.length + 1)) / CALIBRATION_BINS) - 1;
    if (at >= 0 && at < edges.length) chosen.add(edges[at]);
  }
  return [...chosen].sort((a, b) => a - b);
}
