/**
 * JSON in the one canonical form of RFC 8785: no spaces, keys by UTF-16 code units, numbers and strings as ECMAScript
 * writes them. Equal values give equal text, so that a hash of the text names the value.
 */

const DEPTH_MAX = 64;

/**
 * Properties that are undefined are left out.
 * @throws TypeError for what canonical JSON cannot say: NaN, infinities, lone surrogates, functions, cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new TypeError(`canonical JSON: nested deeper than ${DEPTH_MAX}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`canonical JSON: no form for ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${text(key)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/** ECMAScript's Number::toString is the RFC's form (section 3.2.2.3); −0 becomes 0. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: no form for ${value}`);
  return JSON.stringify(value);
}

function text(value: string): string {
  if (/[\ud800-\udfff]/u.test(value)) throw new TypeError('canonical JSON: lone surrogate');
  return JSON.stringify(value);
}
