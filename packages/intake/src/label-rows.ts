/**
 * What must wait for labels: the predictions of a request, and the truths that came with it, as columns that can be posted
 * to whoever keeps them.
 *
 * Invariants
 * 1. Predictions are those that were new and whose time was taken; of models that nobody labels there are none.
 * 2. A truth is handed over or counted as ignored, by reason.
 * 3. Nothing here refers to the request: its bytes are reused.
 */
import { CELL, type PredictionColumns } from '@leeway/engine';
import { type AttributeView, VALUE } from './attribute-view.ts';
import type { BatchBuilder } from './batch-builder.ts';
import type { Books } from './books.ts';
import type { ItemAttributes } from './item-attributes.ts';
import type { KeyRoles } from './key-roles.ts';
import { ROLE } from './roles.ts';
import { rowNumber } from './row-ids.ts';
import type { Identity } from './unknown-models.ts';

/** Where a model's outputs stand among the columns of its batches; −1 for none. */
export interface LabelColumns {
  readonly label: number;
  /** The predicted number, or the score of the label. */
  readonly value: number;
  /** In the order of the classes whose score is kept; empty when one of them is missing. */
  readonly scores: readonly number[];
  /** Number of each segment by its value, by its key; undefined when there are none. */
  readonly segments?: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export interface PredictionRows extends Identity, PredictionColumns {
  readonly inferenceIds: readonly string[];
  /** Row within its inference. */
  readonly rows: Float64Array;
  readonly labels: readonly (string | undefined)[];
  readonly values: Float64Array;
  readonly scores: readonly Float64Array[];
  readonly segments: Int32Array;
  readonly weights: Float64Array;
  readonly eventMs: Float64Array;
}

/** Of one model; `version` and `environment` empty where the sender does not say. */
export interface TruthRows extends Identity {
  readonly inferenceIds: string[];
  readonly rows: number[];
  readonly labels: (string | undefined)[];
  /** NaN where there is none. */
  readonly values: number[];
  /** Time of the prediction, Unix milliseconds; NaN where the sender does not know it. */
  readonly eventMs: number[];
  /** Latest time of these items, Unix milliseconds; 0 when none has one. */
  saidMs: number;
}

export interface LabelWork {
  readonly predictions: readonly PredictionRows[];
  readonly truths: readonly TruthRows[];
}

const NANOSECONDS_PER_MS = 1e6;
/** As `LabelKeys` cuts them. */
const ID_LENGTH_MAX = 256;
const ID_WORDS = 6;
const decoder = new TextDecoder();

export class LabelRows {
  readonly #books: Books;
  #predictions: PredictionRows[] = [];
  #truths = new Map<string, TruthRows>();
  /** Attribute with the inference id, by item of the request under way; −1 for none. */
  #inferenceIds = new Int32Array(256);

  constructor(books: Books) {
    this.#books = books;
  }

