/** Bounds of one decoded request. Reaching a count makes the request too large: it is refused whole, and counted. */
export interface DecodeLimits {
  /** Bytes of a body after inflating. */
  readonly bodyBytesMax: number;
  readonly resourceCountMax: number;
  /** Spans or log records. */
  readonly itemCountMax: number;
  readonly attributeCountMax: number;
  /** Elements of array values. */
  readonly elementCountMax: number;
  /** Keys that the dictionary keeps between requests; one request may add as many again. */
  readonly keyCountMax: number;
  /** Longer keys have no id. */
  readonly keyBytesMax: number;
}

/**
 * 64 MiB of real telemetry stay far below the counts (a span of 30 attributes takes 1.2 kB); a body of empty messages
 * does not, and full tables take 300 MB.
 */
export const DECODE_LIMITS: DecodeLimits = {
  bodyBytesMax: 64 * 2 ** 20,
  resourceCountMax: 2 ** 18,
  itemCountMax: 2 ** 20,
  attributeCountMax: 2 ** 22,
  elementCountMax: 2 ** 23,
  keyCountMax: 4096,
  keyBytesMax: 256,
};

/** Levels of AnyValue within AnyValue, the attribute's own value being the first. */
export const VALUE_DEPTH_MAX = 32;
