/**
 * Tensors of the Open Inference Protocol as JSON has them: `{name, shape, datatype, data}`, the data flat (row-major) or
 * nested; bytes in the binary extension are counted and not decoded.
 */

import type { OutputTensor, TensorKind } from './output-tensors.ts';
import { type ModelNames, objectOf, type RequestColumns, unreadable } from './protocol.ts';
import { FEATURES_MAX, named } from './row-layouts.ts';

/** One tensor of n rows, whichever wire it came over. */
export interface InferTensor extends OutputTensor {
  /** Why its values cannot be read. */
  readonly refusal?: string;
}

const NUMBER_TYPES = /^(FP16|FP32|FP64|BF16)$/;
const INTEGER_TYPES = /^U?INT(8|16|32|64)$/;

export function kindOf(datatype: unknown): TensorKind | undefined {
  const name = String(datatype);
  if (NUMBER_TYPES.test(name)) return 'float';
  if (INTEGER_TYPES.test(name)) return 'integer';
  return name === 'BYTES' || name === 'BOOL' ? 'text' : undefined;
}

/** A shape is only a claim: one of more rows is not believed. */
const ROWS_MAX = 10_000_000;

/** Rows and columns of a shape: [] is one value, [n] a column, [n, k] a matrix, [n, k, 1] … none of them. */
export function rowsAndWidth(shape: unknown): { rowCount: number; width: number } | undefined {
  if (!Array.isArray(shape) || shape.length > 2) return undefined;
  const rowCount = shape.length === 0 ? 1 : countOf(shape[0]);
  const width = shape.length < 2 ? 1 : countOf(shape[1]);
  return rowCount === undefined || width === undefined || width === 0 ? undefined : { rowCount, width };
}

/** The tensors of a JSON body's `inputs` or `outputs`; undefined when it is not of this protocol. */
export function tensorsOfJson(list: unknown): InferTensor[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const tensors: InferTensor[] = [];
  for (const entry of list) {
    const tensor = objectOf(entry);
    if (tensor === undefined || typeof tensor.name !== 'string') return undefined;
    tensors.push(tensorOfJson(tensor.name, tensor));
  }
  return tensors;
}

function tensorOfJson(
  name: string,
  { shape, datatype, data, parameters }: Readonly<Record<string, unknown>>,
): InferTensor {
  const size = rowsAndWidth(shape);
  const rowCount = size?.rowCount ?? (Array.isArray(shape) ? countOf(shape[0]) : undefined) ?? 1;
  const kind = kindOf(datatype);
  const refused = (refusal: string) => refusedTensor(name, rowCount, refusal);
  const options = objectOf(parameters);
  if (options?.binary_data_size !== undefined) return refused('binary');
  if (options?.content_type === 'base64') return refused('base64');
  if (size === undefined) return refused('shape');
  if (kind === undefined) return refused('dtype');
  if (!Array.isArray(data)) return refused('shape');
  const { width } = size;
  if (data.length === rowCount * width) {
    // [n, 1] may be nested too.
    return { name, rowCount, width, kind, at: (row, column) => first(data[row * width + column]) };
  }
  if (data.length !== rowCount || !data.every((row) => Array.isArray(row) && row.length === width))
    return refused('shape');
  return { name, rowCount, width, kind, at: (row, column) => data[row][column] };
}

/** One tensor a feature; or a single matrix, whose columns the description names. */
export function requestOfTensors(tensors: readonly InferTensor[] | undefined, names: ModelNames): RequestColumns {
  const [head] = tensors ?? [];
  if (tensors === undefined || head === undefined || tensors.length > FEATURES_MAX) return unreadable('shape');
  const { rowCount } = head;
  const refusal = tensors.find((tensor) => tensor.refusal !== undefined)?.refusal;
  if (refusal !== undefined) return unreadable(refusal, rowCount);
  if (tensors.some((tensor) => tensor.rowCount !== rowCount)) return unreadable('shape', rowCount);
  if (tensors.length === 1 && head.width > 1) return named(names.features, head.width, rowCount, head.at);
  if (tensors.some(({ width }) => width !== 1)) return unreadable('shape', rowCount);
  return { rowCount, features: tensors.map(({ name, at }) => ({ name, at: (row: number) => at(row, 0) })) };
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function countOf(size: unknown): number | undefined {
  const count = Number(size);
  return Number.isSafeInteger(count) && count >= 0 && count <= ROWS_MAX ? count : undefined;
}

/** Counted with its rows, and never read. */
export function refusedTensor(name: string, rowCount: number, refusal: string): InferTensor {
  return { name, rowCount, width: 1, kind: 'text', at: () => undefined, refusal };
}
