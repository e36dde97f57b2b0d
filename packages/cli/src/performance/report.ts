/** Performance by stretches of time, from tables with the truth in a column. */
import { fitLossModel } from '@leeway/engine';
import { CliError } from '../cli-error.ts';
import { classColumns, classNames } from './class-columns.ts';
import { Classifier } from './classifier.ts';
import type { Figures } from './figures.ts';
import type { LabelledRows, RowColumn } from './labelled-rows.ts';
import { estimateRegression, measureRegression } from './regressor.ts';
import { type Slice, slicesOf } from './slices.ts';

export interface PerformanceReport {
  readonly task: 'classification' | 'regression';
  /** The positive one last where there are two. */
  readonly classes?: readonly string[];
  readonly rowCount: number;
  /** Rows without a truth: not measured, but estimated. */
  readonly unlabelledCount: number;
  /** Rows whose time is none: in no slice. */
  readonly untimedCount: number;
  /** Of the rows that the estimate was calibrated on. */
  readonly reference?: { readonly rowCount: number; readonly measured: Figures };
  readonly slices: readonly SliceReport[];
}

export interface SliceReport {
  /** ISO 8601; absent without times. */
  readonly from?: string;
  readonly to?: string;
  readonly rowCount: number;
  readonly labelledCount: number;
  /** Absent where no truth is known. */
  readonly measured?: Figures;
  /** Absent without rows to calibrate on. */
  readonly estimated?: Figures;
}

export interface ReportOptions {
  readonly everyMs: number;
  readonly positive?: string | undefined;
  /** Rows whose truth is known, which the estimate is calibrated on. */
  readonly reference?: LabelledRows | undefined;
}

/** @throws CliError when the columns do not fit together */
export function performanceReport(rows: LabelledRows, options: ReportOptions): PerformanceReport {
  const slices = slicesOf(rows.rowCount, rows.times, options.everyMs);
  const timedCount = slices.reduce((sum, slice) => sum + slice.rows.length, 0);
  const common = { rowCount: rows.rowCount, untimedCount: rows.rowCount - timedCount };
  const value = rows.outputs.get('value');
  if (value === undefined) return { ...common, ...ofClasses(rows, slices, options) };
  return { ...common, ...ofNumbers(rows, value, slices, options.reference) };
}

function ofNumbers(
  rows: LabelledRows,
  value: RowColumn,
  slices: readonly Slice[],
  reference: LabelledRows | undefined,
) {
  const { numbers: truth } = rows.truth;
  const isLabelled = (row: number) => Number.isFinite(truth[row]);
  const model = reference && fitLossModel(predictionsOf(reference), reference.truth.numbers);
  return {
    task: 'regression' as const,
    unlabelledCount: truth.filter((one) => !Number.isFinite(one)).length,
    ...(reference === undefined ? {} : { reference: regressionReference(reference) }),
    slices: slices.map((slice) => {
      const labelled = slice.rows.filter(isLabelled);
      const estimated = model && estimateRegression(model, value.numbers, slice.rows);
      return {
        ...head(slice, labelled),
        ...measured(labelled, () => measureRegression(truth, value.numbers, labelled)),
        ...(estimated === undefined ? {} : { estimated }),
      };
    }),
  };
}

function regressionReference(reference: LabelledRows) {
  const { numbers } = reference.truth;
  const rows = numbers.flatMap((truth, row) => (Number.isFinite(truth) ? [row] : []));
  if (rows.length === 0)
    throw new CliError('option-invalid', '--calibrate-on: no row has a truth, and nothing can be learned from it');
  return { rowCount: rows.length, measured: measureRegression(numbers, predictionsOf(reference), rows) };
}

function predictionsOf({ outputs }: LabelledRows): readonly number[] {
  return outputs.get('value')?.numbers ?? [];
}

function ofClasses(rows: LabelledRows, slices: readonly Slice[], { positive, reference }: ReportOptions) {
  const tables = reference === undefined ? [rows] : [reference, rows];
  const classes = classNames(tables, positive);
  const columns = classColumns(rows, classes);
  const known = reference === undefined ? undefined : classColumns(reference, classes);
  const classifier = new Classifier(classes, known === undefined ? [columns] : [known, columns]);
  if (known !== undefined && known.scores.length === 0)
    throw new CliError('option-invalid', '--calibrate-on: there are no scores to calibrate: name their column');
  const maps = known === undefined ? undefined : classifier.calibrate(known);
  // A class that nobody predicted and no reference knows is judged by the engine, which counts it.
  const isLabelled = (row: number) => rows.truth.codes[row] >= 0;
  return {
    task: 'classification' as const,
    classes,
    unlabelledCount: rows.truth.codes.filter((code) => code < 0).length,
    ...(known === undefined ? {} : { reference: measuredReference(classifier, known) }),
    slices: slices.map((slice) => {
      const labelled = slice.rows.filter(isLabelled);
      return {
        ...head(slice, labelled),
        ...measured(labelled, () => classifier.measure(columns, labelled)),
        ...(maps === undefined ? {} : { estimated: classifier.estimate(columns, slice.rows, maps) }),
      };
    }),
  };
}

function measuredReference(classifier: Classifier, columns: ReturnType<typeof classColumns>) {
  const labelled = Array.from(columns.actual.keys()).filter((row) => columns.actual[row] >= 0);
  return { rowCount: labelled.length, measured: classifier.measure(columns, labelled) };
}

function head({ fromMs, toMs, rows }: Slice, labelled: readonly number[]) {
  const times =
    fromMs === undefined || toMs === undefined
      ? {}
      : { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return { ...times, rowCount: rows.length, labelledCount: labelled.length };
}

function measured(labelled: readonly number[], figures: () => Figures): { readonly measured?: Figures } {
  return labelled.length === 0 ? {} : { measured: figures() };
}
