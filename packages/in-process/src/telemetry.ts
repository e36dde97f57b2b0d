/**
 * What is read of a span or a log record when the SDK hands it over. Declared here, so that the processors fit the SDKs
 * of both lines, 2.x and 3.x, without depending on either.
 */

export interface SdkResource {
  readonly attributes: object;
  readonly asyncAttributesPending?: boolean;
  waitForAsyncAttributes?(): Promise<void>;
}

export interface SdkSpanContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string } | undefined;
}

/** Seconds and nanoseconds. */
export type SdkTime = readonly [number, number];

/** A `ReadableSpan`. */
export interface FinishedSpan {
  spanContext(): SdkSpanContext;
  readonly endTime: SdkTime;
  readonly attributes: object;
  readonly resource: SdkResource;
  readonly droppedAttributesCount: number;
}

/** A `ReadableLogRecord`. */
export interface EmittedLogRecord {
  readonly hrTime: SdkTime;
  readonly hrTimeObserved: SdkTime;
  readonly spanContext?: SdkSpanContext | undefined;
  readonly eventName?: string | undefined;
  readonly attributes: object;
  readonly resource: SdkResource;
  readonly droppedAttributesCount: number;
}
