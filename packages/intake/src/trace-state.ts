/**
 * The adjusted count that a W3C tracestate carries: how many spans a sampled one stands for.
 *
 * Source: OpenTelemetry specification, "TraceState: Probability Sampling": `ot=th:<T>` with up to 14 hex digits, the
 * rejection threshold, trailing zeros left out; a span is kept with probability (2⁵⁶ − T) / 2⁵⁶.
 */

const DIGIT_COUNT_MAX = 14;
const RANGE = 2 ** 56;

/** Adjusted count, at least 1; 0 when the tracestate says nothing of sampling, NaN when what it says is no threshold. */
export function adjustedCount(text: string): number {
  for (const member of text.split(',')) {
    const [vendor, value] = member.trim().split('=', 2);
    if (vendor !== 'ot' || value === undefined) continue;
    for (const field of value.split(';')) {
      if (field.startsWith('th:')) return countOf(field.slice(3));
    }
  }
  return 0;
}

function countOf(threshold: string): number {
  if (!/^[0-9a-f]{1,14}$/.test(threshold)) return Number.NaN;
  const rejected = Number.parseInt(threshold.padEnd(DIGIT_COUNT_MAX, '0'), 16);
  return rejected >= RANGE ? Number.NaN : RANGE / (RANGE - rejected);
}
