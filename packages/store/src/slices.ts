/**
 * Rows by the time of their arrival, each stretch in a table of its own: ids are random, and a tree of ten million random
 * keys touches another page with every insert. A table that is small enough stays in the cache while it is filled; what is
 * over is dropped with its table.
 *
 * Invariants
 * 1. Only the newest table is inserted into.
 * 2. What the table `slices` says of a table was written in the same transaction as its rows.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type SliceKind = 'predictions' | 'labels';

const COLUMNS: Readonly<Record<SliceKind, string>> = {
  predictions: 'label TEXT, numbers BLOB, truth_label TEXT, truth_value REAL, is_labelled INTEGER',
  labels: 'label TEXT, value REAL, arrived_ms REAL',
};

export interface Slice {
  readonly id: number;
  readonly openedMs: number;
  count: number;
  /** Predictions without a label; labels that wait. */
  openCount: number;
  readonly insert: StatementSync;
  readonly find: StatementSync;
  /** Of predictions: sets the truth. Of labels: replaces it. */
  readonly update: StatementSync;
  readonly remove: StatementSync;
}

export interface SliceRow {
  readonly slice: Slice;
  readonly row: Readonly<Record<string, unknown>>;
}

export class Slices {
  readonly #db: DatabaseSync;
  readonly #kind: SliceKind;
  readonly #rowsMax: number;
  readonly #spanMs: number;
  /** Oldest first. */
  readonly #slices: Slice[] = [];
  readonly #changed = new Set<Slice>();

  /** @param rowsMax of one table @param spanMs that one table is inserted into */
  constructor(db: DatabaseSync, kind: SliceKind, rowsMax: number, spanMs: number) {
    this.#db = db;
    this.#kind = kind;
    this.#rowsMax = rowsMax;
    this.#spanMs = spanMs;
    db.exec(
      'CREATE TABLE IF NOT EXISTS slices (id INTEGER PRIMARY KEY, kind TEXT, opened_ms REAL, count INTEGER, open_count INTEGER)',
    );
    this.read();
  }

  /** What the file says. */
  read(): void {
    this.#changed.clear();
    this.#slices.length = 0;
    const rows = this.#db.prepare('SELECT * FROM slices WHERE kind = ? ORDER BY id').all(this.#kind);
    for (const { id, opened_ms, count, open_count } of rows)
      this.#slices.push(this.#prepared(Number(id), Number(opened_ms), Number(count), Number(open_count)));
  }

  get rowCount(): number {
    return this.#slices.reduce((sum, { count }) => sum + count, 0);
  }

  get openCount(): number {
    return this.#slices.reduce((sum, { openCount }) => sum + openCount, 0);
  }

  get sliceCount(): number {
    return this.#slices.length;
  }

  /** The table for new rows. */
  current(nowMs: number): Slice {
    const last = this.#slices.at(-1);
    if (last !== undefined && last.count < this.#rowsMax && nowMs - last.openedMs < this.#spanMs) return last;
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO slices (kind, opened_ms, count, open_count) VALUES (?, ?, 0, 0)')
      .run(this.#kind, nowMs);
    const id = Number(lastInsertRowid);
    this.#db.exec(
      `CREATE TABLE ${this.#kind}_${id} (key INTEGER PRIMARY KEY, "check" INTEGER, ${COLUMNS[this.#kind]})`,
    );
    const slice = this.#prepared(id, nowMs, 0, 0);
    this.#slices.push(slice);
    return slice;
  }

  /** The newest row with this key. */
  find(key: number, check: number): SliceRow | undefined {
    for (let i = this.#slices.length - 1; i >= 0; i--) {
      const slice = this.#slices[i];
      const row = slice.find.get(key);
      if (row !== undefined && row.check === check) return { slice, row };
    }
    return undefined;
  }

  noteChange(slice: Slice): void {
    this.#changed.add(slice);
  }

  /** Before the transaction ends. */
  writeCounts(): void {
    const statement = this.#db.prepare('UPDATE slices SET count = ?, open_count = ? WHERE id = ?');
    for (const { count, openCount, id } of this.#changed) statement.run(count, openCount, id);
    this.#changed.clear();
  }

  /** Drops the oldest table. @returns its rows that were still open */
  dropOldest(): number {
    const slice = this.#slices.shift();
    if (slice === undefined) return 0;
    this.#changed.delete(slice);
    this.#db.exec(`DROP TABLE ${this.#kind}_${slice.id}`);
    this.#db.prepare('DELETE FROM slices WHERE id = ?').run(slice.id);
    return slice.openCount;
  }

  /** Drops the tables whose last row came before this time. @returns their rows that were still open */
  dropBefore(ms: number): number {
    let open = 0;
    while (this.#slices.length > 0 && this.#slices[0].openedMs + this.#spanMs <= ms) open += this.dropOldest();
    return open;
  }

  #prepared(id: number, openedMs: number, count: number, openCount: number): Slice {
    const table = `${this.#kind}_${id}`;
    const isPredictions = this.#kind === 'predictions';
    const marks = isPredictions ? '?, ?, ?, ?, ?, ?, ?' : '?, ?, ?, ?, ?';
    const set = isPredictions ? 'truth_label = ?, truth_value = ?, is_labelled = 1' : 'label = ?, value = ?';
    return {
      id,
      openedMs,
      count,
      openCount,
      insert: this.#db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${marks})`),
      find: this.#db.prepare(`SELECT * FROM ${table} WHERE key = ?`),
      update: this.#db.prepare(`UPDATE ${table} SET ${set} WHERE key = ?`),
      remove: this.#db.prepare(`DELETE FROM ${table} WHERE key = ?`),
    };
  }
}
