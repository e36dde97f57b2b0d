/**
 * Decimal to double, exactly rounded, without making a string: `head · 10^tailDigits + tail`, divided by `10^scale`, in
 * double-double arithmetic (T. Dekker, "A floating-point technique for extending the available precision", Numerische
 * Mathematik 18, 1971). Its error is below 2^-100 of the result; where that could decide the last bit, the answer is
 * NaN and the caller converts the text.
 */

/** Veltkamp's constant: splits a double in two halves whose products are exact. */
const SPLITTER = 2 ** 27 + 1;
const ERROR = 2 ** -95;

/** Digits of `head` at most; every integer of so many digits is a double. */
export const HEAD_DIGITS = 15;
export const TAIL_DIGITS = 4;
/** 10^22 is the last power of ten that is a double. */
export const SCALE_MAX = 22;
export const POWERS_OF_TEN = Float64Array.from({ length: SCALE_MAX + 1 }, (_, power) => Number(`1e${power}`));

/**
 * @param head integer of at most HEAD_DIGITS digits, not 0
 * @param tail integer of `tailDigits` (at most TAIL_DIGITS) digits
 * @param scale from 0 to SCALE_MAX
 */
export function decimal(head: number, tail: number, tailDigits: number, scale: number): number {
  // head · 10^tailDigits as a sum of two doubles.
  const power = POWERS_OF_TEN[tailDigits];
  const product = head * power;
  const productLow = productError(head, power, product);
  const high = product + tail;
  const low = productLow + (tail - (high - product));
  // Divided: a quotient, and the quotient of what it leaves.
  const divisor = POWERS_OF_TEN[scale];
  const first = high / divisor;
  const back = first * divisor;
  const rest = high - back - productError(first, divisor, back) + low;
  const second = rest / divisor;
  const result = first + second;
  const error = second - (result - first);
  const bound = result * ERROR;
  return result + (error + bound) === result && result + (error - bound) === result ? result : Number.NaN;
}

/** a · b − fl(a · b), exactly. */
function productError(a: number, b: number, product: number): number {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
