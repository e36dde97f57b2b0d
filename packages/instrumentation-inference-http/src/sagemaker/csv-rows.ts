/** Rows of plain CSV, as SageMaker's built-in algorithms take and give it: no header, no quotes. */

import { responseOfRows } from '../output-tensors.ts';
import {
  type ModelNames,
  type RequestColumns,
  type ResponseColumns,
  unreadable,
  unreadableResponse,
} from '../protocol.ts';
import { columnsOfLists } from '../row-layouts.ts';

/** Undefined for quotes, which would need another parser. */
export function csvRows(text: string): (string | number)[][] | undefined {
  if (text.includes('"')) return undefined;
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(',').map(numberOrText));
}

export function requestOfCsv(text: string, names: ModelNames): RequestColumns {
  const rows = csvRows(text);
  if (rows === undefined) return unreadable('csv');
  return rows.length === 0 ? { rowCount: 0, features: [] } : columnsOfLists(rows, names.features);
}

/** A line a row; one line for several rows is what XGBoost's container sends: `0.1,0.9,0.3`. */
export function responseOfCsv(text: string, rowCount: number | undefined, names: ModelNames): ResponseColumns {
  const rows = csvRows(text);
  if (rows === undefined || rows.length === 0) return unreadableResponse('response_csv');
  const [line] = rows;
  const isOneLine = rows.length === 1 && line.length > 1 && line.length === rowCount;
  return responseOfRows(isOneLine ? line : rows, names);
}

function numberOrText(text: string): string | number {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return trimmed === '' || Number.isNaN(value) ? trimmed : value;
}
