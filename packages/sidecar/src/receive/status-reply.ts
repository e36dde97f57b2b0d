/** Bodies of answers, in the request's own encoding. */
import type { Encoding } from './batch.ts';

/** google.rpc.Code of an HTTP status. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  429: 8,
  431: 8,
  503: 14,
};
const UNKNOWN = 2;

/** google.rpc.Status: code 1, message 2. */
export function statusBody(encoding: Encoding, status: number, message: string): Buffer {
  const code = RPC_CODES[status] ?? UNKNOWN;
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  return Buffer.concat([Buffer.from([0x08, code]), textField(2, message)]);
}

const REJECTED_NAMES = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const;

/**
 * Export…ServiceResponse. Full success is the empty message: zero bytes, or `{}`. Otherwise partial_success (field 1)
 * with the rejected count (1) and an English message (2).
 */
export function exportBody(
  encoding: Encoding,
  signal: keyof typeof REJECTED_NAMES,
  rejectedCount: number,
  message: string,
): Buffer {
  if (rejectedCount === 0 && message === '') return Buffer.from(encoding === 'json' ? '{}' : '');
  if (encoding === 'json') {
    const rejected = rejectedCount === 0 ? {} : { [REJECTED_NAMES[signal]]: String(rejectedCount) };
    return Buffer.from(JSON.stringify({ partialSuccess: { ...rejected, errorMessage: message } }));
  }
  const rejected = rejectedCount === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x08]), varint(rejectedCount)]);
  const inner = Buffer.concat([rejected, message === '' ? Buffer.alloc(0) : textField(2, message)]);
  return Buffer.concat([Buffer.from([0x0a]), varint(inner.length), inner]);
}

function textField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
