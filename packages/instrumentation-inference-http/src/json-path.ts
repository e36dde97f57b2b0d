/**
 * Where a value is in a JSON body: keys separated by dots, `*` for each row. `customer.age` is one value of one row,
 * `rows.*.age` one of each row, `rows.*` the rows themselves. A key with a dot in it: a list of keys instead.
 */
export type JsonPath = string | readonly string[];

export interface PathValues {
  readonly rowCount: number;
  at(row: number): unknown;
}

/** Deeper paths are refused. */
const DEPTH_MAX = 20;

/** @throws TypeError when the path is empty, too deep or has more than one `*` */
export function keysOf(path: JsonPath): readonly string[] {
  const keys = typeof path === 'string' ? path.split('.') : path;
  const rows = keys.filter((key) => key === '*').length;
  if (keys.length === 0 || keys.length > DEPTH_MAX || keys.some((key) => key === '') || rows > 1)
    throw new TypeError(
      `${JSON.stringify(path)} is no path: 1 to ${DEPTH_MAX} keys separated by dots, with at most one * for the rows`,
    );
  return keys;
}

/** Undefined when there are no rows where `*` says they are. */
export function valuesAt(json: unknown, keys: readonly string[]): PathValues | undefined {
  const star = keys.indexOf('*');
  if (star === -1) return { rowCount: 1, at: () => valueAt(json, keys) };
  const rows = valueAt(json, keys.slice(0, star));
  if (!Array.isArray(rows)) return undefined;
  const rest = keys.slice(star + 1);
  return { rowCount: rows.length, at: (row) => valueAt(rows[row], rest) };
}

function valueAt(json: unknown, keys: readonly string[]): unknown {
  let value = json;
  for (const key of keys) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
