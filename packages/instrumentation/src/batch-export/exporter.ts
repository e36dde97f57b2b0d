/** An SDK's exporter, asked once: was it sent, is it worth another try, or is it lost? */

/** The part of a SpanExporter or LogRecordExporter that is used, of SDK 2.x and 3.x alike. */
export interface SdkExporter<T> {
  export(items: T[], done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

export type ExportOutcome = 'sent' | 'again' | 'too_large' | 'refused';

export interface ExportAnswer {
  readonly outcome: ExportOutcome;
  /** Code and message of what went wrong. */
  readonly why?: string;
}

export interface ItemExporter<T> {
  /** Never rejects. */
  export(items: readonly T[]): Promise<ExportAnswer>;
}

/** `ExportResultCode.SUCCESS` */
const SUCCESS = 0;
const TOO_LARGE = 413;
/** What OTLP says to send again, and a proxy's own time-out. */
const RETRYABLE = [408, 429, 502, 503, 504];
/** gRPC's words for the same: cancelled, deadline exceeded, exhausted, aborted, out of range, unavailable, data loss. */
const RETRYABLE_GRPC = [1, 4, 8, 10, 11, 14, 15];
/** Longer than the exporter's own time-out may be; an exporter that never answers must not hold a slot for ever. */
const ANSWER_TIMEOUT_MS = 60_000;

export function sdkExporter<T extends { readonly resource?: PendingResource }>(
  exporter: SdkExporter<T>,
): ItemExporter<T> {
  return {
    export: async (items) => {
      try {
        // Of one provider, so of one resource; the SDK's own processors wait for it too.
        const resource = items[0]?.resource;
        if (resource?.asyncAttributesPending === true) await resource.waitForAsyncAttributes?.();
        return await answerOf(exporter, items);
      } catch (error) {
        return { outcome: 'refused', why: String(error) };
      }
    },
  };
}

interface PendingResource {
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

function answerOf<T>(exporter: SdkExporter<T>, items: readonly T[]): Promise<ExportAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ outcome: 'again', why: 'no answer' }), ANSWER_TIMEOUT_MS).unref();
    exporter.export([...items], ({ code, error }) => {
      clearTimeout(timer);
      resolve(code === SUCCESS ? { outcome: 'sent' } : { outcome: outcomeOf(error), why: textOf(error) });
    });
  });
}

/** No code, or a word of the system's: the network, or an answer that the exporter gave up on. */
function outcomeOf(error: (Error & { code?: unknown }) | undefined): ExportOutcome {
  const code = error?.code;
  if (typeof code !== 'number') return 'again';
  if (code === TOO_LARGE) return 'too_large';
  return RETRYABLE.includes(code) || RETRYABLE_GRPC.includes(code) ? 'again' : 'refused';
}

function textOf(error: (Error & { code?: unknown }) | undefined): string {
  return error === undefined ? 'no reason given' : `${error.name} ${String(error.code ?? '')} ${error.message}`;
}
