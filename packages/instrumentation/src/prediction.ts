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

/** A number is a value, a string or boolean a label; of an object the parts of a prediction that are plain data. */
export function defaultPrediction(result: unknown): Prediction | undefined {
  if (typeof result === 'number') return { value: result };
  if (typeof result === 'bigint') return { value: Number(result) };
  if (typeof result === 'string') return { label: result };
  if (typeof result === 'boolean') return { label: String(result) };
  if (!isPlain(result)) return undefined;
  return {
    label: dataOf(result, 'label') as string | undefined,
    value: dataOf(result, 'value') as number | undefined,
    score: dataOf(result, 'score') as number | undefined,
    scores: dataOf(result, 'scores') as Prediction['scores'],
    attributions: dataOf(result, 'attributions') as Prediction['attributions'],
  };
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
      if (!isPlain(part)) return undefined;
      for (const name of Object.keys(part)) names.add(name);
      return part;
    });
    const at = (name: string) => (row: number) => plain[row] && dataOf(plain[row], name);
    if (names.size > 0) columns[key] = [...names].map((name) => ({ name, at: at(name) }));
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
  return Object.keys(part).map((name) => new SingleValue(name, dataOf(part, name)));
}

/** An own property that is data; undefined for a getter. */
function dataOf(from: object, name: string): unknown {
  return Object.hasOwn(from, name) ? Object.getOwnPropertyDescriptor(from, name)?.value : undefined;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
