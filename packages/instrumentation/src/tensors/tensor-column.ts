/** Columns of a tensor's data: element `offset + row × stride`. */
import type { ValueColumn } from '../inference.ts';
import type { TensorKind, TensorView } from './tensor-view.ts';

export interface TensorData {
  /** Row-major. */
  readonly values: ArrayLike<unknown>;
}

/** Reads when the first value is asked for, and once. */
export class LazyData implements TensorData {
  readonly #view: TensorView;
  readonly #count: number;
  #values: ArrayLike<unknown> | undefined;

  constructor(view: TensorView, count: number) {
    this.#view = view;
    this.#count = count;
  }

  /** @throws RangeError when the data cannot be had, or is not as long as the shape says */
  get values(): ArrayLike<unknown> {
    this.#values ??= dataOf(this.#view);
    if (this.#values?.length !== this.#count) throw new RangeError('the data of a tensor could not be read');
    return this.#values;
  }
}

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
  readonly #data: TensorData;
  readonly #kind: TensorKind;
  readonly #offset: number;
  readonly #stride: number;

  constructor(name: string, data: TensorData, kind: TensorKind, offset: number, stride: number) {
    this.name = name;
    this.#data = data;
    this.#kind = kind;
    this.#offset = offset;
    this.#stride = stride;
  }

  /** Throws as `data.values` does, and not for a single element. */
  at(row: number): unknown {
    const { values } = this.#data;
    try {
      const value = values[this.#offset + row * this.#stride];
      if (this.#kind === 'number' || this.#kind === 'string') return value;
      if (this.#kind === 'bool') return typeof value === 'number' ? value !== 0 : value;
      // Where the platform has Float16Array the elements are numbers already.
      return values instanceof Uint16Array ? halfToNumber(value as number) : value;
    } catch {
      return undefined;
    }
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
