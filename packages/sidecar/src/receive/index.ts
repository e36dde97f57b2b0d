export { AttributeTable } from './attribute-table.ts';
export type { Append, AppendOutcome, Compression, Encoding, ReceivedBatch, Signal } from './batch.ts';
export { bindProblem, isLoopback, type Protection } from './bind-rule.ts';
export { answerClientFaults, TIMEOUT_CHECK_MS } from './client-fault.ts';
export { createDecoder, type Decoded, type Decoder, type DecoderCounters, type DecoderOptions } from './decode.ts';
export { DECODE_LIMITS, type DecodeLimits } from './limits.ts';
export { ReceiverCounters } from './receiver-counters.ts';
export { RequestGuard, showsCertificate } from './request-guard.ts';
export {
  RECEIVER_LIMITS,
  type Receiver,
  type ReceiverLimits,
  type ReceiverOptions,
  type ReceiverState,
  startReceiver,
  type TlsMaterial,
} from './server.ts';
