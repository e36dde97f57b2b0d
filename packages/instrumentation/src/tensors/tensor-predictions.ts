/**
 * Output tensors as a prediction.
 *
 * | outputs | read as |
 * |---|---|
 * | labels [n] (integers, strings) and probabilities [n, k]: skl2onnx without ZipMap, onnxmltools (XGBoost, LightGBM) | label, score of the label, score by class |
 * | labels [n] and other numbers [n, k] (distances of k-means) | label |
 * | labels [n] and one number a row (IsolationForest) | label, value |
 * | [n, k] of a classifier (PyTorch, Keras heads) | label by argmax; scores only where rows sum to 1: logits are none |
 * | one number a row of a binary classifier (sigmoid) | label by 0.5; logits by 0; scores where all lie in [0, 1] |
 * | one number a row otherwise | value |
 *
 * [n, k] is a classifier's when the task says so, when there are k classes, when the output's name says so, or when rows
 * sum to 1. Anything else (embeddings, images, several regressions) is not interpreted.
 */
import type { PredictionColumns, ValueColumn } from '../inference.ts';
import { dataOf, TensorColumn } from './tensor-column.ts';
import { type TensorFault, type TensorKind, type TensorView, widthOf } from './tensor-view.ts';

export interface ClassNames {
  /** In the order of the scores. */
  readonly classes?: readonly string[];
  /** The labels that the file puts out, in the same order, where they differ from `classes`. */
  readonly fileClasses?: readonly string[];
  readonly task?: string;
  /** Scores may not leave: where there is a label, nothing else is read. */
  readonly isLabelEnough?: boolean;
}

export interface Interpretation {
  readonly columns: PredictionColumns;
  /** Why nothing was understood. */
  readonly fault?: TensorFault;
}

type Columns = { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] };

const CLASSES_MAX = 1_000;
const SUM_TOLERANCE = 1e-3;
/** Rows that are looked at to tell probabilities from logits. */
const PROBE_ROWS = 16;
const CLASSIFIER_NAME = /prob|softmax|logit|score|class|label/i;

export function interpretOutputs(views: readonly TensorView[], rowCount: number, names: ClassNames): Interpretation {
  const readable = views.filter((view) => view.fault === undefined && view.kind !== undefined);
  if (readable.length === 0) return { columns: {}, fault: views[0]?.fault ?? (views.length === 0 ? 'shape' : 'dtype') };
  if (rowCount === 0) return { columns: {} };
  const label = readable.find((view) => isLabel(view) && widthOf(view, rowCount) === 1);
  const others = readable.filter((view) => view !== label && isNumeric(view) && !view.isInteger);
  const matrix = scoresOf(others, rowCount);
  const single = others.find((view) => widthOf(view, rowCount) === 1);
  const columns: Columns = {};
  const labels = label && columnOf(label, 'label', 0, 1);
  if (labels !== undefined) columns.label = new LabelColumn(labels, names);
  if (names.isLabelEnough && columns.label !== undefined) return { columns };
  if (matrix !== undefined && names.task !== 'regression') addClasses(columns, matrix, rowCount, names);
  if (single !== undefined && (matrix === undefined || columns.label === undefined))
    addSingle(columns, single, rowCount, names);
  const isEmpty = columns.label === undefined && columns.value === undefined && columns.score === undefined;
  return isEmpty ? { columns, fault: 'shape' } : { columns };
}

/** The one whose name says so, else the first. */
function scoresOf(views: readonly TensorView[], rowCount: number): TensorView | undefined {
  const wide = views.filter((view) => {
    const width = widthOf(view, rowCount);
    return width !== undefined && width > 1 && width <= CLASSES_MAX;
  });
  return (
    wide.find(({ name }) => /prob|softmax/i.test(name)) ??
    wide.find(({ name }) => CLASSIFIER_NAME.test(name)) ??
    wide[0]
  );
}

function addClasses(columns: Columns, view: TensorView, rowCount: number, names: ClassNames): void {
  const width = widthOf(view, rowCount) as number;
  const data = dataOf(view);
  if (data === undefined) return;
  const classes =
    names.classes?.length === width ? names.classes : Array.from({ length: width }, (_, index) => String(index));
  const scores = classes.map((name, i) => new TensorColumn(name, { values: data }, view.kind as TensorKind, i, width));
  const areProbabilities = areRowsOfProbabilities(scores, rowCount);
  const isClassifier =
    columns.label === undefined &&
    (names.task === 'classification' ||
      names.classes?.length === width ||
      areProbabilities ||
      (names.task === undefined && CLASSIFIER_NAME.test(view.name)));
  if (isClassifier) columns.label = { name: 'label', at: (row) => classes[greatest(scores, row)] };
  if (columns.label === undefined || !areProbabilities) return;
  columns.scores = scores;
  const { label } = columns;
  columns.score = {
    name: 'score',
    at: (row) => {
      const ofLabel = classes.indexOf(String(label.at(row)));
      return scores[ofLabel === -1 ? greatest(scores, row) : ofLabel].at(row);
    },
  };
}

