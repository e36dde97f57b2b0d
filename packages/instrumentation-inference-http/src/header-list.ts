/**
 * Headers as undici's channels show them: a flat list of names and values, as strings or bytes; an object for HTTP/2.
 * A few are asked for, so none is converted before.
 */
export interface Headers {
  /** @param name in lower case */
  get(name: string): string | undefined;
}

export function headersOf(list: unknown): Headers {
  if (Array.isArray(list)) return { get: (name) => find(list, name) };
  return { get: (name) => (list !== null && typeof list === 'object' ? fieldOf(list, name) : undefined) };
}

/** The last of a name wins. */
function find(list: readonly unknown[], name: string): string | undefined {
  for (let i = list.length - 2; i >= 0; i -= 2) {
    const key = list[i] as { readonly length: number };
    // Most names differ in length: no conversion for those.
    if (key.length === name.length && String(key).toLowerCase() === name) return String(list[i + 1]);
  }
  return undefined;
}

function fieldOf(fields: object, name: string): string | undefined {
  const value: unknown = Object.hasOwn(fields, name) ? (fields as Record<string, unknown>)[name] : undefined;
  return value === undefined ? undefined : String(value);
}
