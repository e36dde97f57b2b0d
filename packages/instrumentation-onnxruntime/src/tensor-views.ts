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

const KINDS: Readonly<Record<string, TensorKind | undefined>> = {
  float32: 'number',
  float64: 'number',
  float16: 'half',
  int8: 'number',
  int16: 'number',
  int32: 'number',
  int64: 'number',
  uint8: 'number',
  uint16: 'number',
  uint32: 'number',
  uint64: 'number',
  bool: 'bool',
  string: 'string',
};
const TENSORS_MAX = 1_000;

/** In the session's order; what it does not name comes after. */
export function tensorViews(tensors: unknown, order: readonly string[]): TensorView[] {
  if (tensors === null || typeof tensors !== 'object') return [];
  const names = Object.keys(tensors);
  if (names.length > 1) names.sort((a, b) => placeOf(order, a) - placeOf(order, b));
  return names.slice(0, TENSORS_MAX).map((name) => viewOf(name, () => (tensors as Record<string, unknown>)[name]));
}

function placeOf(order: readonly string[], name: string): number {
  const place = order.indexOf(name);
  return place === -1 ? order.length : place;
}

function viewOf(name: string, tensorOf: () => unknown): TensorView {
  try {
    const tensor = tensorOf();
    if (!isTensor(tensor)) return unreadableTensor(name);
    const { dims, type, location } = tensor;
    if (location === 'none') return unreadableTensor(name, 'disposed');
    const isHere = location === undefined || location === 'cpu' || location === 'cpu-pinned';
    return {
      name,
      dims: dims.map(Number),
      kind: Object.hasOwn(KINDS, type) ? KINDS[type] : undefined,
      isInteger: type.includes('int'),
      ...(isHere ? {} : { fault: 'location' }),
      read: () => tensor.data,
    };
  } catch {
    return unreadableTensor(name);
  }
}

function isTensor(value: unknown): value is Tensor {
  return (
    value !== null &&
    typeof value === 'object' &&
    Array.isArray((value as Tensor).dims) &&
    typeof (value as Tensor).type === 'string'
  );
}
