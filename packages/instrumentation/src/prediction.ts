/** Results of a model's code as predictions. A result is the host's: no getter of it is called. */
import type { PredictionColumns, ValueColumn } from './inference.ts';

/** What a model said of one row. */
export interface Prediction {
  readonly label?: string;
  readonly value?: number;
  /** Score of the label. */
  readonly score?: number;
  /** Score by class. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Explanation value by feature. */
  readonly attributions?: Readonly<Record<string, number>>;
}

const PARTS = ['label', 'value', 'score', 'scores', 'attributions'] as const;

/** A number is a value, a string or boolean a label; of an object the parts of a prediction that are plain data. */
export function defaultPrediction(result: unknown): Prediction | undefined {
  if (typeof result === 'number') return { value: result };
  if (typeof result === 'bigint') return { value: Number(result) };
  if (typeof result === 'string') return { label: result };
  if (typeof result === 'boolean') return { label: String(result) };
  return isPlain(result) ? plainData(result, PARTS) : undefined;
}

/** One row. */
export function predictionColumns(prediction: Prediction | undefined): PredictionColumns {
  const columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] } = {};
  if (prediction === undefined || prediction === null) return columns;
  const { label, value, score, scores, attributions } = prediction;
  if (label !== undefined) columns.label = new SingleValue('label', label);
  if (value !== undefined) columns.value = new SingleValue('value', value);
  if (score !== undefined) columns.score = new SingleValue('score', score);
  if (isPlain(scores)) columns.scores = valuesByName(scores);
  if (isPlain(attributions)) columns.attributions = valuesByName(attributions);
  return columns;
}

/** A column a part, over all rows. */
export function batchColumns(predictions: readonly (Prediction | undefined)[]): PredictionColumns {
  const columns: { -readonly [K in keyof PredictionColumns]: PredictionColumns[K] } = {};
  for (const key of ['label', 'value', 'score'] as const) {
    if (predictions.some((prediction) => prediction?.[key] !== undefined))
      columns[key] = { name: key, at: (row) => predictions[row]?.[key] };
  }
  for (const key of ['scores', 'attributions'] as const) {
    const names = new Set<string>();
    const plain = predictions.map((prediction) => {
      const part = prediction?.[key];
      const data = isPlain(part) ? plainData(part, Object.keys(part)) : {};
      for (const name of Object.keys(data)) names.add(name);
      return data as Readonly<Record<string, unknown>>;
    });
    if (names.size > 0) columns[key] = [...names].map((name) => ({ name, at: (row) => plain[row]?.[name] }));
  }
  return columns;
}

class SingleValue implements ValueColumn {
  readonly name: string;
  readonly #value: unknown;

  constructor(name: string, value: unknown) {
    this.name = name;
    this.#value = value;
  }

  at(): unknown {
    return this.#value;
  }
}

function valuesByName(part: object): ValueColumn[] {
  const names = Object.keys(part);
  const data = plainData(part, names) as Readonly<Record<string, unknown>>;
  return names.map((name) => new SingleValue(name, data[name]));
}

/** Own properties that are data, of these names. */
function plainData<K extends string>(from: object, names: readonly K[]): Partial<Record<K, never>> {
  const data: Partial<Record<K, never>> = {};
  for (const name of names) {
    if (!Object.hasOwn(from, name)) continue;
    const value: unknown = Object.getOwnPropertyDescriptor(from, name)?.value;
    if (value !== undefined) data[name] = value as never;
  }
  return data;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
