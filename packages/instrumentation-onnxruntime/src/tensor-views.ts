/** onnxruntime's tensors as views. What throws, is on a device, or is no tensor becomes a view that says so. */
import { type TensorKind, type TensorView, unreadableTensor } from '@leeway/instrumentation/tensors';

/** The part of onnxruntime's tensor that is read. */
interface Tensor {
  readonly dims: readonly number[];
  readonly type: string;
  readonly data: ArrayLike<unknown>;
  /** `cpu`, `none` when it was disposed, or where the data is that cannot be read from here. */
  readonly location?: string;
}

interface ElementType {
  readonly kind: TensorKind | undefined;
  readonly isInteger: boolean;
}

const NUMBER: ElementType = { kind: 'number', isInteger: false };
const INTEGER: ElementType = { kind: 'number', isInteger: true };
const UNKNOWN: ElementType = { kind: undefined, isInteger: false };
const TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['float32', NUMBER],
  ['float64', NUMBER],
  ['float16', { kind: 'half', isInteger: false }],
  ['int8', INTEGER],
  ['int16', INTEGER],
  ['int32', INTEGER],
  ['int64', INTEGER],
  ['uint8', INTEGER],
  ['uint16', INTEGER],
  ['uint32', INTEGER],
  ['uint64', INTEGER],
  ['bool', { kind: 'bool', isInteger: false }],
  ['string', { kind: 'string', isInteger: false }],
]);
const TENSORS_MAX = 1_000;

/** In the session's order; what it does not name comes after. */
export function tensorViews(tensors: unknown, order: readonly string[]): TensorView[] {
  if (tensors === null || typeof tensors !== 'object') return [];
  const names = Object.keys(tensors);
  if (!areInOrder(names, order)) names.sort((a, b) => placeOf(order, a) - placeOf(order, b));
  const count = Math.min(names.length, TENSORS_MAX);
  const views: TensorView[] = new Array(count);
  for (let i = 0; i < count; i++) views[i] = viewOf(names[i], tensors as Record<string, unknown>);
  return views;
}

/** As the runtime's own results are. */
function areInOrder(names: readonly string[], order: readonly string[]): boolean {
  if (names.length < 2) return true;
  for (let i = 0; i < names.length; i++) if (names[i] !== order[i]) return false;
  return true;
}

function placeOf(order: readonly string[], name: string): number {
  const place = order.indexOf(name);
  return place === -1 ? order.length : place;
}

function viewOf(name: string, tensors: Readonly<Record<string, unknown>>): TensorView {
  try {
    const tensor = tensors[name];
    if (!isTensor(tensor)) return unreadableTensor(name);
    const { dims, type, location } = tensor;
    if (location === 'none') return unreadableTensor(name, 'disposed');
    const isHere = location === undefined || location === 'cpu' || location === 'cpu-pinned';
    return new OnnxTensorView(name, tensor, dims, type, isHere ? undefined : 'location');
  } catch {
    return unreadableTensor(name);
  }
}

class OnnxTensorView implements TensorView {
  readonly name: string;
  readonly dims: readonly number[];
  readonly kind: TensorKind | undefined;
  readonly isInteger: boolean;
  readonly fault: 'location' | undefined;
  readonly #tensor: Tensor;

  constructor(name: string, tensor: Tensor, dims: readonly number[], type: string, fault: 'location' | undefined) {
    this.name = name;
    this.dims = areNumbers(dims) ? dims : dims.map(Number);
    const { kind, isInteger } = TYPES.get(type) ?? UNKNOWN;
    this.kind = kind;
    this.isInteger = isInteger;
    this.fault = fault;
    this.#tensor = tensor;
  }

  read(): ArrayLike<unknown> {
    return this.#tensor.data;
  }
}

function areNumbers(dims: readonly unknown[]): boolean {
  for (let i = 0; i < dims.length; i++) if (typeof dims[i] !== 'number') return false;
  return true;
}

function isTensor(value: unknown): value is Tensor {
  return (
    value !== null &&
    typeof value === 'object' &&
    Array.isArray((value as Tensor).dims) &&
    typeof (value as Tensor).type === 'string'
  );
}
