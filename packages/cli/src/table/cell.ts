/** One value of a table as a reader hands it over, before anybody decided what its column is. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** What CSV files write for "no value". */
const MISSING_TEXTS: ReadonlySet<string> = new Set([
  '',
  'NA',
  'N/A',
  'NaN',
  'nan',
  'null',
  'NULL',
  'None',
  'NaT',
  '\\N',
]);

export function isMissing(cell: Cell): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  return typeof cell === 'string' && MISSING_TEXTS.has(cell.trim());
}

/** The number that the cell is or spells, else NaN. Booleans are 0 and 1. */
export function numberOf(cell: Cell): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') {
    const text = cell.trim();
    return text === '' ? Number.NaN : Number(text);
  }
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  return cell instanceof Date ? cell.getTime() : Number.NaN;
}

/** The category that the cell is. */
export function textOf(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : String(cell);
}
