/** Predictions and truths as SQLite keeps them: numbers in one blob, texts, and NULL for what there is not. */
import type { PredictionBatch, Truth } from './pending-labels.ts';
import type { Slice, SliceRow } from './slices.ts';

/** Of the numbers of a prediction, before its scores. */
const NUMBER = { value: 0, weight: 1, eventMs: 2, scores: 3 } as const;

export function numbersOf({ values, weights, eventMs, scores = [] }: PredictionBatch, i: number): Float64Array {
  const numbers = new Float64Array(NUMBER.scores + scores.length);
  numbers[NUMBER.value] = values?.[i] ?? Number.NaN;
  numbers[NUMBER.weight] = weights?.[i] ?? 1;
  numbers[NUMBER.eventMs] = eventMs[i];
  for (let column = 0; column < scores.length; column++) numbers[NUMBER.scores + column] = scores[column][i];
  return numbers;
}

export function outcomeOf(model: string, version: string, label: string | undefined, numbers: Float64Array) {
  return {
    model,
    version,
    label,
    value: numbers[NUMBER.value],
    scores: numbers.subarray(NUMBER.scores),
    weight: numbers[NUMBER.weight],
    eventMs: numbers[NUMBER.eventMs],
  };
}

export function setTruth(slice: Slice, key: number, { label, value }: Truth): void {
  slice.update.run(label ?? null, numberOrNull(value), key);
}

export function truthOf(row: SliceRow['row']): Truth {
  return { label: textOf(row.truth_label), value: numberOf(row.truth_value) };
}

export function isSame(one: Truth, other: Truth): boolean {
  return one.label === other.label && Object.is(one.value, other.value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
