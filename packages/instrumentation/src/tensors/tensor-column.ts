/** Columns of a tensor's data: element `offset + row × stride`. */
import type { ValueColumn } from '../inference.ts';
import type { TensorKind, TensorView } from './tensor-view.ts';

/** Undefined when the data cannot be had. */
export function dataOf(view: TensorView): ArrayLike<unknown> | undefined {
  try {
    const data = view.read();
    return Number.isSafeInteger(data.length) ? data : undefined;
  } catch {
    return undefined;
  }
}

export class TensorColumn implements ValueColumn {
  readonly name: string;
  readonly #values: ArrayLike<unknown>;
  readonly #kind: TensorKind;
  readonly #offset: number;
  readonly #stride: number;

  constructor(name: string, values: ArrayLike<unknown>, kind: TensorKind, offset: number, stride: number) {
    this.name = name;
    this.#values = values;
    this.#kind = kind;
    this.#offset = offset;
    this.#stride = stride;
  }

  at(row: number): unknown {
    return elementOf(this.#values, this.#kind, this.#offset + row * this.#stride);
  }
}

/** Undefined when it cannot be read. */
export function elementOf(values: ArrayLike<unknown>, kind: TensorKind, index: number): unknown {
  try {
    const value = values[index];
    if (kind === 'number' || kind === 'string') return value;
    if (kind === 'bool') return typeof value === 'number' ? value !== 0 : value;
    // Where the platform has Float16Array the elements are numbers already.
    return values instanceof Uint16Array ? halfToNumber(value as number) : value;
  } catch {
    return undefined;
  }
}

/**
 * IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 of fraction.
 * @example halfToNumber(0x3c00) // 1
 */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
