/** Rows of one model, gathered column by column while a request is read. The arrays are reused by the next request. */
import { CELL, type Column, type ColumnBatch, type ColumnRole, type ColumnType } from '@leeway/engine';
import type { Texts } from './texts.ts';

const ROWS_START = 256;

export interface BuilderColumn {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: ColumnType;
}

export class BatchBuilder implements ColumnBatch {
  rowCount = 0;
  eventMs = new Float64Array(ROWS_START);
  weights = new Float64Array(ROWS_START);
  columns: readonly Column[];
  readonly texts: Texts;
  readonly featureCount: number;
  readonly #types: readonly ColumnType[];
  /** Column by feature name and by output name; −1 never appears. */
  readonly #features = new Map<string, number>();
  readonly #outputs = new Map<string, number>();
  /** Column by key id: −2 not looked up yet, −1 none. */
  #columnOfKey = new Int32Array(0);
  #keyGeneration = -1;

  /** @param columns features first, then outputs: the order of the layout */
  constructor(columns: readonly BuilderColumn[], texts: Texts) {
    this.texts = texts;
    this.featureCount = columns.filter(({ role }) => role === 'feature').length;
    this.#types = columns.map(({ type }) => type);
    this.columns = columns.map(() => newColumn(ROWS_START));
    columns.forEach(({ name, role }, index) => {
      (role === 'feature' ? this.#features : this.#outputs).set(name, index);
    });
  }

  clear(): void {
    this.rowCount = 0;
  }

  /** Adds rows whose features are of `kind` and whose outputs are absent until they are set. Returns the first. */
  addRows(count: number, kind: number): number {
    const first = this.rowCount;
    const end = first + count;
    if (end > this.weights.length) this.#grow(end);
    for (let c = 0; c < this.columns.length; c++) {
      this.columns[c].kinds.fill(c < this.featureCount ? kind : CELL.absent, first, end);
    }
    this.rowCount = end;
    return first;
  }

  /** Column of a feature's or output's key, −1 for none; `name` is asked only when the key is new. */
  columnOf(key: number, generation: number, isFeature: boolean, name: (key: number) => string): number {
    if (generation !== this.#keyGeneration || key >= this.#columnOfKey.length) this.#prepare(key, generation);
    const known = this.#columnOfKey[key];
    if (known !== -2) return known;
    const column = (isFeature ? this.#features : this.#outputs).get(name(key)) ?? -1;
    this.#columnOfKey[key] = column;
    return column;
  }

  featureColumn(name: string): number {
    return this.#features.get(name) ?? -1;
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
    for (const { kinds, values } of this.columns) {
      kinds[to] = kinds[from];
      values[to] = values[from];
    }
  }

  #prepare(key: number, generation: number): void {
    const isNew = generation !== this.#keyGeneration;
    this.#keyGeneration = generation;
    if (key >= this.#columnOfKey.length) {
      const grown = new Int32Array(Math.max(256, 2 * key + 2)).fill(-2);
      if (!isNew) grown.set(this.#columnOfKey);
      this.#columnOfKey = grown;
    } else if (isNew) this.#columnOfKey.fill(-2);
  }

  #grow(rowCount: number): void {
    const size = Math.max(rowCount, 2 * this.weights.length);
    const longer = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.eventMs = longer(this.eventMs, new Float64Array(size));
    this.weights = longer(this.weights, new Float64Array(size));
    this.columns = this.columns.map(({ kinds, values }) => ({
      kinds: longer(kinds, new Uint8Array(size)),
      values: longer(values, new Float64Array(size)),
    }));
  }
}

function newColumn(size: number): Column {
  return { kinds: new Uint8Array(size), values: new Float64Array(size) };
}
