/** The way out for batches: spans and events of inferences in a queue that is bounded, retried, counted, and waited for. */

export type { ExportQueueOptions } from './export-queue.ts';
export type { SdkExporter } from './exporter.ts';
export { type InferenceProcessor, inferenceLogRecordProcessor, inferenceSpanProcessor } from './processors.ts';
export type { QueueCount } from './queue-counts.ts';
