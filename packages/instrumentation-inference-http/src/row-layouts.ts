/**
 * The layouts in which JSON carries a table: a list of objects, a list of lists, a list of values, an object of lists.
 * Columns are read lazily; only the first row's cells are looked at here.
 */
import type { ValueColumn } from '@leeway/instrumentation';
import { type ModelNames, objectOf, type RequestColumns, unreadable } from './protocol.ts';

/** Wider rows are refused. */
export const FEATURES_MAX = 1_000;

/** Rows in a list, each an object, a list or a value. */
export function columnsOfRows(rows: unknown, names: ModelNames): RequestColumns {
  if (!Array.isArray(rows)) return unreadable('shape');
  const [first] = rows;
  if (first === undefined) return { rowCount: 0, features: [] };
  if (Array.isArray(first)) return columnsOfLists(rows, names.features);
  if (objectOf(first) !== undefined) return columnsOfRecords(rows, names);
  if (!rows.every(isValue)) return unreadable('shape', rows.length);
  return named(names.features, 1, rows.length, (row) => rows[row]);
}

/** An object of lists, one a feature; each of as many rows. */
export function columnsOfColumns(columns: unknown, names: ModelNames): RequestColumns {
  const object = objectOf(columns);
  if (object === undefined) return unreadable('shape');
  const keys = Object.keys(object);
  if (keys.length === 0 || keys.length > FEATURES_MAX) return unreadable('shape');
  const rowCount = listLength(object[keys[0]]);
  if (rowCount === undefined) return unreadable('shape');
  // One column whose cells are lists is a matrix under the name of its tensor.
  if (keys.length === 1) {
    const [list] = Object.values(object) as [unknown[]];
    if (Array.isArray(list[0]) && list[0].length > 1) return columnsOfLists(list, names.features);
  }
  const features: ValueColumn[] = [];
  for (const key of keys) {
    const list = object[key];
    if (listLength(list) !== rowCount) return unreadable('shape', rowCount);
    const refusal = cellRefusal((list as unknown[])[0]);
    if (refusal !== undefined) return unreadable(refusal, rowCount);
    features.push({ name: key, at: (row) => cell((list as unknown[])[row]) });
  }
  return { rowCount, features };
}

/** Lists of one width, and their names from the body or the description. */
export function columnsOfLists(rows: readonly unknown[], columnNames: unknown): RequestColumns {
  const width = listLength(rows[0]);
  if (width === undefined || width === 0 || width > FEATURES_MAX || !rows.every((row) => listLength(row) === width))
    return unreadable('shape', rows.length);
  for (const value of rows[0] as unknown[]) {
    const refusal = cellRefusal(value);
    if (refusal !== undefined) return unreadable(refusal, rows.length);
  }
  return named(columnNames, width, rows.length, (row, column) => cell((rows[row] as unknown[])[column]));
}

/** Columns of a table by the names that are known for them. */
export function named(
  names: unknown,
  width: number,
  rowCount: number,
  at: (row: number, column: number) => unknown,
): RequestColumns {
  if (!Array.isArray(names)) return unreadable('names', rowCount);
  if (names.length !== width || width > FEATURES_MAX) return unreadable('shape', rowCount);
  return {
    rowCount,
    features: names.map((name, column) => ({ name: String(name), at: (row: number) => at(row, column) })),
  };
}

function columnsOfRecords(rows: readonly unknown[], names: ModelNames): RequestColumns {
  const keys = new Set<string>();
  for (const row of rows) {
    const object = objectOf(row);
    if (object === undefined) return unreadable('shape', rows.length);
    for (const key of Object.keys(object)) keys.add(key);
    if (keys.size > FEATURES_MAX) return unreadable('shape', rows.length);
  }
  if (keys.size === 0) return unreadable('shape', rows.length);
  const records = rows as readonly Readonly<Record<string, unknown>>[];
  if (keys.size === 1) {
    // {"features": [1, 2]}, {"data": [1, 2]}: a list in an envelope.
    const [key] = keys;
    const lists = records.map((record) => record[key]);
    if (lists.every((list) => Array.isArray(list) && list.length > 1)) return columnsOfLists(lists, names.features);
  }
  for (const key of keys) {
    const refusal = cellRefusal(records[0][key]);
    if (refusal !== undefined) return unreadable(key === 'b64' ? 'base64' : refusal, rows.length);
  }
  if (keys.has('b64')) return unreadable('base64', rows.length);
  return {
    rowCount: rows.length,
    features: [...keys].map((name) => ({ name, at: (row) => cell(own(records[row], name)) })),
  };
}

/** Why a cell is none: TF Serving and MLflow write bytes as {"b64": …}; a longer list is a vector. */
function cellRefusal(value: unknown): string | undefined {
  if (isValue(value) || value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 1 && isValue(value[0]) ? undefined : 'shape';
  return objectOf(value)?.b64 === undefined ? 'shape' : 'base64';
}

/** A cell may stand in a list of its own: a tensor of shape [n, 1]. */
export function cell(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

export function isValue(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

export function listLength(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined;
}

/** Not what an object inherits: a column may be called `constructor`. */
export function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
