/**
 * Input tensors as features: one input a feature ([n], [n, 1]), one matrix [n, k], or several of both. Columns of
 * matrices are named by the model's names, in the order of the inputs. All of the inputs are understood or none is: a
 * feature that silently stays away would count as missing.
 */
import type { InferenceInput, ValueColumn } from '../inference.ts';
import { TensorColumn } from './tensor-column.ts';
import { rowCountOf, type TensorFault, type TensorKind, type TensorView, widthOf } from './tensor-view.ts';

export interface FeatureNames {
  readonly names: readonly string[];
  /** Said by the application: they stand above the names of single-column inputs too. */
  readonly isDescribed: boolean;
}

const FEATURES_MAX = 1_000;

/** Reads shapes when it is made, data when `features` is first asked for: after the decision to capture. */
export class TensorFeatures implements InferenceInput {
  readonly rowCount: number;
  readonly skippedReason: TensorFault | undefined;
  readonly #views: readonly TensorView[];
  readonly #layout: Layout;
  readonly #onFault: (fault: TensorFault) => void;
  #columns: readonly ValueColumn[] | undefined;

  /** @param onFault told when data turns out unreadable at last */
  constructor(views: readonly TensorView[], names: FeatureNames | undefined, onFault: (fault: TensorFault) => void) {
    const layout = layoutOf(views, names);
    this.rowCount = layout.rowCount;
    this.skippedReason = layout.fault;
    this.#views = views;
    this.#layout = layout;
    this.#onFault = onFault;
  }

  get features(): readonly ValueColumn[] {
    if (this.skippedReason !== undefined || this.rowCount === 0) return [];
    this.#columns ??= this.#read();
    return this.#columns;
  }

  #read(): readonly ValueColumn[] {
    const { names, widths, rowCount } = this.#layout;
    const columns: ValueColumn[] = [];
    for (const [index, view] of this.#views.entries()) {
      const data = dataOf(view);
      const width = widths[index];
      if (data === undefined || data.length !== width * rowCount) {
        this.#onFault(data === undefined ? 'unreadable' : 'shape');
        return [];
      }
      for (let i = 0; i < width; i++)
        columns.push(new TensorColumn(names[columns.length], data, view.kind as TensorKind, i, width));
    }
    return columns;
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

interface Layout {
  readonly rowCount: number;
  /** Of all columns, input by input. */
  readonly names: readonly string[];
  /** Columns of each input. */
  readonly widths: readonly number[];
  readonly fault?: TensorFault;
}

function layoutOf(views: readonly TensorView[], given: FeatureNames | undefined): Layout {
  const vector = views.length === 1 && views[0].dims.length === 1 ? views[0].dims[0] : 1;
  const isRow = vector > 1 && given?.names.length === vector;
  const rowCount = isRow ? 1 : rowCountOf(views);
  const without = (fault: TensorFault): Layout => ({ rowCount, names: [], widths: [], fault });
  if (views.length === 0) return without('shape');
  const widths: number[] = [];
  for (const view of views) {
    if (view.fault !== undefined) return without(view.fault);
    const width = isRow ? vector : widthOf(view, rowCount);
    if (width === undefined || width > FEATURES_MAX) return without('shape');
    if (view.kind === undefined) return without('dtype');
    widths.push(width);
  }
  const names = namesOf(views, widths, given);
  return typeof names === 'string' ? without(names) : { rowCount, names, widths };
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
