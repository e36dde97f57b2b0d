/**
 * Standard errors of a classifier's metrics, from the sums that the metrics are of.
 *
 * The infinitesimal jackknife: each row's influence on the metric is its derivative by the row's weight, and the variance
 * is the sum of their squares. No part of the rows has to be kept apart, so panes and shards still merge by addition. For
 * AUROC it is the estimate of DeLong, DeLong and Clarke-Pearson (Biometrics, 1988). Sources: L. Jaeckel, Bell Laboratories
 * memorandum 72-1215-11 (1972); B. Efron, "The jackknife, the bootstrap and other resampling plans" (1982), chapter 6.
 *
 * Weights are taken as not depending on what was right: a row's variance is scaled by Σw² / Σw.
 */
import { type ClassificationLayout, CONFUSION_OFFSET, OUTCOME, type ScoreLayout } from './classification-layout.ts';
import type { PerformanceMetric } from './performance-metric.ts';

export interface MetricError {
  readonly standardError: number;
  /**
   * Variance that the metric would have if it were this in truth. What few rows do not vary by is no proof: three rows
   * that are all wrong have a standard error of 0.
   */
  readonly varianceAt?: (value: number) => number;
}
export type MetricErrors = Partial<Record<PerformanceMetric, MetricError>>;

/** Metrics without rows are left out. */
export function classificationErrors(layout: ClassificationLayout, state: Float64Array): MetricErrors {
  const weight = state[OUTCOME.weight];
  const scale = weight > 0 ? state[OUTCOME.squaredWeight] / weight : 0;
  if (!(weight > 0 && scale > 0)) return {};
  const scored = state[OUTCOME.scoredWeight];
  return {
    ...confusionErrors(layout.classes.length, state, scale),
    ...(scored > 0
      ? {
          auroc: rankError(layout, state, scale, aurocVariance, hanleyMcNeil),
          average_precision: rankError(layout, state, scale, averagePrecisionVariance, (value, positives) =>
            shareVariance(value, positives),
          ),
          log_loss: meanError(state[OUTCOME.logLoss], state[OUTCOME.squaredLogLoss], scored, scale),
          brier: meanError(state[OUTCOME.brier], state[OUTCOME.squaredBrier], scored, scale),
          ece: {
            standardError: meanOf(layout.scores, (one) => Math.sqrt(scale * calibrationVariance(one, state))),
          },
        }
      : {}),
  };
}

function meanError(sum: number, squares: number, weight: number, scale: number): MetricError {
  const mean = sum / weight;
  return { standardError: Math.sqrt((scale * Math.max(0, squares / weight - mean * mean)) / weight) };
}

/** Of a share of `size` rows. */
function shareVariance(value: number, size: number): number {
  const share = Math.min(1, Math.max(0, value));
  return (share * (1 - share)) / Math.max(1, size);
}

/** Of 2 hits / size: a hit counts twice in the size, a miss once, so that the squares of influence add up to this. */
function f1Variance(value: number, size: number): number {
  return shareVariance(value, size) * (2 - Math.min(1, Math.max(0, value)));
}

/** Accuracy, precision, recall and F1: of the positive class of two, of more the mean over the classes that were seen. */
function confusionErrors(count: number, state: Float64Array, scale: number): MetricErrors {
  const cell = (actual: number, predicted: number) => state[CONFUSION_OFFSET + actual * count + predicted];
  const all = Array.from({ length: count }, (_, i) => i);
  const actual = all.map((i) => all.reduce((sum, j) => sum + cell(i, j), 0));
  const predicted = all.map((j) => all.reduce((sum, i) => sum + cell(i, j), 0));
  const counted = count === 2 ? [1] : all.filter((i) => actual[i] > 0 || predicted[i] > 0);
  const isCounted = all.map((i) => counted.includes(i));
  const total = actual.reduce((sum, of) => sum + of, 0);
  const hits = all.reduce((sum, i) => sum + cell(i, i), 0);
  const precision = all.map((i) => (predicted[i] > 0 ? cell(i, i) / predicted[i] : 0));
  const recall = all.map((i) => (actual[i] > 0 ? cell(i, i) / actual[i] : 0));
  const f1 = all.map((i) => (actual[i] + predicted[i] > 0 ? (2 * cell(i, i)) / (actual[i] + predicted[i]) : 0));
  const squares = { precision: 0, recall: 0, f1: 0 };
  for (const i of all) {
    for (const j of all) {
      const weight = cell(i, j);
      if (!(weight > 0)) continue;
      const isHit = i === j ? 1 : 0;
      if (isCounted[j]) squares.precision += weight * ((isHit - precision[j]) / predicted[j]) ** 2;
      if (isCounted[i]) squares.recall += weight * ((isHit - recall[i]) / actual[i]) ** 2;
      const on = (of: number) => (isCounted[of] ? (isHit - f1[of]) / (actual[of] + predicted[of]) : 0);
      squares.f1 += weight * (on(i) + on(j)) ** 2;
    }
  }
  const of = (
    metric: keyof typeof squares,
    rows: (index: number) => number,
    varianceAt = shareVariance,
  ): MetricError => ({
    standardError: Math.sqrt(scale * squares[metric]) / counted.length,
    varianceAt: (value) =>
      counted.reduce((sum, index) => sum + varianceAt(value, rows(index) / scale), 0) / counted.length ** 2,
  });
  const accuracy = hits / total;
  return {
    accuracy: {
      standardError: Math.sqrt((scale * accuracy * (1 - accuracy)) / total),
      varianceAt: (value) => shareVariance(value, total / scale),
    },
    precision: of('precision', (index) => predicted[index]),
    recall: of('recall', (index) => actual[index]),
    f1: of('f1', (index) => actual[index] + predicted[index], f1Variance),
  };
}

