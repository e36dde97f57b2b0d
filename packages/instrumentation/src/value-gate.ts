/**
 * The one gate through which every captured value passes, whichever carrier takes it: nothing leaves that the policy
 * does not allow, and no number that is not finite.
 */
import { createHmac } from 'node:crypto';
import type { FeatureRule } from './capture-policy.ts';

export type FeatureValue = string | number | bigint | boolean | Date | null | undefined;

/** What may stand in an attribute; null is a missing value. */
export type GatedValue = string | number | boolean | null;

/** Longer strings are cut: a category is a word, not a document. */
const TEXT_LENGTH_MAX = 256;
const HMAC_HEX_DIGITS = 16;

/**
 * Numbers stay numbers, a bigint and a Date (milliseconds since 1970) become one; of arrays and typed arrays only those
 * of a single element are a value.
 *
 * @returns null for a missing value: null, NaN, infinite, empty text, or of no usable type
 */
export function gateValue(value: unknown, rule: FeatureRule): GatedValue {
  if (rule === 'drop') return null;
  const plain = plainValue(value);
  if (plain === null) return null;
  if (rule === 'raw') return typeof plain === 'string' ? shortText(plain) : plain;
  if ('hmac' in rule)
    return createHmac('sha256', rule.hmac).update(String(plain)).digest('hex').slice(0, HMAC_HEX_DIGITS);
  return typeof plain === 'number' ? bucketOf(plain, rule.bucket) : null;
}

function plainValue(value: unknown): GatedValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return finite(Number(value));
  return typeof value === 'object' && value !== null ? plainObject(value) : null;
}

function plainObject(value: object): GatedValue {
  if (value instanceof Date) return finite(Date.prototype.getTime.call(value));
  if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && !(value instanceof DataView))) return null;
  const elements = value as ArrayLike<unknown>;
  if (elements.length !== 1) return null;
  const element = elements[0];
  return typeof element === 'object' ? null : plainValue(element);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Cut between characters, not within one. */
function shortText(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  const last = text.charCodeAt(TEXT_LENGTH_MAX - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? TEXT_LENGTH_MAX - 1 : TEXT_LENGTH_MAX);
}

/** The greatest bound that is not above the value; the lowest bound stands for everything below it too. */
function bucketOf(value: number, bounds: readonly number[]): number | null {
  let bucket = bounds[0] ?? null;
  for (const bound of bounds) if (bound <= value) bucket = bound;
  return bucket;
}
