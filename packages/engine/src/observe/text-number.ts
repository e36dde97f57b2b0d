/**
 * What a text is in a numeric column, in a file and in traffic alike: what is missing in the reference must be missing in
 * the window. In a categorical column every text but the empty one is a category, `NA` included.
 */

const MISSING_TEXTS: ReadonlySet<string> = new Set([
  '',
  'na',
  'n/a',
  'nan',
  'null',
  'none',
  'nat',
  '\\n',
  'inf',
  '+inf',
  '-inf',
  'infinity',
  '+infinity',
  '-infinity',
]);
const LONGEST = Math.max(...[...MISSING_TEXTS].map(({ length }) => length));
/** `0x1f` is a code, not a number. */
const OTHER_BASE = /^0[xob]/i;

/** Whether the text is one of the spellings of "no value", in any case, such as `NA` or `NaN`. */
export function spellsMissing(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= LONGEST && MISSING_TEXTS.has(trimmed.toLowerCase());
}

/**
 * The number that the text spells in decimal; infinite, which counts as missing, when it spells "no value"; NaN, a type
 * error, when it is neither.
 *
 * @example numberOfText('12.5') // 12.5
 * @example numberOfText('NA') // Infinity: missing
 * @example numberOfText('twelve') // NaN: a type error
 */
export function numberOfText(text: string): number {
  if (spellsMissing(text)) return Number.POSITIVE_INFINITY;
  return OTHER_BASE.test(text.trim()) ? Number.NaN : Number(text);
}
