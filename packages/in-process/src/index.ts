export type { Judgement } from './judgement.ts';
export { createLeeway, Leeway, type MetricsResponse } from './leeway.ts';
export type { LeewayOptions, ReferenceSource } from './options.ts';
export { LeewayOptionsError } from './options-error.ts';
export { LeewayLogRecordProcessor, LeewaySpanProcessor } from './processors.ts';
export type { EmittedLogRecord, FinishedSpan, SdkResource, SdkSpanContext, SdkTime } from './telemetry.ts';
