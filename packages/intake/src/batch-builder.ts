/** Rows of one model, gathered column by column while a request is read. The arrays are reused by the next request. */
import { CELL, type Column, type ColumnBatch, type ColumnRole, type ColumnType } from '@leeway/engine';
import { IgnoredFeatures } from './ignored-features.ts';
import type { KeyRoles } from './key-roles.ts';
import { LABEL_OR_VALUE, ROLE } from './roles.ts';
import type { Texts } from './texts.ts';

const ROWS_START = 256;
/** In the table of columns by key: no feature and no output of the reference … */
const NO_COLUMN = -1;
/** … but a feature that the sender states; and one whose name was noted. */
const UNKNOWN_FEATURE = -2;
const NOTED_FEATURE = -3;
/**
 * Rows between columns that nobody uses, a cache line of numbers: with powers of two from column to column, the cells
 * of one row would all fall into the same set of the cache.
 */
const ROWS_BETWEEN = 8;

export interface BuilderColumn {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
}

export class BatchBuilder implements ColumnBatch {
  rowCount = 0;
  eventMs = new Float64Array(ROWS_START);
  weights = new Float64Array(ROWS_START);
  /** Index of each row's item in the request. */
  items = new Int32Array(ROWS_START);
  /** Number of each row within its inference; written for models with labels only. */
  rowNumbers = new Float64Array(ROWS_START);
  /** Bit i where the row is in segment i; written for models with segments only. */
  segments = new Int32Array(ROWS_START);
  /** What was sent of features that the reference does not have. */
  readonly ignored = new IgnoredFeatures();
  /** Slices of `allKinds` and `allValues`: column c has the cells from c · columnStride on. */
  columns: readonly Column[] = [];
  columnStride = ROWS_START;
  allKinds = new Uint8Array(0);
  allValues = new Float64Array(0);
  readonly texts: Texts;
  readonly featureCount: number;
  readonly #types: readonly ColumnType[];
  /** Column by feature name and by output name. */
  readonly #features = new Map<string, number>();
  readonly #outputs = new Map<string, number>();
  /** Column by key id, for the first `#knownKeys` keys. */
  #columnOfKey = new Int32Array(0);
  #keyGeneration = -1;
  #knownKeys = 0;

