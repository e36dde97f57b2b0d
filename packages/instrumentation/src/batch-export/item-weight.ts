/** What an item weighs: its bytes in memory, about, and the rows with values in it. */
import { ATTR_ML_CAPTURE_PROBABILITY, ATTR_ML_INFERENCE_BATCH_SIZE, ATTR_ML_INFERENCE_ROW } from '@leeway/semconv';
import type { ItemWeight } from './export-queue.ts';

/**
 * Of spans as SDK 3.1 keeps them, by the heap's growth on Node 24: 950 bytes with 6 attributes, 2,800 with 26, 8.4 an
 * element of a column of numbers. Rounded up.
 */
const ITEM_BYTES = 600;
const ATTRIBUTE_BYTES = 90;
const ELEMENT_BYTES = 9;

type Attributes = Readonly<Record<string, unknown>>;

/** Rows by what the carriers write: capped batches say which rows, full ones how many. */
export function weightOfSpan(attributes: Attributes): ItemWeight {
  const bytes = bytesOf(attributes);
  if (attributes[ATTR_ML_CAPTURE_PROBABILITY] === undefined) return { bytes, observationCount: 0, isExpendable: true };
  const rows = attributes[ATTR_ML_INFERENCE_ROW];
  const size = attributes[ATTR_ML_INFERENCE_BATCH_SIZE];
  const observationCount = Array.isArray(rows) ? rows.length : typeof size === 'number' ? size : 1;
  return { bytes, observationCount, isExpendable: false };
}

/** Predictions, and labels and lifecycle events, which nothing could replace. */
export function weightOfRecord(attributes: Attributes, isPrediction: boolean): ItemWeight {
  return { bytes: bytesOf(attributes), observationCount: isPrediction ? 1 : 0, isExpendable: false };
}

function bytesOf(attributes: Attributes): number {
  let bytes = ITEM_BYTES;
  for (const key in attributes) {
    const value = attributes[key];
    bytes += ATTRIBUTE_BYTES;
    if (typeof value === 'string') bytes += 2 * value.length;
    else if (Array.isArray(value)) bytes += bytesOfArray(value);
  }
  return bytes;
}

function bytesOfArray(values: readonly unknown[]): number {
  let bytes = ELEMENT_BYTES * values.length;
  // Of one type, as attributes have it: the first element speaks for all but their lengths.
  const first = values.find((value) => value !== null);
  if (typeof first === 'string') for (const text of values) if (typeof text === 'string') bytes += 2 * text.length;
  return bytes;
}
