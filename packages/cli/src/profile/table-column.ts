/**
 * One column while it is read: held back until its type is clear, then spooled as numbers: values, times, or indexes of
 * categories.
 *
 * A column is numeric when of its first values, at most SAMPLE_ROWS and counted from the first that is there, all but
 * one in a hundred are numbers, and none is a number with leading zeros (a code). What then does not convert is a type
 * error, not a missing value.
 */
import { type Cell, isMissing, numberOf, textOf } from '../table/cell.ts';
import { detectTimeUnit, type TimeUnit, timeOf } from '../table/time.ts';
import type { Spool } from './spool.ts';

export type TableType = 'numeric' | 'categorical' | 'time';

const SAMPLE_ROWS = 10_000;
const NUMBERS_MIN = 0.99;
/** Categories that are told apart; the rows of further ones are counted together. */
export const CATEGORIES_MAX = 100_000;
/** UTF-16 units of all names of a column's categories: bounds what free text may hold of the memory. */
const CATEGORY_UNITS_MAX = 4_000_000;
/** Longer texts are no categories; they are cut for counting. */
const CATEGORY_LENGTH_MAX = 256;

export class TableColumn {
  readonly name: string;
  readonly #spool: Spool;
  /** Whether the column is wanted even if it looks like an identifier or free text. */
  readonly #isForced: boolean;
  #held: Cell[] = [];
  /** Cells without a value before the first one with a value. */
  #leadingCount = 0;
  #type: TableType | undefined;
  #unit: TimeUnit | undefined;
  readonly #categories = new Map<string, number>();
  missingCount = 0;
  /** From 1; 0 when there is none. */
  firstMissingRow = 0;
  typeErrorCount = 0;
  /** Row of the first value that did not convert, from 1; 0 when there is none. */
  firstTypeErrorRow = 0;
  /** Whether the dictionary became full. */
  isCut = false;
  distinctCount = 0;
  isAscending = true;
  isInteger = true;
  isConstant = true;
  #first: number | undefined;
  #previous = Number.NEGATIVE_INFINITY;
  #lengthSum = 0;

  constructor(name: string, spool: Spool, type: TableType | undefined, isForced: boolean) {
    this.name = name;
    this.#spool = spool;
    this.#type = type;
    this.#isForced = isForced;
  }

  get rowCount(): number {
    return this.#spool.size + this.#leadingCount + this.#held.length;
  }

  get type(): TableType {
    return this.#type ?? 'categorical';
  }

  get spool(): Spool {
    return this.#spool;
  }

  /** By index; only of categorical columns. None when the column is not wanted and the dictionary became full. */
  get categories(): readonly string[] {
    return [...this.#categories.keys()];
  }

  /** Characters of a category in the mean. */
  get lengthMean(): number {
    return this.distinctCount === 0 ? 0 : this.#lengthSum / this.distinctCount;
  }

  /** Unit of a time column's numbers; undefined when it has none. */
  get timeUnit(): TimeUnit | undefined {
    return this.#unit;
  }

  add(cells: ArrayLike<Cell>): void {
    for (let i = 0; i < cells.length; i++) {
      if (this.#type !== undefined) this.#write(cells[i]);
      else if (this.#held.length === 0 && isMissing(cells[i])) this.#leadingCount++;
      else if (this.#held.push(cells[i]) === SAMPLE_ROWS) this.#decide();
    }
  }

  end(): void {
    this.#decide();
  }

  #decide(): void {
    const held = this.#held;
    this.#held = [];
    this.#type ??= inferType(held);
    for (; this.#leadingCount > 0; this.#leadingCount--) this.#write(null);
    for (const cell of held) this.#write(cell);
  }

  #write(cell: Cell): void {
    if (isMissing(cell)) {
      this.missingCount++;
      if (this.firstMissingRow === 0) this.firstMissingRow = this.#spool.size + 1;
      this.#spool.write(this.#type === 'categorical' ? -1 : Number.NaN);
    } else if (this.#type === 'categorical') this.#spool.write(this.#categoryOf(textOf(cell)));
    else this.#writeNumber(this.#type === 'time' ? this.#time(cell) : numberOf(cell));
  }

  #writeNumber(value: number): void {
    if (Number.isNaN(value)) {
      this.typeErrorCount++;
      if (this.firstTypeErrorRow === 0) this.firstTypeErrorRow = this.#spool.size + 1;
    } else {
      this.#first ??= value;
      if (value !== this.#first) this.isConstant = false;
      if (!(value > this.#previous)) this.isAscending = false;
      if (!Number.isInteger(value)) this.isInteger = false;
      this.#previous = value;
    }
    this.#spool.write(value);
  }

  #time(cell: Cell): number {
    if (this.#unit === undefined) {
      const number = cell instanceof Date ? Number.NaN : numberOf(cell);
      if (!Number.isNaN(number)) this.#unit = detectTimeUnit(number);
    }
    return timeOf(cell, this.#unit);
  }

  /** Index of the category; of a category that came after the dictionary was full, the number of those before. */
  #categoryOf(text: string): number {
    const key = text.length > CATEGORY_LENGTH_MAX ? text.slice(0, CATEGORY_LENGTH_MAX) : text;
    const known = this.#categories.get(key);
    if (known !== undefined) return known;
    if (this.isCut || this.distinctCount >= CATEGORIES_MAX || this.#lengthSum + key.length > CATEGORY_UNITS_MAX) {
      this.isCut = true;
      // It will be left out: many such columns together would hold much.
      if (!this.#isForced) this.#categories.clear();
      return this.distinctCount;
    }
    const index = this.distinctCount++;
    this.#categories.set(key, index);
    this.#lengthSum += key.length;
    if (index > 0) this.isConstant = false;
    return index;
  }
}

const LEADING_ZERO = /^\s*-?0\d/;

function inferType(cells: readonly Cell[]): TableType {
  let present = 0;
  let numbers = 0;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    present++;
    if (typeof cell === 'boolean' || cell instanceof Date) return 'categorical';
    if (typeof cell === 'string' && LEADING_ZERO.test(cell)) return 'categorical';
    if (!Number.isNaN(numberOf(cell))) numbers++;
  }
  return present > 0 && numbers >= NUMBERS_MIN * present ? 'numeric' : 'categorical';
}