function addSingle(columns: Columns, view: TensorView, rowCount: number, names: ClassNames): void {
  const column = columnOf(view, 'value', 0, 1);
  if (column === undefined) return;
  const classes = names.classes ?? (names.task === 'classification' ? ['0', '1'] : []);
  if (classes.length !== 2 || names.task === 'regression') {
    columns.value = column;
    return;
  }
  const areProbabilities = probe(rowCount, (row) => isShare(column.at(row)));
  const isSecond = (row: number) => Number(column.at(row)) >= (areProbabilities ? 0.5 : 0);
  const { label } = columns;
  if (label === undefined) {
    columns.label = {
      name: 'label',
      at: (row) => (hasNumber(column, row) ? classes[isSecond(row) ? 1 : 0] : undefined),
    };
  } else if (!areProbabilities) columns.value = column;
  if (!areProbabilities) return;
  const ofSecond = (row: number) => (hasNumber(column, row) ? Number(column.at(row)) : undefined);
  const ofFirst = (row: number) => (hasNumber(column, row) ? 1 - Number(column.at(row)) : undefined);
  columns.score = {
    name: 'score',
    at: (row) => ((label === undefined ? isSecond(row) : label.at(row) === classes[1]) ? ofSecond(row) : ofFirst(row)),
  };
  columns.scores = [
    { name: classes[0], at: ofFirst },
    { name: classes[1], at: ofSecond },
  ];
}

/** A label by the name of its class: as it is when it is one, else what stands at its place. */
class LabelColumn implements ValueColumn {
  readonly name = 'label';
  readonly #labels: TensorColumn;
  readonly #classes: readonly string[];
  readonly #fileClasses: readonly string[];

  constructor(labels: TensorColumn, { classes = [], fileClasses = [] }: ClassNames) {
    this.#labels = labels;
    this.#classes = classes;
    this.#fileClasses = fileClasses;
  }

  at(row: number): unknown {
    const value = this.#labels.at(row);
    if (value === undefined || value === null) return undefined;
    const text = String(value);
    if (this.#classes.length === 0 || this.#classes.includes(text)) return text;
    const place = this.#fileClasses.indexOf(text);
    return this.#classes[place === -1 ? Number(text) : place] ?? text;
  }
}

function columnOf(view: TensorView, name: string, offset: number, stride: number): TensorColumn | undefined {
  const data = dataOf(view);
  return data === undefined
    ? undefined
    : new TensorColumn(name, { values: data }, view.kind as TensorKind, offset, stride);
}

function greatest(scores: readonly ValueColumn[], row: number): number {
  let index = 0;
  for (let i = 1; i < scores.length; i++) if (Number(scores[i].at(row)) > Number(scores[index].at(row))) index = i;
  return index;
}

function areRowsOfProbabilities(scores: readonly ValueColumn[], rowCount: number): boolean {
  return probe(rowCount, (row) => {
    let sum = 0;
    for (const score of scores) {
      if (!isShare(score.at(row))) return false;
      sum += Number(score.at(row));
    }
    return Math.abs(sum - 1) <= SUM_TOLERANCE;
  });
}

function probe(rowCount: number, test: (row: number) => boolean): boolean {
  const step = Math.max(1, Math.floor(rowCount / PROBE_ROWS));
  for (let row = 0; row < rowCount; row += step) if (!test(row)) return false;
  return true;
}

const hasNumber = (column: ValueColumn, row: number): boolean => Number.isFinite(Number(column.at(row)));
/** A softmax of half floats may pass its bounds by a rounding. */
const isShare = (value: unknown): boolean => Number(value) >= -SUM_TOLERANCE && Number(value) <= 1 + SUM_TOLERANCE;

function isLabel({ name, kind, isInteger }: TensorView): boolean {
  return kind === 'string' || kind === 'bool' || isInteger === true || (kind !== undefined && /label/i.test(name));
}

function isNumeric({ kind }: TensorView): boolean {
  return kind === 'number' || kind === 'half';
}
