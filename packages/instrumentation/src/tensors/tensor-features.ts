/**
 * Input tensors as features: one input a feature ([n], [n, 1]), one matrix [n, k], or several of both. Columns of
 * matrices are named by the model's names, in the order of the inputs. All of the inputs are understood or none is: a
 * feature that silently stays away would count as missing.
 */
import type { FeatureTable, InferenceInput } from '../inference.ts';
import { dataOf, elementOf } from './tensor-column.ts';
import { KnownShapes, rowCountOf, type TensorFault, type TensorKind, type TensorView, widthOf } from './tensor-view.ts';

export interface FeatureNames {
  readonly names: readonly string[];
  /** Said by the application: they stand above the names of single-column inputs too. */
  readonly isDescribed: boolean;
}

const FEATURES_MAX = 1_000;

const NO_FEATURES: InferenceInput['features'] = [];

/**
 * One call's input tensors. Reads data when the first value is asked for: after the decision to capture. Data that cannot
 * be had makes the table throw, which the recorder counts.
 */
export class TensorFeatures implements InferenceInput, FeatureTable {
  readonly rowCount: number;
  readonly skippedReason: TensorFault | undefined;
  readonly features = NO_FEATURES;
  readonly names: readonly string[];
  readonly #views: readonly TensorView[];
  readonly #layout: Layout;
  readonly #data: (ArrayLike<unknown> | undefined)[];

  constructor(views: readonly TensorView[], layout: Layout) {
    this.rowCount = layout.rowCount;
    this.skippedReason = layout.fault;
    this.names = layout.names;
    this.#views = views;
    this.#layout = layout;
    this.#data = new Array(views.length);
  }

  /** Undefined when nothing of it is understood. */
  get table(): FeatureTable | undefined {
    return this.#layout.fault === undefined && this.rowCount > 0 ? this : undefined;
  }

  /** @throws RangeError when the data cannot be had, or is not as long as the shape says */
  at(row: number, column: number): unknown {
    const { views, offsets, widths } = this.#layout;
    const view = views[column];
    const width = widths[view];
    const values = this.#data[view] ?? this.#read(view, width * this.rowCount);
    return elementOf(values, this.#views[view].kind as TensorKind, offsets[column] + row * width);
  }

  #read(view: number, count: number): ArrayLike<unknown> {
    const values = dataOf(this.#views[view]);
    if (values?.length !== count) throw new RangeError('the data of a tensor could not be read');
    this.#data[view] = values;
    return values;
  }
}

/** The features of one model: how tensors are laid out is worked out anew when it differs from the call before. */
export class FeatureLayouts {
  readonly #names: FeatureNames | undefined;
  #shapes: KnownShapes | undefined;
  #layout: Layout | undefined;

  constructor(names: FeatureNames | undefined) {
    // The list is the application's, which may change it.
    this.#names = names && { ...names, names: [...names.names] };
  }

  /** What `of` would say, where nothing else is wanted. */
  rowCountOf(views: readonly TensorView[]): number {
    return isRow(views, this.#names) ? 1 : rowCountOf(views);
  }

  of(views: readonly TensorView[]): TensorFeatures {
    if (this.#layout === undefined || this.#shapes?.areThose(views) !== true) {
      this.#layout = layoutOf(views, this.#names);
      this.#shapes = new KnownShapes(views);
    }
    return new TensorFeatures(views, this.#layout);
  }
}

interface Layout {
  readonly rowCount: number;
  /** Of all columns, input by input. */
  readonly names: readonly string[];
  /** Columns of each input. */
  readonly widths: readonly number[];
  /** Of each column: which input it is in, and where in its row. */
  readonly views: readonly number[];
  readonly offsets: readonly number[];
  readonly fault?: TensorFault;
}

function layoutOf(views: readonly TensorView[], given: FeatureNames | undefined): Layout {
  const isVector = isRow(views, given);
  const rowCount = isVector ? 1 : rowCountOf(views);
  const without = (fault: TensorFault): Layout => ({
    rowCount,
    names: [],
    widths: [],
    views: [],
    offsets: [],
    fault,
  });
  if (views.length === 0) return without('shape');
  const widths: number[] = [];
  for (const view of views) {
    if (view.fault !== undefined) return without(view.fault);
    const width = isVector ? view.dims[0] : widthOf(view, rowCount);
    if (width === undefined || width > FEATURES_MAX) return without('shape');
    if (view.kind === undefined) return without('dtype');
    widths.push(width);
  }
  const names = namesOf(views, widths, given);
  if (typeof names === 'string') return without(names);
  const inputs = widths.flatMap((width, view) => new Array<number>(width).fill(view));
  const offsets = widths.flatMap((width) => Array.from({ length: width }, (_, i) => i));
  return { rowCount, names, widths, views: inputs, offsets };
}

/** [k] with k names is one row. */
function isRow(views: readonly TensorView[], given: FeatureNames | undefined): boolean {
  if (views.length !== 1 || views[0].dims.length !== 1) return false;
  const [length] = views[0].dims;
  return length > 1 && given?.names.length === length;
}

function namesOf(
  views: readonly TensorView[],
  widths: readonly number[],
  given: FeatureNames | undefined,
): readonly string[] | TensorFault {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total > FEATURES_MAX) return 'shape';
  const fitsAll = given?.names.length === total;
  if (widths.every((width) => width === 1))
    return fitsAll && (given.isDescribed || views.length === 1) ? given.names : views.map(({ name }) => name);
  if (given === undefined) return 'names';
  if (fitsAll) return given.names;
  const matrices = widths.reduce((sum, width) => sum + (width > 1 ? width : 0), 0);
  if (given.names.length !== matrices) return 'shape';
  const names: string[] = [];
  let next = 0;
  for (const [index, { name }] of views.entries()) {
    if (widths[index] === 1) names.push(name);
    else for (let i = 0; i < widths[index]; i++) names.push(given.names[next++]);
  }
  return names;
}
