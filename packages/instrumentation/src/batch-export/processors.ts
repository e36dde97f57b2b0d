/**
 * The processors that take the spans and events of inferences out of the stock batch processors' hands, which keep 2,048
 * items of a burst and drop the rest without a word. They fit the interfaces of SDK 2.x and 3.x.
 */
import { EVENT_ML_PREDICTION } from '@leeway/semconv';
import { addBackPressure } from '../back-pressure.ts';
import { SCOPE } from '../tracing.ts';
import { ExportQueue, type ExportQueueOptions } from './export-queue.ts';
import { type SdkExporter, sdkExporter } from './exporter.ts';
import { weightOfRecord, weightOfSpan } from './item-weight.ts';
import { type QueueCount, QueueCounts } from './queue-counts.ts';

interface SdkItem {
  readonly attributes: object;
  readonly resource: { readonly asyncAttributesPending?: boolean; waitForAsyncAttributes?(): Promise<void> };
  readonly instrumentationScope: { readonly name: string };
}
interface SdkSpan extends SdkItem {
  spanContext(): { readonly traceFlags: number };
}
interface SdkRecord extends SdkItem {
  readonly eventName?: string | undefined;
}

/** The part of another processor that is called. */
interface Flushable {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}
interface OtherSpans<Span, Started, Parent> extends Flushable {
  onStart(span: Started, parent: Parent): void;
  onEnd(span: Span): void;
}
interface OtherRecords<Item, Parent> extends Flushable {
  onEmit(record: Item, context?: Parent): void;
}

export interface InferenceProcessor {
  /** What became of the items so far, in all. */
  counts(): readonly QueueCount[];
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

const SAMPLED = 1;

/**
 * A `SpanProcessor` for spans of inferences. All other spans go to `others`, which is where your own processor belongs:
 * beside this one in the provider's list, it would export inferences a second time.
 *
 * @param exporter its own, not that of `others`: each is shut down by its processor
 * @example
 * const provider = new TracerProvider({
 *   spanProcessors: [
 *     inferenceSpanProcessor(new OTLPTraceExporter(), new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })),
 *   ],
 * });
 */
export function inferenceSpanProcessor<Span extends SdkSpan, Started extends SdkItem, Parent>(
  exporter: SdkExporter<Span>,
  others?: OtherSpans<Span, Started, Parent>,
  options?: ExportQueueOptions,
) {
  const counts = new QueueCounts();
  const weigh = (span: Span) => weightOfSpan(span.attributes as Record<string, unknown>);
  const queue = new ExportQueue(sdkExporter(exporter), weigh, counts, options);
  return {
    onStart: (span: Started, parent: Parent) => {
      if (span.instrumentationScope.name !== SCOPE) others?.onStart(span, parent);
    },
    onEnd: (span: Span) => {
      if (span.instrumentationScope.name !== SCOPE) others?.onEnd(span);
      else if ((span.spanContext().traceFlags & SAMPLED) !== 0) queue.add(span);
    },
    ...lifecycleOf(queue, counts, exporter, others),
  };
}

/**
 * A `LogRecordProcessor` for the events of inferences, ground truth among them. All other records go to `others`.
 *
 * @param exporter its own, not that of `others`: each is shut down by its processor
 * @example
 * const provider = new LoggerProvider({
 *   processors: [
 *     inferenceLogRecordProcessor(new OTLPLogExporter(), new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })),
 *   ],
 * });
 */
export function inferenceLogRecordProcessor<Item extends SdkRecord, Parent>(
  exporter: SdkExporter<Item>,
  others?: OtherRecords<Item, Parent>,
  options?: ExportQueueOptions,
) {
  const counts = new QueueCounts();
  const weigh = (record: Item) =>
    weightOfRecord(record.attributes as Record<string, unknown>, record.eventName === EVENT_ML_PREDICTION);
  const queue = new ExportQueue(sdkExporter(exporter), weigh, counts, options);
  return {
    onEmit: (record: Item, context?: Parent) => {
      if (record.instrumentationScope.name === SCOPE) queue.add(record);
      else others?.onEmit(record, context);
    },
    ...lifecycleOf(queue, counts, exporter, others),
  };
}

function lifecycleOf<T>(
  queue: ExportQueue<T>,
  counts: QueueCounts,
  exporter: { shutdown(): Promise<void> },
  others: Flushable | undefined,
): InferenceProcessor {
  const remove = addBackPressure(queue);
  return {
    counts: () => counts.view(),
    forceFlush: async () => {
      await Promise.all([queue.flush(), others?.forceFlush()]);
    },
    shutdown: async () => {
      await Promise.all([queue.shutdown().then(() => exporter.shutdown()), others?.shutdown()]);
      remove();
    },
  };
}
