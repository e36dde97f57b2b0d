/** Trace and span ids from their hex digits to six words, big-endian: the identity that duplicates are known by. */
import type { SdkSpanContext } from './telemetry.ts';

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
const WORD_DIGITS = 8;
const ASCII_MAX = 0x7f;

/** By character code. What is no hex digit counts as 0. */
const DIGITS = Uint8Array.from({ length: ASCII_MAX + 1 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 0 : digit;
});

/** An id of the wrong length counts as absent: zeros. */
export function idWords({ traceId, spanId }: SdkSpanContext, words: Uint32Array, at: number): void {
  const traceWords = TRACE_DIGITS / WORD_DIGITS;
  const isTrace = traceId.length === TRACE_DIGITS;
  for (let i = 0; i < traceWords; i++) words[at + i] = isTrace ? wordOf(traceId, i * WORD_DIGITS) : 0;
  const isSpan = spanId.length === SPAN_DIGITS;
  const spanWords = SPAN_DIGITS / WORD_DIGITS;
  for (let i = 0; i < spanWords; i++) words[at + traceWords + i] = isSpan ? wordOf(spanId, i * WORD_DIGITS) : 0;
}

function wordOf(hex: string, from: number): number {
  let word = 0;
  for (let i = from; i < from + WORD_DIGITS; i++) word = (word << 4) | DIGITS[hex.charCodeAt(i) & ASCII_MAX];
  return word;
}
