/**
 * The two ways that values leave: as attributes of the inference's span (plain or packed), or as an event a row.
 *
 * Invariants
 * 1. Attributes come in the order prediction, capture, features: the SDK keeps the first 128 of a span or a log record
 *    and drops the rest silently.
 * 2. Everything written here has passed the gate.
 */
import {
  ATTR_ML_CAPTURE_MISSING,
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_CAPTURE_SCHEMA_HASH,
  ATTR_ML_CAPTURE_SCHEMA_NAMES,
  ATTR_ML_CAPTURE_VALUES,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_INFERENCE_ROW,
  EVENT_ML_PREDICTION,
} from '@leeway/semconv';
import { type Context, context, type Span, trace } from '@opentelemetry/api';
import type { CaptureDecision } from './capture-sampler.ts';
import type { CapturedFeatures } from './captured-features.ts';
import { isMissing } from './captured-features.ts';
import { type EventAttributes, type EventValue, emitEvent } from './events.ts';
import type { CapturedOutputs } from './output-plan.ts';
import { type PackedItem, type PackedSchemas, packValues, valueAt } from './packed-schema.ts';

/** Attributes for scores, attributions and features beside the rest of a span's 128. */
export const VALUES_MAX = 100;

export interface CapturedItem {
  readonly inferenceId: string;
  /** Rows of the whole request. */
  readonly rowCount: number;
  readonly decision: CaptureDecision;
  /** Prediction, scores, attributions. */
  readonly outputs: CapturedOutputs;
  readonly features: CapturedFeatures | undefined;
  /** How the features are packed; undefined when they are not. */
  readonly packed: PackedItem | undefined;
}

/** Whether a span or record would be too small for the features, or packing is asked for. */
export function packedItem(
  features: CapturedFeatures | undefined,
  outputCount: number,
  isAsked: boolean,
  schemas: PackedSchemas,
  elapsedMs: () => number,
): PackedItem | undefined {
  if (features === undefined || !(isAsked || features.features.length + outputCount > VALUES_MAX)) return undefined;
  return schemas.of(features, elapsedMs());
}

/** Returns how many features found no room. */
export function writeToSpan(span: Span, item: CapturedItem): number {
  const { decision, outputs, features, packed } = item;
  if (decision.rows !== undefined) span.setAttribute(ATTR_ML_INFERENCE_ROW, [...decision.rows]);
  for (let i = 0; i < outputs.keys.length; i++)
    if (!isMissing(outputs.columns[i])) span.setAttribute(outputs.keys[i], outputs.columns[i] as never);
  span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, decision.probability);
  if (features === undefined) return 0;
  if (packed !== undefined) {
    span.setAttribute(ATTR_ML_CAPTURE_SCHEMA_HASH, packed.hash);
    if (packed.names !== undefined) span.setAttribute(ATTR_ML_CAPTURE_SCHEMA_NAMES, [...packed.names]);
    const values = packValues(features.columns, packed.columns, undefined, decision.rowCount);
    span.setAttribute(ATTR_ML_CAPTURE_VALUES, values as never);
  }
  const room = VALUES_MAX - outputs.keys.length;
  if (packed !== undefined || !features.isComplete || features.columns.length > room)
    return writeFeatures(span, features, packed, room);
  for (let i = 0; i < features.columns.length; i++)
    span.setAttribute(features.features[i].key, features.columns[i] as never);
  return 0;
}

function writeFeatures(
  span: Span,
  { features, columns }: CapturedFeatures,
  packed: PackedItem | undefined,
  roomFor: number,
): number {
  const isPacked = packed === undefined ? undefined : new Set(packed.columns);
  let missing: string[] | undefined;
  for (let i = 0; i < columns.length; i++) {
    if (!isMissing(columns[i]) || isPacked?.has(i) === true) continue;
    missing ??= [];
    missing.push(features[i].name);
  }
  if (missing !== undefined) span.setAttribute(ATTR_ML_CAPTURE_MISSING, missing);
  let room = roomFor;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i];
    if (column === null || isPacked?.has(i) === true || (missing !== undefined && isMissing(column))) continue;
    if (room-- > 0) span.setAttribute(features[i].key, column as never);
  }
  return Math.max(0, -room);
}

/** One event a captured row, in the span's context. Returns how many features found no room. */
export function emitEvents(span: Span, model: EventAttributes, item: CapturedItem): number {
  const { decision, rowCount, inferenceId } = item;
  const inSpan = contextOfSpan(span);
  let lost = 0;
  for (let row = 0; row < decision.rowCount; row++) {
    const attributes: Record<string, EventValue | undefined> = { ...model, [ATTR_ML_INFERENCE_ID]: inferenceId };
    if (rowCount !== 1) attributes[ATTR_ML_INFERENCE_ROW] = decision.rows?.[row] ?? row;
    for (const [i, key] of item.outputs.keys.entries())
      attributes[key] = valueAt(item.outputs.columns[i], row) ?? undefined;
    attributes[ATTR_ML_CAPTURE_PROBABILITY] = decision.probability;
    lost += addFeatures(attributes, item, row);
    emitEvent(EVENT_ML_PREDICTION, attributes, inSpan);
  }
  return lost;
}

function addFeatures(attributes: Record<string, EventValue | undefined>, item: CapturedItem, row: number): number {
  const { features: captured, packed } = item;
  if (captured === undefined) return 0;
  const { features, columns } = captured;
  const isPacked = new Set(packed?.columns);
  const missing: string[] = [];
  const values: [string, EventValue][] = [];
  for (let i = 0; i < features.length; i++) {
    if (isPacked.has(i)) continue;
    const value = valueAt(columns[i], row);
    if (value === null) missing.push(features[i].name);
    else values.push([features[i].key, value]);
  }
  if (missing.length > 0) attributes[ATTR_ML_CAPTURE_MISSING] = missing;
  if (packed !== undefined) {
    attributes[ATTR_ML_CAPTURE_SCHEMA_HASH] = packed.hash;
    if (packed.names !== undefined && row === 0) attributes[ATTR_ML_CAPTURE_SCHEMA_NAMES] = packed.names;
    attributes[ATTR_ML_CAPTURE_VALUES] = packValues(columns, packed.columns, row, 1);
  }
  const room = VALUES_MAX - item.outputs.keys.length;
  for (const [key, value] of values.slice(0, room)) attributes[key] = value;
  return Math.max(0, values.length - room);
}

function contextOfSpan(span: Span): Context | undefined {
  return trace.isSpanContextValid(span.spanContext()) ? trace.setSpan(context.active(), span) : undefined;
}
