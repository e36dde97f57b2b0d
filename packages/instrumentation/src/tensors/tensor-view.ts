/**
 * A tensor as any runtime's instrumentation hands it over: shape and type at once, data only when it is asked for. Views
 * and what they read live for one call; nothing here keeps a tensor.
 */

/** How one element is to be understood. `half`: a half float, as a number or as its 16 bits. */
export const TENSOR_KINDS = ['number', 'bool', 'string', 'half'] as const;
export type TensorKind = (typeof TENSOR_KINDS)[number];

/**
 * Why a tensor gives no values. `shape`: not rows of columns; `dtype`: a type that cannot be read; `names`: nobody named
 * its columns; `location`: on a device, where reading would wait; `disposed`; `unreadable`: it is no tensor, or threw.
 */
export const TENSOR_FAULTS = ['shape', 'dtype', 'names', 'location', 'disposed', 'unreadable'] as const;
export type TensorFault = (typeof TENSOR_FAULTS)[number];

export interface TensorView {
  readonly name: string;
  readonly dims: readonly number[];
  /** Undefined: of a type that cannot be read. */
  readonly kind: TensorKind | undefined;
  /** Integers are labels rather than scores. */
  readonly isInteger?: boolean;
  /** What is wrong with it apart from shape and type. */
  readonly fault?: TensorFault;
  /** The elements in row-major order. May throw. */
  read(): ArrayLike<unknown>;
}

/** The tensors of one call as views, in the model's order. Whatever it throws stands for no tensors. */
export type TensorViews = (tensors: unknown, order: readonly string[]) => readonly TensorView[];

export function unreadableTensor(name: string, fault: TensorFault = 'unreadable'): TensorView {
  return { name, dims: [], kind: undefined, fault, read: () => [] };
}

/** Undefined when a dimension is no count. A scalar has one element. */
export function elementCount(dims: readonly number[]): number | undefined {
  let count = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) return undefined;
    count *= dim;
  }
  return count;
}

/** Rows of several tensors: of the first that has rows and columns, else of the first that has rows. */
export function rowCountOf(views: readonly TensorView[]): number {
  let rows: TensorView | undefined;
  for (let i = 0; i < views.length; i++) {
    const { length } = views[i].dims;
    if (length > 1) {
      rows = views[i];
      break;
    }
    if (length === 1) rows ??= views[i];
  }
  const count = rows?.dims[0];
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : 1;
}

/** Columns of a tensor of that many rows: [n] and [n, 1] have one, [n, k] and [n, k, 1] have k. Undefined: none of these. */
export function widthOf({ dims }: TensorView, rowCount: number): number | undefined {
  const count = elementCount(dims);
  if (count === undefined) return undefined;
  if (dims.length === 0) return rowCount === 1 ? 1 : undefined;
  if (dims[0] !== rowCount) return undefined;
  let width = 1;
  for (let i = 1; i < dims.length; i++) {
    if (dims[i] === 1) continue;
    if (width !== 1) return undefined;
    width = dims[i];
  }
  return width;
}

/** Of one call after another, most are laid out as the one before: what was worked out for that one holds. */
export class KnownShapes {
  readonly #views: readonly Omit<TensorView, 'read'>[];

  /** Copies: a view is not kept, nor a list that the host may change. */
  constructor(views: readonly TensorView[]) {
    this.#views = views.map(({ name, dims, kind, isInteger, fault }) => ({
      name,
      dims: [...dims],
      kind,
      ...(isInteger === undefined ? {} : { isInteger }),
      ...(fault === undefined ? {} : { fault }),
    }));
  }

  /** Whether nothing but the data can differ. */
  areThose(views: readonly TensorView[]): boolean {
    if (views.length !== this.#views.length) return false;
    for (let i = 0; i < views.length; i++) {
      const known = this.#views[i];
      const { name, dims, kind, isInteger, fault } = views[i];
      if (name !== known.name || kind !== known.kind || isInteger !== known.isInteger || fault !== known.fault)
        return false;
      if (dims.length !== known.dims.length) return false;
      for (let k = 0; k < dims.length; k++) if (dims[k] !== known.dims[k]) return false;
    }
    return true;
  }
}
