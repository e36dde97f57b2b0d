/**
 * Input tensors as features: one input a feature ([n], [n, 1]), one matrix [n, k], or several of both. Columns of
 * matrices are named by the model's names, in the order of the inputs. All of the inputs are understood or none is: a
 * feature that silently stays away would count as missing.
 */
import type { InferenceInput, ValueColumn } from '../inference.ts';
import { LazyData, TensorColumn } from './tensor-column.ts';
import { rowCountOf, type TensorFault, type TensorKind, type TensorView, widthOf } from './tensor-view.ts';

export interface FeatureNames {
  readonly names: readonly string[];
  /** Said by the application: they stand above the names of single-column inputs too. */
  readonly isDescribed: boolean;
}

const FEATURES_MAX = 1_000;

/**
 * Reads shapes when it is made, data when the first value is asked for: after the decision to capture. Data that cannot be
 * had makes the column throw, which the recorder counts.
 */
export class TensorFeatures implements InferenceInput {
  readonly rowCount: number;
  readonly skippedReason: TensorFault | undefined;
  readonly features: readonly ValueColumn[];

  constructor(views: readonly TensorView[], names: FeatureNames | undefined) {
    const layout = layoutOf(views, names);
    this.rowCount = layout.rowCount;
    this.skippedReason = layout.fault;
    this.features = layout.fault === undefined && layout.rowCount > 0 ? columnsOf(views, layout) : [];
  }
}

function columnsOf(views: readonly TensorView[], { names, widths, rowCount }: Layout): ValueColumn[] {
  const columns: ValueColumn[] = [];
  for (const [index, view] of views.entries()) {
    const width = widths[index];
    const data = new LazyData(view, width * rowCount);
    for (let i = 0; i < width; i++)
      columns.push(new TensorColumn(names[columns.length], data, view.kind as TensorKind, i, width));
  }
  return columns;
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
