/** Doubles and their bits. */

const doubles = new Float64Array(1);
const words = new BigInt64Array(doubles.buffer);

/**
 * The smallest double above `value` (IEEE 754-2008, 5.3.1). `value` is finite; the largest double gives Infinity, and
 * both zeros give the smallest subnormal.
 */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  doubles[0] = value;
  words[0] += value > 0 ? 1n : -1n;
  return doubles[0] + 0;
}
