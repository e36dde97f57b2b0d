import { numberOfText, spellsMissing } from '@leeway/engine';

/** One value of a table as a reader hands it over, before anybody decided what its column is. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** No value, whatever the column's type. */
export function isEmpty(cell: Cell): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  return typeof cell === 'string' && cell === '';
}

/** Says in words that there is no value: missing in numbers and times, a category among categories. */
export function isMissingWord(cell: Cell): boolean {
  return typeof cell === 'string' && spellsMissing(cell);
}

/** The number that the cell is or spells; infinite when it spells "no value", NaN when neither. Booleans are 0 and 1. */
export function numberOf(cell: Cell): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') return numberOfText(cell);
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  return cell instanceof Date ? cell.getTime() : Number.NaN;
}

/** The category that the cell is. */
export function textOf(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : String(cell);
}

/** The class that the cell names: 1, 1.0 and "1" are one. */
export function classOf(cell: Cell): string {
  const text = textOf(cell).trim();
  if (typeof cell === 'boolean') return text;
  const number = numberOf(cell);
  return Number.isFinite(number) ? String(number) : text;
}
