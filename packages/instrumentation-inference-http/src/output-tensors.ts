/**
 * Predictions out of what servers send back. Whatever the protocol, a response is a few tensors of n rows: a label, a
 * score by class, a value; the same rules as for the outputs of a model in process tell which is which.
 */
import type { PredictionColumns, ValueColumn } from '@leeway/instrumentation';
import { type ModelNames, objectOf, type ResponseColumns, unreadableResponse } from './protocol.ts';
import { cell, FEATURES_MAX, isValue, own } from './row-layouts.ts';

/** `number`: JSON, which does not tell 1 from 1.0. */
export type TensorKind = 'text' | 'integer' | 'float' | 'number';

export interface OutputTensor {
  readonly name: string;
  readonly rowCount: number;
  readonly width: number;
  readonly kind: TensorKind;
  at(row: number, column: number): unknown;
}

const LABEL_NAME = /label|class/i;
const SCORE_NAME = /score|prob|confidence/i;

export function responseOfTensors(tensors: readonly OutputTensor[], names: ModelNames): ResponseColumns {
  const [first] = tensors;
  if (first === undefined) return unreadableResponse('response_shape');
  const { rowCount } = first;
  const same = tensors.filter((tensor) => tensor.rowCount === rowCount);
  const label = same.find((tensor) => tensor.width === 1 && isLabel(tensor, names));
  const scores = same.find((tensor) => tensor.width > 1 && tensor.width <= FEATURES_MAX && tensor.kind !== 'text');
  const singles = same.filter((tensor) => tensor !== label && tensor.width === 1 && tensor.kind !== 'text');
  const score = singles.find(({ name }) => SCORE_NAME.test(name));
  const value = singles.find((tensor) => tensor !== score);
  const columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] } = {};
  if (label !== undefined) columns.label = labelColumn(label, names.classes);
  if (scores !== undefined) addScores(columns, scores, names.classes);
  else if (score !== undefined) columns.score = column('score', score);
  // A bare number of a classifier is the score of its positive class.
  if (value !== undefined) {
    if (names.classes === undefined && names.task !== 'classification') columns.value = column('value', value);
    else columns.score ??= column('score', value);
  }
  if (Object.keys(columns).length === 0) return { ...unreadableResponse('response_shape'), rowCount };
  return { rowCount, predictions: columns };
}

/** A list with a prediction a row: values, lists of scores, or objects of either. */
export function responseOfRows(rows: unknown, names: ModelNames): ResponseColumns {
  if (!Array.isArray(rows) || rows.length === 0) return unreadableResponse('response_shape');
  const record = objectOf(rows[0]);
  if (record === undefined) {
    const tensor = tensorOfList('', rows);
    return tensor === undefined ? refusedRows(rows) : responseOfTensors([tensor], names);
  }
  if (!rows.every((row) => objectOf(row) !== undefined)) return refusedRows(rows);
  const tensors = Object.keys(record).flatMap((key) => {
    const list = rows.map((row) => own(row as Record<string, unknown>, key));
    const classes = objectOf(list[0]);
    const tensor = tensorOfList(key, list);
    return classes === undefined ? (tensor ?? []) : [];
  });
  const byClass = Object.keys(record).find((key) => objectOf(record[key]) !== undefined);
  const response = responseOfTensors(tensors, names);
  if (byClass === undefined) return tensors.length === 0 ? refusedRows(rows) : response;
  return withScoresByClass(response, rows, byClass);
}

/** An object of tensors by name, or one tensor: the column format of TF Serving. */
export function responseOfColumns(outputs: unknown, names: ModelNames): ResponseColumns {
  const object = objectOf(outputs);
  if (object === undefined) return responseOfRows(outputs, names);
  const tensors = Object.entries(object).flatMap(
    ([name, list]) => (Array.isArray(list) ? tensorOfList(name, list) : undefined) ?? [],
  );
  return responseOfTensors(tensors, names);
}