  /** @param columns features first, then outputs: the order of the layout */
  constructor(columns: readonly BuilderColumn[], texts: Texts) {
    this.texts = texts;
    this.featureCount = columns.filter(({ role }) => role === 'feature').length;
    this.#types = columns.map(({ type }) => type);
    this.#allot(ROWS_START);
    columns.forEach(({ name, role }, index) => {
      (role === 'feature' ? this.#features : this.#outputs).set(name, index);
    });
  }

  clear(): void {
    this.rowCount = 0;
  }

  /** Adds an item's rows, features of `kind` and outputs absent until they are set. Returns the first. */
  addRows(count: number, kind: number, weight: number, item: number): number {
    const first = this.rowCount;
    const end = first + count;
    if (end > this.weights.length) this.#grow(end);
    const { columns, featureCount, allKinds, columnStride } = this;
    if (count === 1) {
      this.weights[first] = weight;
      this.items[first] = item;
      // The usual span is one row, and a call of fill for each of its columns would cost more than all the rest.
      for (let c = 0, cell = first; c < columns.length; c++, cell += columnStride)
        allKinds[cell] = c < featureCount ? kind : CELL.absent;
    } else {
      this.weights.fill(weight, first, end);
      this.items.fill(item, first, end);
      for (let c = 0; c < columns.length; c++) columns[c].kinds.fill(c < featureCount ? kind : CELL.absent, first, end);
    }
    this.rowCount = end;
    return first;
  }

  /** Column by key id, negative where the key is of no column of this model. Valid until the next key is added. */
  columnsOfKeys(keys: KeyRoles): Int32Array {
    if (keys.generation !== this.#keyGeneration) {
      this.#keyGeneration = keys.generation;
      this.#knownKeys = 0;
    }
    if (keys.size > this.#columnOfKey.length) {
      const grown = new Int32Array(Math.max(256, 2 * keys.size));
      grown.set(this.#columnOfKey);
      this.#columnOfKey = grown;
    }
    for (; this.#knownKeys < keys.size; this.#knownKeys++) {
      const role = keys.roleAt(this.#knownKeys);
      const isFeature = role === ROLE.feature;
      const columns = isFeature ? this.#features : role === ROLE.output ? this.#outputs : undefined;
      const name = keys.nameAt(this.#knownKeys);
      const isEither = role === ROLE.output && name === LABEL_OR_VALUE;
      const column = isEither ? (columns?.get('label') ?? columns?.get('value')) : columns?.get(name);
      this.#columnOfKey[this.#knownKeys] = column ?? (isFeature ? UNKNOWN_FEATURE : NO_COLUMN);
    }
    return this.#columnOfKey;
  }

  /** An attribute of a key without column, with so many values: counted when it states a feature. */
  skip(key: number, count: number, keys: KeyRoles): void {
    const column = this.#columnOfKey[key];
    if (column === NO_COLUMN) return;
    this.ignored.count(count);
    if (column === NOTED_FEATURE) return;
    this.#columnOfKey[key] = NOTED_FEATURE;
    this.ignored.note(keys.nameAt(key));
  }

  /** Items of which every row is among those. */
  itemsWithin(rows: Int32Array): number {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(this.items[row], (counts.get(this.items[row]) ?? 0) + 1);
    for (let row = 0; row < this.rowCount; row++) {
      const count = counts.get(this.items[row]);
      if (count !== undefined) counts.set(this.items[row], count - 1);
    }
    let whole = 0;
    for (const rest of counts.values()) if (rest === 0) whole++;
    return whole;
  }

  featureColumn(name: string): number {
    return this.#features.get(name) ?? -1;
  }

  /** In the reference's order. */
  featureNames(type?: ColumnType): string[] {
    const names = [...this.#features.keys()];
    return type === undefined ? names : names.filter((_, column) => this.#types[column] === type);
  }

  isCategorical(column: number): boolean {
    return this.#types[column] === 'categorical';
  }

  /** Drops the rows from `first` on whose flag is 0; there are as many flags as rows. */
  keepOnly(first: number, flags: Uint8Array): void {
    let to = first;
    for (let i = 0; i < flags.length; i++) {
      if (flags[i] === 0) continue;
      const from = first + i;
      if (to !== from) this.#move(from, to);
      to++;
    }
    this.rowCount = to;
  }

  #move(from: number, to: number): void {
    this.eventMs[to] = this.eventMs[from];
    this.weights[to] = this.weights[from];
    this.items[to] = this.items[from];
    this.rowNumbers[to] = this.rowNumbers[from];
    this.segments[to] = this.segments[from];
    for (const { kinds, values } of this.columns) {
      kinds[to] = kinds[from];
      values[to] = values[from];
    }
  }

  #grow(rowCount: number): void {
    const size = Math.max(rowCount, 2 * this.weights.length);
    const before = this.columns;
    const { eventMs, weights, items, rowNumbers, segments } = this;
    this.eventMs = new Float64Array(size);
    this.eventMs.set(eventMs);
    this.weights = new Float64Array(size);
    this.weights.set(weights);
    this.items = new Int32Array(size);
    this.items.set(items);
    this.rowNumbers = new Float64Array(size);
    this.rowNumbers.set(rowNumbers);
    this.segments = new Int32Array(size);
    this.segments.set(segments);
    this.#allot(size);
    before.forEach(({ kinds, values }, c) => {
      this.columns[c].kinds.set(kinds);
      this.columns[c].values.set(values);
    });
  }

  #allot(rowCapacity: number): void {
    const columnCount = this.#types.length;
    const stride = rowCapacity + ROWS_BETWEEN;
    const kinds = new Uint8Array(columnCount * stride);
    const values = new Float64Array(columnCount * stride);
    this.columnStride = stride;
    this.allKinds = kinds;
    this.allValues = values;
    this.columns = this.#types.map((_, c) => ({
      kinds: kinds.subarray(c * stride, c * stride + rowCapacity),
      values: values.subarray(c * stride, c * stride + rowCapacity),
    }));
  }
}
