/**
 * One column while it is read: held back until its type is clear, then spooled as numbers: values, times, or indexes of
 * categories.
 *
 * A column is numeric when its first SAMPLE_ROWS values that are there are numbers, all but one in a hundred, and none
 * is a number with leading zeros (a code). What then does not convert is a type error, not a missing value.
 */
import { type Cell, isMissing, numberOf, textOf } from '../table/cell.ts';
import { detectTimeUnit, type TimeUnit, timeOf } from '../table/time.ts';
import type { Spool } from './spool.ts';

export type TableType = 'numeric' | 'categorical' | 'time';

const SAMPLE_ROWS = 10_000;
const NUMBERS_MIN = 0.99;
/** Categories that are told apart; the rows of further ones are counted together. */
export const CATEGORIES_MAX = 100_000;
/** Longer texts are no categories; they are cut for counting. */
const CATEGORY_LENGTH_MAX = 512;

export class TableColumn {
  readonly name: string;
  readonly #spool: Spool;
  #held: Cell[] = [];
  #type: TableType | undefined;
  #unit: TimeUnit | undefined;
  readonly #categories = new Map<string, number>();
  missingCount = 0;
  typeErrorCount = 0;
  /** Row of the first value that did not convert, from 1. */
  firstTypeErrorRow = 0;
  isCut = false;
  isAscending = true;
  isInteger = true;
  isConstant = true;
  #first: number | undefined;
  #previous = Number.NEGATIVE_INFINITY;
  #lengthSum = 0;

  constructor(name: string, spool: Spool, type: TableType | undefined) {
    this.name = name;
    this.#spool = spool;
    this.#type = type;
  }

  get rowCount(): number {
    return this.#spool.size + this.#held.length;
  }

  get type(): TableType {
    return this.#type ?? 'categorical';
  }

  get spool(): Spool {
    return this.#spool;
  }

  /** By index; only of categorical columns. */
  get categories(): readonly string[] {
    return [...this.#categories.keys()];
  }

  get distinctCount(): number {
    return this.#categories.size;
  }

  /** Characters of a category in the mean. */
  get lengthMean(): number {
    return this.#categories.size === 0 ? 0 : this.#lengthSum / this.#categories.size;
  }

  /** Unit of a numeric time column. */
  get timeUnit(): TimeUnit | undefined {
    return this.#unit;
  }

  add(cells: ArrayLike<Cell>): void {
    for (let i = 0; i < cells.length; i++) {
      if (this.#type === undefined) {
        this.#held.push(cells[i]);
        if (this.#held.length === SAMPLE_ROWS) this.#decide();
      } else this.#write(cells[i]);
    }
  }

  end(): void {
    this.#decide();
  }

  #decide(): void {
    const held = this.#held;
    this.#held = [];
    this.#type ??= inferType(held);
    for (const cell of held) this.#write(cell);
  }

  #write(cell: Cell): void {
    if (isMissing(cell)) {
      this.missingCount++;
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
    if (this.#unit === undefined) this.#unit = detectTimeUnit(numberOf(cell));
    return timeOf(cell, this.#unit);
  }

  /** Index of the category; of a category that came after the dictionary was full, the number of those before. */
  #categoryOf(text: string): number {
    const key = text.length > CATEGORY_LENGTH_MAX ? text.slice(0, CATEGORY_LENGTH_MAX) : text;
    const known = this.#categories.get(key);
    if (known !== undefined) return known;
    if (this.#categories.size >= CATEGORIES_MAX) {
      this.isCut = true;
      return CATEGORIES_MAX;
    }
    const index = this.#categories.size;
    this.#categories.set(key, index);
    this.#lengthSum += key.length;
    if (index > 0) this.isConstant = false;
    return index;
  }
}

function inferType(cells: readonly Cell[]): TableType {
  let present = 0;
  let numbers = 0;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    present++;
    if (typeof cell === 'boolean' || cell instanceof Date) return 'categorical';
    if (typeof cell === 'string' && /^\s*-?0\d/.test(cell)) return 'categorical';
    if (!Number.isNaN(numberOf(cell))) numbers++;
  }
  return present > 0 && numbers >= NUMBERS_MIN * present ? 'numeric' : 'categorical';
}
