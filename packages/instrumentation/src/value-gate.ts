/**
 * The one gate through which every captured value passes, whichever carrier takes it: nothing leaves that the policy
 * does not allow, and no number that is not finite.
 */
import { createHmac } from 'node:crypto';
import type { FeatureRule } from './capture-policy.ts';

export type FeatureValue = string | number | bigint | boolean | null | undefined;

/** What may stand in an attribute; null is a missing value. */
export type GatedValue = string | number | boolean | null;

/** Longer strings are cut: a category is a word, not a document. */
const TEXT_LENGTH_MAX = 256;
const HMAC_HEX_DIGITS = 16;

/** @returns null for a missing value: null, NaN, infinite or of no usable type */
export function gateValue(value: unknown, rule: FeatureRule): GatedValue {
  if (rule === 'drop') return null;
  const plain = plainValue(value);
  if (plain === null || rule === 'raw') return plain;
  if ('hmac' in rule)
    return createHmac('sha256', rule.hmac).update(String(plain)).digest('hex').slice(0, HMAC_HEX_DIGITS);
  return typeof plain === 'number' ? bucketOf(plain, rule.bucket) : null;
}

function plainValue(value: unknown): GatedValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string') return value === '' ? null : value.slice(0, TEXT_LENGTH_MAX);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  return null;
}

/** The greatest bound that is not above the value; the lowest bound stands for everything below it too. */
function bucketOf(value: number, bounds: readonly number[]): number | null {
  let bucket = bounds[0] ?? null;
  for (const bound of bounds) if (bound <= value) bucket = bound;
  return bucket;
}
