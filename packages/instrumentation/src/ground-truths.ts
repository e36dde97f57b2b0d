/** Labels in bulk: a file, a query, a stream of what turned out to be true. No live span, no pace but that of the way out. */
import { EVENT_ML_GROUND_TRUTH } from '@leeway/semconv';
import { droppedByQueues, flushInferences, hasBackPressure, untilRoom } from './back-pressure.ts';
import { isHardOff } from './capture-environment.ts';
import { flushEvents, isEventEnabled } from './events.ts';
import { type GroundTruth, recordGroundTruth } from './ground-truth.ts';

export const GROUND_TRUTH_FAULTS = [
  'no_row',
  'no_model',
  'no_inference_id',
  'no_truth',
  'not_finite',
  'bad_row',
] as const;
export type GroundTruthFault = (typeof GROUND_TRUTH_FAULTS)[number];

/** A label of a bulk: the model and the source may be said once, for all of them. */
export type BulkGroundTruth = Omit<GroundTruth, 'model'> & { readonly model?: GroundTruth['model'] };

export interface BulkOptions {
  /** Of labels that name none. */
  readonly model?: GroundTruth['model'];
  /** Of labels that name none. */
  readonly source?: string;
  /** Told of each that is no label: why, and its place among those read, from 0. */
  readonly onFault?: (fault: GroundTruthFault, index: number) => void;
}

export interface BulkCounts {
  /** Left this process, as far as it can know. */
  readonly sent: number;
  /** Were right and did not leave: no log SDK is there, Leeway is switched off, or the export queue lost them. */
  readonly dropped: number;
  /** Were no labels. */
  readonly invalid: number;
  readonly faults: Readonly<Record<GroundTruthFault, number>>;
}

/** Below the stock processor's 2,048, which are lost where more wait. */
const FLUSH_EVERY = 1_000;
/** Labels between two looks at the queue, each of which is far smaller than the room that it keeps. */
const LOOK_EVERY = 100;

/**
 * Records what was true of many predictions, as fast as it can be sent and no faster: it waits for Leeway's export queue,
 * or, with a stock processor, flushes it every 1,000 labels. What is no label is counted by reason and left out.
 *
 * @param truths may be endless: it is read one by one
 * @returns the counts; `sent + dropped + invalid` labels were read
 * @throws what reading `truths` or `onFault` throws, and nothing else
 * @example
 * const { sent, faults } = await recordGroundTruths(
 *   [{ inferenceId: 'b7ad6b7169203331', label: 'fraud' }, { inferenceId: '00f067aa0ba902b7', value: 14.5 }],
 *   { model: { name: 'fraud' }, source: 'chargebacks' },
 * );
 */
export async function recordGroundTruths(
  truths: Iterable<BulkGroundTruth> | AsyncIterable<BulkGroundTruth>,
  options: BulkOptions = {},
): Promise<BulkCounts> {
  const faults = Object.fromEntries(GROUND_TRUTH_FAULTS.map((fault) => [fault, 0])) as Record<GroundTruthFault, number>;
  const isOff = isHardOff(process.env) || !isEventEnabled(EVENT_ML_GROUND_TRUTH);
  const droppedBefore = droppedByQueues();
  let recorded = 0;
  let unheard = 0;
  let index = -1;
  for await (const given of truths) {
    const checked = checkedTruth(given, options);
    index++;
    if (typeof checked === 'string') {
      faults[checked]++;
      options.onFault?.(checked, index);
    } else if (isOff) unheard++;
    else {
      recordGroundTruth(checked);
      recorded++;
      if (recorded % LOOK_EVERY === 0) await untilRoom();
      if (recorded % FLUSH_EVERY === 0) await (hasBackPressure() ? aTurn() : flushEvents());
    }
  }
  await (hasBackPressure() ? flushInferences() : flushEvents());
  const lost = Math.min(recorded, droppedByQueues() - droppedBefore);
  const invalid = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return { sent: recorded - lost, dropped: unheard + lost, invalid, faults };
}

/** A label that can be joined and compared, or why it is none. */
function checkedTruth(given: BulkGroundTruth, options: BulkOptions): GroundTruth | GroundTruthFault {
  if (typeof given !== 'object' || given === null) return 'no_row';
  const { inferenceId, row, value } = given;
  const label = textOf(given.label);
  const model = given.model ?? options.model;
  if (!isText(model?.name)) return 'no_model';
  if (!isText(inferenceId)) return 'no_inference_id';
  if (row !== undefined && row !== null && !(Number.isInteger(row) && row >= 0)) return 'bad_row';
  const hasValue = value !== undefined && value !== null;
  if (hasValue && !Number.isFinite(value)) return 'not_finite';
  if (!hasValue && label === undefined) return 'no_truth';
  const source = given.source ?? options.source;
  return { model, inferenceId, row: row ?? undefined, label, value: value ?? undefined, source };
}

/** Classes are often 0 and 1. */
function textOf(label: unknown): string | undefined {
  if (typeof label === 'number' || typeof label === 'boolean') return Number.isNaN(label) ? undefined : String(label);
  return isText(label) ? label : undefined;
}

/** Lets the event loop do other things, exports among them. */
function aTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