  /** What one request brought; undefined when that is nothing. */
  take(): LabelWork | undefined {
    if (this.#predictions.length === 0 && this.#truths.size === 0) return undefined;
    const work = { predictions: this.#predictions, truths: [...this.#truths.values()] };
    this.#predictions = [];
    this.#truths = new Map();
    return work;
  }

  /** Of an item whose rows were just written: which they are, and where they belong. */
  noteRows(
    view: AttributeView,
    item: number,
    { row, inferenceId }: ItemAttributes,
    keys: KeyRoles,
    { segments }: LabelColumns,
    builder: BatchBuilder,
    first: number,
    count: number,
  ): void {
    for (let i = 0; i < count; i++) builder.rowNumbers[first + i] = rowNumber(view, row, i);
    if (segments !== undefined) writeSegments(view, item, keys, segments, builder, first, count);
    if (item >= this.#inferenceIds.length) {
      const grown = new Int32Array(Math.max(view.itemCount, 2 * this.#inferenceIds.length));
      grown.set(this.#inferenceIds);
      this.#inferenceIds = grown;
    }
    this.#inferenceIds[item] = inferenceId;
  }

  /**
   * @param refused rows whose time was not taken, ascending
   */
  addPredictions(
    view: AttributeView,
    identity: Identity,
    { label, value, scores, segments }: LabelColumns,
    builder: BatchBuilder,
    refused: ArrayLike<number>,
  ): void {
    const left = new Set(Array.from(refused));
    const kept: number[] = [];
    for (let row = 0; row < builder.rowCount; row++) if (!left.has(row)) kept.push(row);
    if (kept.length === 0) return;
    const numbers = (column: number) => Float64Array.from(kept, (row) => numberAt(builder, column, row));
    this.#predictions.push({
      ...identity,
      count: kept.length,
      inferenceIds: kept.map((row) => inferenceIdOf(view, builder.items[row], this.#inferenceIds)),
      rows: Float64Array.from(kept, (row) => builder.rowNumbers[row]),
      labels: kept.map((row) => textAt(builder, label, row)),
      values: numbers(value),
      scores: scores.map(numbers),
      segments: Int32Array.from(kept, (row) => (segments === undefined ? 0 : builder.segments[row])),
      weights: Float64Array.from(kept, (row) => builder.weights[row]),
      eventMs: Float64Array.from(kept, (row) => builder.eventMs[row]),
    });
  }

  addTruth(view: AttributeView, item: number, found: ItemAttributes, identity: Identity): void {
    const inferenceId = found.inferenceId < 0 ? '' : textOf(view, found.inferenceId);
    if (inferenceId === '') {
      this.#books.ignored.ground_truth_no_id++;
      return;
    }
    const label = found.groundTruth < 0 ? undefined : scalarTextOf(view, found.groundTruth);
    const value = found.groundTruthValue < 0 ? Number.NaN : numberOf(view, found.groundTruthValue);
    const row = found.row < 0 ? 0 : numberOf(view, found.row);
    if ((label === undefined && !Number.isFinite(value)) || !(row >= 0 && Number.isSafeInteger(row))) {
      this.#books.ignored.ground_truth_no_truth++;
      return;
    }
    const of = this.#truthsOf(identity);
    of.inferenceIds.push(inferenceId);
    of.rows.push(row);
    of.labels.push(label);
    of.values.push(value);
    of.eventMs.push(found.eventTime < 0 ? Number.NaN : numberOf(view, found.eventTime) / NANOSECONDS_PER_MS);
    of.saidMs = Math.max(of.saidMs, view.itemTimeMs[item]);
  }

  #truthsOf({ environment, model, version }: Identity): TruthRows {
    const key = JSON.stringify([environment, model, version]);
    const known = this.#truths.get(key);
    if (known !== undefined) return known;
    const columns = { inferenceIds: [], rows: [], labels: [], values: [], eventMs: [], saidMs: 0 };
    const made = { environment, model, version, ...columns };
    this.#truths.set(key, made);
    return made;
  }
}

/** Writes the bits of the segments that an item's rows are in. */
function writeSegments(
  view: AttributeView,
  item: number,
  keys: KeyRoles,
  segments: ReadonlyMap<string, ReadonlyMap<string, number>>,
  builder: BatchBuilder,
  first: number,
  count: number,
): void {
  builder.segments.fill(0, first, first + count);
  for (let a = view.itemStart[item]; a < view.itemStart[item + 1]; a++) {
    const key = view.attributeKey[a];
    const values = key >= 0 && keys.roleAt(key) === ROLE.segment ? segments.get(keys.nameAt(key)) : undefined;
    if (values === undefined) continue;
    const isArray = view.attributeType[a] === VALUE.array && view.attributeLength[a] === count;
    for (let row = 0; row < count; row++) {
      const text = isArray ? elementTextOf(view, view.attributeNumber[a] + row) : scalarTextOf(view, a);
      const segment = text === undefined ? undefined : values.get(text);
      if (segment !== undefined) builder.segments[first + row] |= 1 << segment;
    }
  }
}

function numberAt({ columns }: BatchBuilder, column: number, row: number): number {
  if (column < 0 || columns[column].kinds[row] !== CELL.number) return Number.NaN;
  return columns[column].values[row];
}

/** A class may be called by a number. */
function textAt({ columns, texts }: BatchBuilder, column: number, row: number): string | undefined {
  if (column < 0) return undefined;
  const { kinds, values } = columns[column];
  if (kinds[row] === CELL.text) return texts.textAt(values[row]);
  return kinds[row] === CELL.number ? String(values[row]) : undefined;
}

/** The sender's own, else the span's. */
function inferenceIdOf(view: AttributeView, item: number, ids: Int32Array): string {
  const own = ids[item] < 0 ? '' : textOf(view, ids[item]);
  if (own !== '') return own;
  const words = view.itemIds.subarray(item * ID_WORDS + 4, (item + 1) * ID_WORDS);
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}

function textOf(view: AttributeView, attribute: number): string {
  if (view.attributeType[attribute] !== VALUE.text) return '';
  const from = view.attributeNumber[attribute];
  const text = decoder.decode(view.bytes.subarray(from, from + view.attributeLength[attribute]));
  return text.length > ID_LENGTH_MAX ? text.slice(0, ID_LENGTH_MAX) : text;
}

function elementTextOf(view: AttributeView, element: number): string | undefined {
  const from = view.elementNumber[element];
  if (view.elementType[element] === VALUE.number) return String(from);
  if (view.elementType[element] !== VALUE.text) return undefined;
  return decoder.decode(view.bytes.subarray(from, from + view.elementLength[element]));
}

function scalarTextOf(view: AttributeView, attribute: number): string | undefined {
  const type = view.attributeType[attribute];
  if (type === VALUE.text) return textOf(view, attribute);
  if (type === VALUE.number) return String(view.attributeNumber[attribute]);
  return type === VALUE.boolean ? String(view.attributeNumber[attribute] === 1) : undefined;
}

function numberOf(view: AttributeView, attribute: number): number {
  return view.attributeType[attribute] === VALUE.number ? view.attributeNumber[attribute] : Number.NaN;
}