/** Undefined for deeper or ragged lists. */
export function tensorOfList(name: string, list: readonly unknown[]): OutputTensor | undefined {
  const [first] = list;
  const width = Array.isArray(first) ? first.length : 1;
  if (width === 0 || width > FEATURES_MAX) return undefined;
  const isFlat = list.every((row) => (Array.isArray(row) ? row.length === width && row.every(isValue) : isValue(row)));
  if (!isFlat || list.some((row) => Array.isArray(row) !== Array.isArray(first))) return undefined;
  const sample = Array.isArray(first) ? first[0] : first;
  return {
    name,
    rowCount: list.length,
    width,
    kind: typeof sample === 'number' ? 'number' : 'text',
    at: (row, index) => (width === 1 ? cell(list[row]) : (list[row] as unknown[])[index]),
  };
}

function isLabel({ name, kind, rowCount, at }: OutputTensor, { classes, task }: ModelNames): boolean {
  if (kind === 'text') return true;
  if (LABEL_NAME.test(name) && !SCORE_NAME.test(name)) return true;
  if (kind === 'float' || task === 'regression') return false;
  if (kind === 'integer') return true;
  if (classes === undefined && task !== 'classification') return false;
  for (let row = 0; row < rowCount; row++) if (!Number.isInteger(at(row, 0))) return false;
  return true;
}

function column(name: string, tensor: OutputTensor): ValueColumn {
  return { name, at: (row) => tensor.at(row, 0) };
}

function labelColumn(tensor: OutputTensor, classes: readonly string[] | undefined): ValueColumn {
  return {
    name: 'label',
    at: (row) => {
      const value = tensor.at(row, 0);
      if (typeof value === 'string') return value;
      // An object in place of a value: its own toString, which JSON may give it, must not be called.
      if (value === null || value === undefined || !isValue(value)) return undefined;
      // A boolean, or an index: of the classes when there are any.
      return (typeof value === 'boolean' ? undefined : classes?.[Number(value)]) ?? String(value);
    },
  };
}

function addScores(
  columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] },
  tensor: OutputTensor,
  classes: readonly string[] | undefined,
): void {
  const { width } = tensor;
  const names = classes?.length === width ? classes : Array.from({ length: width }, (_, i) => String(i));
  columns.scores = names.map((name, index) => ({ name, at: (row) => tensor.at(row, index) }));
  const best = (row: number) => {
    let index = 0;
    for (let i = 1; i < width; i++) if (isAbove(tensor.at(row, i), tensor.at(row, index))) index = i;
    return index;
  };
  columns.label ??= { name: 'label', at: (row) => names[best(row)] };
  columns.score = { name: 'score', at: (row) => tensor.at(row, best(row)) };
}

function isAbove(score: unknown, other: unknown): boolean {
  const isNumber = typeof score === 'number' || typeof score === 'bigint';
  return isNumber && (typeof other === 'number' || typeof other === 'bigint' ? score > other : true);
}

function withScoresByClass(response: ResponseColumns, rows: readonly unknown[], key: string): ResponseColumns {
  const scoresOf = (row: number) => objectOf(own(rows[row] as Record<string, unknown>, key)) ?? {};
  const classes = Object.keys(scoresOf(0)).slice(0, FEATURES_MAX);
  const best = (row: number) => {
    const scores = scoresOf(row);
    return classes.reduce((top, name) => (isAbove(own(scores, name), own(scores, top)) ? name : top), classes[0]);
  };
  return {
    rowCount: rows.length,
    predictions: {
      label: { name: 'label', at: best },
      score: { name: 'score', at: (row) => own(scoresOf(row), best(row)) },
      ...response.predictions,
      scores: classes.map((name) => ({ name, at: (row) => own(scoresOf(row), name) })),
    },
  };
}

function refusedRows(rows: readonly unknown[]): ResponseColumns {
  return { ...unreadableResponse('response_shape'), rowCount: rows.length };
}
