/**
 * TensorFlow.js's tensors as views. Data is read by `dataSync`, which makes no tensor, and only where it does not wait:
 * on a backend in main memory. Nobody's tensor is disposed or kept.
 */
import { type TensorKind, type TensorView, unreadableTensor } from '@leeway/instrumentation/tensors';

/** The part of a tensor that is read. */
interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly isDisposed: boolean;
  dataSync(): ArrayLike<unknown>;
}

const KINDS: Readonly<Record<string, TensorKind | undefined>> = {
  float32: 'number',
  int32: 'number',
  bool: 'bool',
  string: 'string',
};
/** Backends whose data is in main memory; webgl and webgpu would have to finish first. */
const SYNCHRONOUS_BACKENDS = ['cpu', 'wasm', 'tensorflow'];
const TENSORS_MAX = 1_000;

/** One tensor, a list in the order of `names`, or tensors by name. */
export function tensorViews(value: unknown, names: readonly string[]): TensorView[] {
  if (value === null || typeof value !== 'object') return [];
  if (isTensor(value)) return [viewOf(names[0] ?? 'x', () => value)];
  if (Array.isArray(value))
    return value.slice(0, TENSORS_MAX).map((_, index) => viewOf(names[index] ?? String(index), () => value[index]));
  const keys = Object.keys(value);
  const place = (key: string) => (names.includes(key) ? names.indexOf(key) : names.length);
  if (keys.length > 1) keys.sort((a, b) => place(a) - place(b));
  return keys.slice(0, TENSORS_MAX).map((key) => viewOf(key, () => (value as Record<string, unknown>)[key]));
}

function viewOf(name: string, tensorOf: () => unknown): TensorView {
  try {
    const tensor = tensorOf();
    if (!isTensor(tensor)) return unreadableTensor(name);
    if (tensor.isDisposed) return unreadableTensor(name, 'disposed');
    return {
      name,
      dims: tensor.shape.map(Number),
      kind: Object.hasOwn(KINDS, tensor.dtype) ? KINDS[tensor.dtype] : undefined,
      isInteger: tensor.dtype === 'int32',
      ...(isInMemory() ? {} : { fault: 'location' }),
      read: () => tensor.dataSync(),
    };
  } catch {
    return unreadableTensor(name);
  }
}

function isTensor(value: unknown): value is Tensor {
  const { shape, dtype, dataSync } = (value ?? {}) as Partial<Tensor>;
  return Array.isArray(shape) && typeof dtype === 'string' && typeof dataSync === 'function';
}

/** All copies of tfjs-core share one engine, which stands at this global name. */
function isInMemory(): boolean {
  const { _tfengine: engine } = globalThis as { _tfengine?: { backendName?: string } };
  return engine?.backendName !== undefined && SYNCHRONOUS_BACKENDS.includes(engine.backendName);
}
