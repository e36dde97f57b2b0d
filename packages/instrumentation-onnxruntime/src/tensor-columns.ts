/**
 * Tensors as columns of values. Data is read during the call only; no tensor is kept.
 *
 * Shapes: one input a feature, [n] or [n, 1]; or one input [n, k] whose k columns are named by the description. What is
 * of another shape or type gives no columns and a reason.
 */
import type { PredictionColumns, ValueColumn } from '@leeway/instrumentation';

/** The part of onnxruntime's tensor that is read. */
export interface TensorLike {
  readonly dims: readonly number[];
  readonly type: string;
  readonly data: ArrayLike<unknown>;
  /** `cpu`, or where the data is that cannot be read from here. */
  readonly location?: string;
}

export interface FeatureColumns {
  readonly rowCount: number;
  readonly features: readonly ValueColumn[];
  readonly skippedReason?: string;
}

const FEATURES_MAX = 1_000;

export function featureColumns(
  feeds: Readonly<Record<string, unknown>>,
  names: readonly string[] | undefined,
): FeatureColumns {
  const entries = Object.entries(feeds);
  const [first] = entries;
  if (first === undefined || !isTensor(first[1])) return { rowCount: 1, features: [], skippedReason: 'shape' };
  const rowCount = rowsOf(first[1]);
  if (entries.length === 1 && first[1].dims.length === 2 && first[1].dims[1] > 1)
    return matrixColumns(first[1], rowCount, names);
  const features: ValueColumn[] = [];
  for (const [name, tensor] of entries) {
    if (!isTensor(tensor) || rowsOf(tensor) !== rowCount || elementCount(tensor) !== rowCount)
      return { rowCount, features: [], skippedReason: 'shape' };
    if (!isReadable(tensor)) return { rowCount, features: [], skippedReason: 'dtype' };
    const { data } = tensor;
    features.push({ name, at: (row) => data[row] });
  }
  return { rowCount, features };
}

function matrixColumns(tensor: TensorLike, rowCount: number, names: readonly string[] | undefined): FeatureColumns {
  const width = tensor.dims[1];
  if (names === undefined) return { rowCount, features: [], skippedReason: 'names' };
  if (names.length !== width || width > FEATURES_MAX) return { rowCount, features: [], skippedReason: 'shape' };
  if (!isReadable(tensor)) return { rowCount, features: [], skippedReason: 'dtype' };
  const { data } = tensor;
  return { rowCount, features: names.map((name, column) => ({ name, at: (row) => data[row * width + column] })) };
}

/**
 * What the usual exporters put out: a label ([n], integers or strings) and probabilities ([n, k]), by the names that
 * skl2onnx, onnxmltools (XGBoost, LightGBM) and PyTorch exports use; a single [n] or [n, 1] of numbers is a value, or a
 * probability when there are classes.
 */
export function predictionColumns(
  results: Readonly<Record<string, unknown>>,
  rowCount: number,
  classes: readonly string[] | undefined,
): PredictionColumns {
  const tensors = Object.entries(results).filter(
    (entry): entry is [string, TensorLike] => isTensor(entry[1]) && isReadable(entry[1]),
  );
  const label = tensors.find(([name, tensor]) => isLabel(name, tensor) && elementCount(tensor) === rowCount)?.[1];
  const scores = tensors.find(
    ([, tensor]) =>
      isNumeric(tensor) &&
      tensor !== label &&
      tensor.dims.length === 2 &&
      tensor.dims[0] === rowCount &&
      tensor.dims[1] > 1,
  )?.[1];
  const single = tensors.find(
    ([, tensor]) => isNumeric(tensor) && tensor !== label && elementCount(tensor) === rowCount,
  )?.[1];
  const columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] } = {};
  if (label !== undefined) columns.label = labelColumn(label, classes);
  if (scores !== undefined) addScores(columns, scores, classes);
  else if (single !== undefined) {
    const { data } = single;
    columns[classes === undefined && label === undefined ? 'value' : 'score'] = {
      name: 'value',
      at: (row) => data[row],
    };
  }
  return columns;
}

function addScores(
  columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] },
  tensor: TensorLike,
  classes: readonly string[] | undefined,
): void {
  const { data, dims } = tensor;
  const width = dims[1];
  const names = classes?.length === width ? classes : Array.from({ length: width }, (_, i) => String(i));
  columns.scores = names.map((name, column) => ({ name, at: (row) => data[row * width + column] }));
  const best = (row: number) => {
    let index = 0;
    for (let i = 1; i < width; i++)
      if ((data[row * width + i] as number) > (data[row * width + index] as number)) index = i;
    return index;
  };
  columns.label ??= { name: 'label', at: (row) => names[best(row)] };
  columns.score = { name: 'score', at: (row) => data[row * width + best(row)] };
}

function labelColumn({ data }: TensorLike, classes: readonly string[] | undefined): ValueColumn {
  return {
    name: 'label',
    at: (row) => {
      const value = data[row];
      if (typeof value === 'string') return value;
      return classes?.[Number(value)] ?? String(value);
    },
  };
}

function isLabel(name: string, { type }: TensorLike): boolean {
  return type === 'string' || type.startsWith('int') || /label|class/i.test(name);
}

export function isTensor(value: unknown): value is TensorLike {
  return (
    value !== null &&
    typeof value === 'object' &&
    Array.isArray((value as TensorLike).dims) &&
    typeof (value as TensorLike).type === 'string'
  );
}

/** Half floats and packed integers are raw bits here, and data on a device cannot be read without waiting. */
function isReadable({ type, location }: TensorLike): boolean {
  return (
    (location === undefined || location === 'cpu' || location === 'cpu-pinned') &&
    /^(float32|float64|u?int(8|16|32|64)|bool|string)$/.test(type)
  );
}

function isNumeric({ type }: TensorLike): boolean {
  return type === 'float32' || type === 'float64';
}

function rowsOf({ dims }: TensorLike): number {
  return dims.length === 0 ? 1 : dims[0];
}

function elementCount({ dims }: TensorLike): number {
  return dims.reduce((count, dim) => count * dim, 1);
}
