/**
 * One column while it is read: held back until its type is clear, then spooled as numbers: values, times, or indexes of
 * categories.
 *
 * A column is numeric when of its first values, at most SAMPLE_ROWS and counted from the first that is there, all but
 * one in a hundred are numbers, and none is a number with leading zeros (a code). What then does not convert is a type
 * error, not a missing value.
 */
import { type Cell, isEmpty, isMissingWord, numberOf, textOf } from '../table/cell.ts';
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
  readonly #given: TableType | undefined;
  #type: TableType | undefined;
  #unit: TimeUnit | undefined;
  /** Of the first values, at most SAMPLE_ROWS: whole numbers, how many of them, and between which. */
  readonly sample = {
    wholeCount: 0,
    distinctCount: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
  };
  /** Words such as `NA` among the categories: how many rows. */
  missingWordCount = 0;
  /** One of them. */
  missingWord = '';
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

  constructor(name: string, spool: Spool, type: TableType | undefined, isForced: boolean, unit?: TimeUnit) {
    this.name = name;
    this.#spool = spool;
    this.#given = type;
    this.#unit = unit;
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
      else if (this.#held.length === 0 && isEmpty(cells[i])) this.#leadingCount++;
      else if (this.#held.push(cells[i]) === SAMPLE_ROWS) this.#decide();
    }
  }

  end(): void {
    this.#decide();
  }

  #decide(): void {
    const held = this.#held;
    this.#held = [];
    this.#type ??= this.#given ?? inferType(held);
    if (this.#type === 'time') this.#unit ??= unitOf(held);
    if (this.#type === 'numeric') this.#takeSample(held);
    for (; this.#leadingCount > 0; this.#leadingCount--) this.#write(null);
    for (const cell of held) this.#write(cell);
  }

  #write(cell: Cell): void {
    const isCategory = this.#type === 'categorical';
    if (isEmpty(cell) || (!isCategory && isMissingWord(cell))) {
      this.missingCount++;
      if (this.firstMissingRow === 0) this.firstMissingRow = this.#spool.size + 1;
      this.#spool.write(isCategory ? -1 : Number.NaN);
    } else if (isCategory) {
      const text = textOf(cell);
      if (isMissingWord(text)) {
        this.missingWordCount++;
        this.missingWord = text;
      }
      this.#spool.write(this.#categoryOf(text));
    } else this.#writeNumber(this.#type === 'time' ? timeOf(cell, this.#unit) : numberOf(cell));
  }

  #takeSample(cells: readonly Cell[]): void {
    const { sample } = this;
    const values = new Set<number>();
    for (const cell of cells) {
      const value = isEmpty(cell) ? Number.NaN : numberOf(cell);
      if (!Number.isInteger(value)) continue;
      sample.wholeCount++;
      values.add(value);
      if (value < sample.minimum) sample.minimum = value;
      if (value > sample.maximum) sample.maximum = value;
    }
    sample.distinctCount = values.size;
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

/** Of the largest number, so that a first row of 0 decides nothing; undefined when there are no numbers. */
function unitOf(cells: readonly Cell[]): TimeUnit | undefined {
  let largest = -1;
  for (const cell of cells) {
    const number = cell instanceof Date || isEmpty(cell) ? Number.NaN : Math.abs(numberOf(cell));
    if (number > largest && number !== Number.POSITIVE_INFINITY) largest = number;
  }
  return largest < 0 ? undefined : detectTimeUnit(largest);
}

const LEADING_ZERO = /^\s*-?0\d/;

function inferType(cells: readonly Cell[]): TableType {
  let present = 0;
  let numbers = 0;
  for (const cell of cells) {
    if (isEmpty(cell) || isMissingWord(cell)) continue;
    present++;
    if (typeof cell === 'boolean' || cell instanceof Date) return 'categorical';
    if (typeof cell === 'string' && LEADING_ZERO.test(cell)) return 'categorical';
    if (!Number.isNaN(numberOf(cell))) numbers++;
  }
  return present > 0 && numbers >= NUMBERS_MIN * present ? 'numeric' : 'categorical';
}
