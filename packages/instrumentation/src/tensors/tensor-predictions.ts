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
import { KnownShapes, type TensorFault, type TensorKind, type TensorView, widthOf } from './tensor-view.ts';

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
const BINARY: readonly string[] = ['0', '1'];
const NO_CLASSES: readonly string[] = [];
const SUM_TOLERANCE = 1e-3;
/** Rows that are looked at to tell probabilities from logits. */
const PROBE_ROWS = 16;
const CLASSIFIER_NAME = /prob|softmax|logit|score|class|label/i;

/** The outputs of one model: which is which is worked out anew when they differ from the call before. */
export class OutputLayouts {
  readonly #names: ClassNames;
  #shapes: KnownShapes | undefined;
  #rowCount = 0;
  #layout: Layout | undefined;

  constructor(names: ClassNames) {
    this.#names = names;
  }

  interpret(views: readonly TensorView[], rowCount: number): Interpretation {
    if (this.#layout === undefined || rowCount !== this.#rowCount || this.#shapes?.areThose(views) !== true) {
      this.#layout = layoutOf(views, rowCount, this.#names);
      this.#shapes = new KnownShapes(views);
      this.#rowCount = rowCount;
    }
    return interpretation(this.#layout, views, rowCount, this.#names);
  }
}

/** What shapes, types and names tell; places among the views. */
interface Layout {
  readonly fault?: TensorFault;
  readonly label?: number;
  readonly matrix?: number;
  readonly single?: number;
  /** Of the matrix, a name a column. */
  readonly classes: readonly string[];
  /** Whether the matrix is a classifier's, whatever its values are. */
  readonly isClassifier: boolean;
}

function layoutOf(views: readonly TensorView[], rowCount: number, names: ClassNames): Layout {
  const none = { classes: [], isClassifier: false };
  const readable = views.filter((view) => view.fault === undefined && view.kind !== undefined);
  if (readable.length === 0) return { ...none, fault: views[0]?.fault ?? (views.length === 0 ? 'shape' : 'dtype') };
  if (rowCount === 0) return none;
  const label = readable.find((view) => isLabel(view) && widthOf(view, rowCount) === 1);
  const others = readable.filter((view) => view !== label && isNumeric(view) && !view.isInteger);
  const matrix = names.task === 'regression' ? undefined : scoresOf(others, rowCount);
  const single = others.find((view) => widthOf(view, rowCount) === 1);
  const width = matrix === undefined ? 0 : (widthOf(matrix, rowCount) as number);
  const isOfClasses = matrix !== undefined && names.classes?.length === width;
  const isClassifier =
    matrix !== undefined &&
    (names.task === 'classification' || isOfClasses || (names.task === undefined && CLASSIFIER_NAME.test(matrix.name)));
  return {
    ...(label === undefined ? {} : { label: views.indexOf(label) }),
    ...(matrix === undefined ? {} : { matrix: views.indexOf(matrix) }),
    ...(single === undefined ? {} : { single: views.indexOf(single) }),
    classes: isOfClasses ? (names.classes ?? []) : Array.from({ length: width }, (_, index) => String(index)),
    isClassifier,
  };
}

function interpretation(
  layout: Layout,
  views: readonly TensorView[],
  rowCount: number,
  names: ClassNames,
): Interpretation {
  if (layout.fault !== undefined) return { columns: {}, fault: layout.fault };
  const columns: Columns = {};
  if (rowCount === 0) return { columns };
  const label = layout.label === undefined ? undefined : columnOf(views[layout.label], 'label');
  if (label !== undefined) columns.label = new LabelColumn(label, names);
  if (names.isLabelEnough && columns.label !== undefined) return { columns };
  if (layout.matrix !== undefined) addClasses(columns, views[layout.matrix], rowCount, layout);
  if (layout.single !== undefined && (layout.matrix === undefined || columns.label === undefined))
    addSingle(columns, views[layout.single], rowCount, names);
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

function addClasses(columns: Columns, view: TensorView, rowCount: number, { classes, isClassifier }: Layout): void {
  const values = dataOf(view);
  if (values === undefined) return;
  const scores: TensorColumn[] = new Array(classes.length);
  for (let i = 0; i < classes.length; i++)
    scores[i] = new TensorColumn(classes[i], values, view.kind as TensorKind, i, classes.length);
  const areProbabilities = areRowsOfProbabilities(scores, rowCount);
  if (columns.label === undefined && (isClassifier || areProbabilities))
    columns.label = new GreatestColumn(scores, classes);
  if (columns.label === undefined || !areProbabilities) return;
  columns.scores = scores;
  columns.score = new ScoreColumn(columns.label, scores, classes);
}

function addSingle(columns: Columns, view: TensorView, rowCount: number, names: ClassNames): void {
  const column = columnOf(view, 'value');
  if (column === undefined) return;
  const classes = names.classes ?? (names.task === 'classification' ? BINARY : NO_CLASSES);
  if (classes.length === 2 && names.task !== 'regression') addBinary(columns, column, rowCount, classes);
  else columns.value = column;
}

function addBinary(columns: Columns, column: TensorColumn, rowCount: number, classes: readonly string[]): void {
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
  /** Asked for the same row by the metric, the label and its score. */
  #lastRow = -1;
  #last: unknown;

  constructor(labels: TensorColumn, { classes = [], fileClasses = [] }: ClassNames) {
    this.#labels = labels;
    this.#classes = classes;
    this.#fileClasses = fileClasses;
  }

  at(row: number): unknown {
    if (row === this.#lastRow) return this.#last;
    this.#last = this.#nameAt(row);
    this.#lastRow = row;
    return this.#last;
  }

  #nameAt(row: number): unknown {
    const value = this.#labels.at(row);
    if (value === undefined || value === null) return undefined;
    const text = String(value);
    if (this.#classes.length === 0 || this.#classes.includes(text)) return text;
    const place = this.#fileClasses.indexOf(text);
    return this.#classes[place === -1 ? Number(text) : place] ?? text;
  }
}

/** The class of the greatest score. */
class GreatestColumn implements ValueColumn {
  readonly name = 'label';
  readonly #scores: readonly TensorColumn[];
  readonly #classes: readonly string[];

  constructor(scores: readonly TensorColumn[], classes: readonly string[]) {
    this.#scores = scores;
    this.#classes = classes;
  }

  at(row: number): unknown {
    const index = greatest(this.#scores, row);
    return index === -1 ? undefined : this.#classes[index];
  }
}

/** The score of the label; the greatest when the label is none of the classes. */
class ScoreColumn implements ValueColumn {
  readonly name = 'score';
  readonly #label: ValueColumn;
  readonly #scores: readonly TensorColumn[];
  readonly #classes: readonly string[];

  constructor(label: ValueColumn, scores: readonly TensorColumn[], classes: readonly string[]) {
    this.#label = label;
    this.#scores = scores;
    this.#classes = classes;
  }

  at(row: number): unknown {
    const ofLabel = this.#classes.indexOf(String(this.#label.at(row)));
    const index = ofLabel === -1 ? greatest(this.#scores, row) : ofLabel;
    return index === -1 ? undefined : this.#scores[index].at(row);
  }
}

function columnOf(view: TensorView, name: string): TensorColumn | undefined {
  const values = dataOf(view);
  return values === undefined ? undefined : new TensorColumn(name, values, view.kind as TensorKind, 0, 1);
}

/** −1 where a score is no number: nothing is the greatest then. */
function greatest(scores: readonly ValueColumn[], row: number): number {
  let index = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    const score = Number(scores[i].at(row));
    if (Number.isNaN(score)) return -1;
    if (index === -1 || score > highest) {
      index = i;
      highest = score;
    }
  }
  return index;
}

function areRowsOfProbabilities(scores: readonly ValueColumn[], rowCount: number): boolean {
  const step = probeStep(rowCount);
  for (let row = 0; row < rowCount; row += step) {
    let sum = 0;
    for (let i = 0; i < scores.length; i++) {
      const value = scores[i].at(row);
      if (!isShare(value)) return false;
      sum += Number(value);
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) return false;
  }
  return true;
}

function probeStep(rowCount: number): number {
  return Math.max(1, Math.floor(rowCount / PROBE_ROWS));
}

function probe(rowCount: number, test: (row: number) => boolean): boolean {
  const step = probeStep(rowCount);
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
