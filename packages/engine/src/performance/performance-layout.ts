/** How one model's predictions and truths become sums: what its reference says of its classes, or of its loss. */
import type { PerformanceReference } from '../reference/profile.ts';
import { compileBinSearch, findBinPlain } from '../sketch/bin-search.ts';
import { type ClassificationLayout, classificationLayout, OUTCOME } from './classification-layout.ts';
import { addClassified } from './classification-outcomes.ts';
import { addExpected } from './expected-outcomes.ts';
import type { CalibrationMap } from './isotonic.ts';
import type { Truth } from './labelled-outcome.ts';
import type { LossModel } from './loss-model.ts';
import { addExpectedLoss, addRegressed, type RegressionLayout, regressionLayout } from './regression-outcomes.ts';

export type PerformanceLayout =
  | {
      readonly task: 'classification';
      readonly size: number;
      readonly scoreClasses: readonly string[];
      readonly classification: ClassificationLayout;
      readonly indexes: ReadonlyMap<string, number>;
      readonly maps: readonly CalibrationMap[];
    }
  | {
      readonly task: 'regression';
      readonly size: number;
      readonly scoreClasses: readonly string[];
      readonly regression: RegressionLayout;
      readonly loss: LossModel;
    };

/** One prediction; `scores` as many as the layout's `scoreClasses`, or none. */
export interface MadePrediction {
  readonly label: string | undefined;
  readonly value: number;
  readonly scores: ArrayLike<number>;
}

/** At and above it the positive class is predicted, where no label says what was. */
const THRESHOLD = 0.5;
/** Detectors square it. */
const ERROR_MAX = 1e70;

export function performanceLayout({ classification, regression }: PerformanceReference): PerformanceLayout | undefined {
  if (classification !== undefined) {
    const { classes, scoreEdges, calibration } = classification;
    const layout = classificationLayout(classes, scoreEdges);
    return {
      task: 'classification',
      size: layout.size,
      scoreClasses: layout.scores.map(({ of }) => classes[of]),
      classification: layout,
      indexes: new Map(classes.map((name, index) => [name, index])),
      maps: calibration,
    };
  }
  if (regression === undefined) return undefined;
  const { center, nearZero, residualEdges, loss } = regression;
  const layout = regressionLayout(center, nearZero, residualEdges);
  const model = { ...loss, bins: compileBinSearch(loss.edges) };
  return { task: 'regression', size: layout.size, scoreClasses: [], regression: layout, loss: model };
}

/** @param weight negative to take the outcome back out */
export function addMeasured(
  layout: PerformanceLayout,
  state: Float64Array,
  prediction: MadePrediction,
  truth: Truth,
  weight: number,
): void {
  if (layout.task === 'regression') {
    addRegressed(layout.regression, state, prediction.value, truth.value, weight);
    return;
  }
  const scores = scoresOf(layout, prediction);
  const actual = truthOf(layout, truth);
  addClassified(layout.classification, state, { actual, predicted: predicted(layout, prediction), scores }, weight);
}

/** What is expected of a prediction whose truth is not looked at. Nothing where the reference has no scores. */
export function addEstimated(
  layout: PerformanceLayout,
  state: Float64Array,
  prediction: MadePrediction,
  weight: number,
): void {
  if (layout.task === 'regression') {
    const { value } = prediction;
    const bin = Number.isFinite(value) ? findBinPlain(layout.loss.bins, value) : -1;
    addExpectedLoss(state, layout.loss, bin, weight);
    return;
  }
  if (layout.maps.length === 0) return;
  const of = predicted(layout, prediction);
  if (of < 0) state[OUTCOME.unknownClass] += weight;
  else addExpected(layout.classification, state, of, scoresOf(layout, prediction) ?? [], layout.maps, weight);
}

/** 1 for a wrong class and 0 for a right one, |error| of a number; NaN where nothing can be said. */
export function errorOf(layout: PerformanceLayout, prediction: MadePrediction, truth: Truth): number {
  if (layout.task === 'regression') {
    const error = Math.abs(prediction.value - truth.value);
    return error <= ERROR_MAX ? error : Number.NaN;
  }
  const actual = truthOf(layout, truth);
  const of = predicted(layout, prediction);
  if (actual < 0 || of < 0) return Number.NaN;
  return actual === of ? 0 : 1;
}

type Classification = Extract<PerformanceLayout, { readonly task: 'classification' }>;

function classOf({ indexes }: Classification, label: string | undefined): number {
  return label === undefined ? -1 : (indexes.get(label) ?? -1);
}

/** A class may be called by a number, and its truth be sent as one. */
function truthOf(layout: Classification, { label, value }: Truth): number {
  return classOf(layout, label ?? (Number.isFinite(value) ? String(value) : undefined));
}

/** By its label; without one the likeliest class. */
function predicted(layout: Classification, prediction: MadePrediction): number {
  if (prediction.label !== undefined) return classOf(layout, prediction.label);
  const scores = scoresOf(layout, prediction);
  if (scores === undefined) return -1;
  if (scores.length === 1) {
    if (Number.isNaN(scores[0])) return -1;
    return scores[0] >= THRESHOLD ? 1 : 0;
  }
  let best = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) return -1;
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}

/** Of two classes the score of the label does as well: it is the positive one's, or what is left of 1. */
function scoresOf(layout: Classification, { label, value, scores }: MadePrediction): ArrayLike<number> | undefined {
  const count = layout.scoreClasses.length;
  if (count === 0) return undefined;
  if (scores.length === count && !Number.isNaN(scores[0])) return scores;
  if (count > 1 || !Number.isFinite(value)) return undefined;
  return [label === undefined || classOf(layout, label) === 1 ? value : 1 - value];
}
