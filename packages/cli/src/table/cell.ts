/** One value of a table as a reader hands it over, before anybody decided what its column is. */
export type Cell = string | number | bigint | boolean | Date | null | undefined;

/** What CSV files write for "no value", and for numbers that are not finite: instrumented services send neither. */
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
  'inf',
  '+inf',
  '-inf',
  'Infinity',
  '-Infinity',
]);

export function isMissing(cell: Cell): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'number') return !Number.isFinite(cell);
  return typeof cell === 'string' && MISSING_TEXTS.has(cell.trim());
}

/** `0x1f` is a code, not a number. */
const OTHER_BASE = /^0[xob]/i;

/** The number that the cell is or spells in decimal, else NaN. Booleans are 0 and 1. */
export function numberOf(cell: Cell): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') {
    const text = cell.trim();
    return text === '' || OTHER_BASE.test(text) ? Number.NaN : Number(text);
  }
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  return cell instanceof Date ? cell.getTime() : Number.NaN;
}

/** The category that the cell is. */
export function textOf(cell: Cell): string {
  return cell instanceof Date ? cell.toISOString() : String(cell);
}
