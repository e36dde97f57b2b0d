/**
 * ModelInferRequest and ModelInferResponse as JavaScript objects: those of @grpc/proto-loader (`keepCase` or camelCase),
 * of ts-proto and protobuf-es-like generators, and of google-protobuf (by `toObject`). Raw contents, which Triton and
 * its clients use, are decoded for the numeric types: little-endian, row-major.
 */
import { type InferTensor, kindOf, refusedTensor, rowsAndWidth } from '../oip-tensors.ts';
import { objectOf, type RemoteModel } from '../protocol.ts';

type Fields = Readonly<Record<string, unknown>>;

interface RawType {
  readonly byteCount: number;
  readonly read: (view: DataView, offset: number) => unknown;
}

const RAW_TYPES: Readonly<Record<string, RawType | undefined>> = {
  BOOL: { byteCount: 1, read: (view, at) => view.getUint8(at) !== 0 },
  UINT8: { byteCount: 1, read: (view, at) => view.getUint8(at) },
  UINT16: { byteCount: 2, read: (view, at) => view.getUint16(at, true) },
  UINT32: { byteCount: 4, read: (view, at) => view.getUint32(at, true) },
  UINT64: { byteCount: 8, read: (view, at) => view.getBigUint64(at, true) },
  INT8: { byteCount: 1, read: (view, at) => view.getInt8(at) },
  INT16: { byteCount: 2, read: (view, at) => view.getInt16(at, true) },
  INT32: { byteCount: 4, read: (view, at) => view.getInt32(at, true) },
  INT64: { byteCount: 8, read: (view, at) => view.getBigInt64(at, true) },
  FP32: { byteCount: 4, read: (view, at) => view.getFloat32(at, true) },
  FP64: { byteCount: 8, read: (view, at) => view.getFloat64(at, true) },
};

const CONTENTS = [
  'fp32_contents',
  'fp64_contents',
  'int64_contents',
  'int_contents',
  'uint_contents',
  'uint64_contents',
  'bool_contents',
  'bytes_contents',
] as const;

/** Undefined when the message names no model. */
export function modelOfMessage(message: unknown): RemoteModel | undefined {
  const fields = fieldsOf(message);
  const name = field(fields, 'model_name');
  if (typeof name !== 'string' || name === '') return undefined;
  const version = field(fields, 'model_version');
  return { name, ...(typeof version === 'string' && version !== '' ? { version } : {}) };
}

export function idOfMessage(message: unknown): string | undefined {
  const id = field(fieldsOf(message), 'id');
  return typeof id === 'string' && id !== '' ? id : undefined;
}

export function tensorsOfMessage(message: unknown, side: 'inputs' | 'outputs'): InferTensor[] | undefined {
  const fields = fieldsOf(message);
  const list = field(fields, side);
  if (!Array.isArray(list)) return undefined;
  const raw = field(fields, side === 'inputs' ? 'raw_input_contents' : 'raw_output_contents');
  return list.map((tensor, i) => tensorOf(objectOf(tensor) ?? {}, Array.isArray(raw) ? raw[i] : undefined));
}

function tensorOf(tensor: Fields, raw: unknown): InferTensor {
  const name = String(tensor.name ?? '');
  const datatype = String(tensor.datatype);
  const shape = field(tensor, 'shape');
  const size = rowsAndWidth(Array.isArray(shape) ? shape.map((dim) => Number(String(dim))) : undefined);
  const rowCount = size?.rowCount ?? 1;
  const kind = kindOf(datatype);
  const refused = (refusal: string) => refusedTensor(name, rowCount, refusal);
  if (size === undefined) return refused('shape');
  if (kind === undefined) return refused('dtype');
  const { width } = size;
  const bytes = bytesOf(raw);
  if (bytes !== undefined && bytes.byteLength > 0) {
    const type = Object.hasOwn(RAW_TYPES, datatype) ? RAW_TYPES[datatype] : undefined;
    if (type === undefined) return refused('binary');
    if (bytes.byteLength !== rowCount * width * type.byteCount) return refused('shape');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = (row: number, column: number) => type.read(view, (row * width + column) * type.byteCount);
    return { name, rowCount, width, kind, at };
  }
  const values = contentsOf(field(tensor, 'contents'));
  if (values?.length !== rowCount * width) return refused('shape');
  return { name, rowCount, width, kind, at: (row, column) => plain(values[row * width + column]) };
}

/** The one list of the contents that is not empty. */
function contentsOf(contents: unknown): ArrayLike<unknown> | undefined {
  const fields = objectOf(contents);
  if (fields === undefined) return undefined;
  for (const name of CONTENTS) {
    const list = field(fields, name) as ArrayLike<unknown> | undefined;
    if (list !== undefined && list !== null && typeof list === 'object' && list.length > 0) return list;
  }
  return undefined;
}

/** 64-bit integers come as Long or as text, bytes as buffers of UTF-8. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  if (value !== null && typeof value === 'object') return Number(String(value));
  return value;
}

/** google-protobuf gives bytes as base64 text. */
function bytesOf(raw: unknown): Uint8Array | undefined {
  if (raw instanceof Uint8Array) return raw;
  return typeof raw === 'string' && raw !== '' ? Buffer.from(raw, 'base64') : undefined;
}

function fieldsOf(message: unknown): Fields {
  const { toObject } = (message ?? {}) as { toObject?: unknown };
  if (typeof toObject === 'function' && !Object.hasOwn(message as object, 'model_name'))
    return objectOf(toObject.call(message)) ?? {};
  return objectOf(message) ?? {};
}

/** By its name in the proto file, in camelCase, or with google-protobuf's `List`. */
function field(fields: Fields, name: string): unknown {
  const camel = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return fields[name] ?? fields[camel] ?? fields[`${camel}List`];
}
