/**
 * What every transport hands over and gets back. HTTP is one transport; gRPC needs nothing else: a raw message, what is
 * known of it, and a promise that resolves when it may be acknowledged.
 */

export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
export type Signal = (typeof SIGNALS)[number];

export const ENCODINGS = ['protobuf', 'json'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const COMPRESSIONS = ['identity', 'gzip', 'deflate', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export interface ReceivedBatch {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly compression: Compression;
  /** As it arrived, still compressed. Spans the whole of an ArrayBuffer of its own, so it can be transferred. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Messages are English, for the sender's log; they hold nothing that the sender sent. */
export type AppendOutcome =
  /** `rejectedCount` spans or log records of a batch that otherwise counts; they must not be sent again. */
  | { readonly kind: 'accepted'; readonly rejectedCount: number; readonly message?: string }
  | { readonly kind: 'undecodable'; readonly message: string }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

/** Resolves once the batch is safe, before it is acknowledged. A rejection is answered as busy. */
export type Append = (batch: ReceivedBatch) => Promise<AppendOutcome>;

/** The answer to metrics while nothing uses them: accepted with a remark, so that senders neither retry nor fail. */
export const METRICS_OUTCOME: AppendOutcome = {
  kind: 'accepted',
  rejectedCount: 0,
  message: 'Leeway does not use metrics: they were received and dropped. Send traces and logs.',
};