type Bins = { readonly positives: Float64Array; readonly negatives: Float64Array };

/** Of several classes the mean of their standard errors: no less than the standard error of their mean. */
function rankError(
  { scores }: ClassificationLayout,
  state: Float64Array,
  scale: number,
  varianceOf: (bins: Bins) => number,
  varianceAt: (value: number, positives: number, negatives: number) => number,
): MetricError {
  const bins = scores
    .map(({ bins: { edgeCount }, positivesOffset, negativesOffset }) => ({
      positives: state.subarray(positivesOffset, positivesOffset + edgeCount + 1),
      negatives: state.subarray(negativesOffset, negativesOffset + edgeCount + 1),
    }))
    .map((one) => ({ ...one, positive: sumOf(one.positives), negative: sumOf(one.negatives) }))
    .filter(({ positive, negative }) => positive > 0 && negative > 0);
  const squareOfMean = (of: (one: (typeof bins)[number]) => number) =>
    bins.length === 0 ? 0 : meanOf(bins, (one) => Math.sqrt(Math.max(0, of(one)))) ** 2;
  return {
    standardError: Math.sqrt(scale * squareOfMean(varianceOf)),
    varianceAt: (value) =>
      squareOfMean(({ positive, negative }) => varianceAt(value, positive / scale, negative / scale)),
  };
}

function aurocVariance({ positives, negatives }: Bins): number {
  const positive = sumOf(positives);
  const negative = sumOf(negatives);
  let area = 0;
  let below = 0;
  for (let bin = 0; bin < positives.length; bin++) {
    area += (positives[bin] * (below + negatives[bin] / 2)) / (positive * negative);
    below += negatives[bin];
  }
  let ofPositives = 0;
  let ofNegatives = 0;
  below = 0;
  let above = positive;
  for (let bin = 0; bin < positives.length; bin++) {
    above -= positives[bin];
    ofPositives += positives[bin] * ((below + negatives[bin] / 2) / negative - area) ** 2;
    ofNegatives += negatives[bin] * ((above + positives[bin] / 2) / positive - area) ** 2;
    below += negatives[bin];
  }
  return ofPositives / (positive * positive) + ofNegatives / (negative * negative);
}

/** J. Hanley and B. McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982). */
function hanleyMcNeil(value: number, positives: number, negatives: number): number {
  const area = Math.min(1, Math.max(0, value));
  const square = area * area;
  const twoPositives = Math.max(0, positives - 1) * (area / (2 - area) - square);
  const twoNegatives = Math.max(0, negatives - 1) * ((2 * square) / (1 + area) - square);
  return (area * (1 - area) + twoPositives + twoNegatives) / (Math.max(1, positives) * Math.max(1, negatives));
}

/** Of Σ p T / D over bins, over P: T is the class at this score or above, D all rows there. */
function averagePrecisionVariance({ positives, negatives }: Bins): number {
  const size = positives.length;
  const shares = new Float64Array(size);
  const inverses = new Float64Array(size);
  let hits = 0;
  let rows = 0;
  let value = 0;
  for (let bin = size - 1; bin >= 0; bin--) {
    hits += positives[bin];
    rows += positives[bin] + negatives[bin];
    if (!(rows > 0)) continue;
    shares[bin] = hits / rows;
    inverses[bin] = 1 / rows;
    value += positives[bin] * shares[bin];
  }
  const positive = sumOf(positives);
  value /= positive;
  let variance = 0;
  // What a row of the class, or another, adds to the precision of all bins at its score and below.
  let byClass = 0;
  let byOther = 0;
  for (let bin = 0; bin < size; bin++) {
    byClass += positives[bin] * inverses[bin] * (1 - shares[bin]);
    byOther -= positives[bin] * inverses[bin] * shares[bin];
    variance += positives[bin] * (shares[bin] + byClass - value) ** 2 + negatives[bin] * byOther ** 2;
  }
  return variance / (positive * positive);
}

/** Within a bin the truth varies as a share does; between bins its distance from the score. */
function calibrationVariance({ calibration, calibrationOffset }: ScoreLayout, state: Float64Array): number {
  const bins = Array.from({ length: calibration.edgeCount + 1 }, (_, bin) => {
    const at = calibrationOffset + 3 * bin;
    return {
      rows: state[at],
      gap: Math.abs(state[at + 2] - state[at + 1]) / state[at],
      share: state[at + 2] / state[at],
    };
  }).filter(({ rows }) => rows > 0);
  const total = bins.reduce((sum, { rows }) => sum + rows, 0);
  if (!(total > 0)) return 0;
  const error = bins.reduce((sum, { rows, gap }) => sum + rows * gap, 0) / total;
  const squares = bins.reduce(
    (sum, { rows, gap, share }) => sum + rows * (Math.max(0, share * (1 - share)) + (gap - error) ** 2),
    0,
  );
  return squares / (total * total);
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function meanOf<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0) / list.length;
}
