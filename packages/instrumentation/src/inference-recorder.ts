/**
 * Turns calls of one model into spans and metrics.
 *
 * Invariants
 * 1. Nothing here throws into the host or waits: what goes wrong is told to `diag` once a kind.
 * 2. Sampling is decided before any value is read; values pass `gateValue` and no other way.
 * 3. Attributes are set in this order: model, inference, prediction, capture, features. The SDK keeps the first 128 and
 *    drops the rest silently.
 * 4. No input or output is kept after `end`.
 */
import {
  ATTR_ERROR_TYPE,
  ATTR_LEEWAY_REASON,
  ATTR_ML_CAPTURE_MISSING,
  ATTR_ML_CAPTURE_PROBABILITY,
  ATTR_ML_CAPTURE_SKIPPED_REASON,
  ATTR_ML_DEPLOYMENT_ROLE,
  ATTR_ML_INFERENCE_BATCH_SIZE,
  ATTR_ML_INFERENCE_ID,
  ATTR_ML_INFERENCE_ROW,
  ATTR_ML_MODEL_ID,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_TASK,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_OPERATION_NAME,
  ATTR_ML_PREDICTION_LABEL,
  ATTR_ML_PREDICTION_SCORE,
  ATTR_ML_PREDICTION_VALUE,
  ATTR_ML_RUNTIME_NAME,
  ATTR_ML_RUNTIME_VERSION,
  ATTR_ML_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  PREFIX_ML_FEATURES,
  PREFIX_ML_PREDICTION_SCORES,
} from '@leeway/semconv';
import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { CapturePolicy } from './capture-policy.ts';
import { type CaptureDecision, CaptureSampler, type SamplerSources } from './capture-sampler.ts';
import type { InferenceInput, ModelInfo, PredictionColumns, RemoteServer, ValueColumn } from './inference.ts';
import { instruments } from './instruments.ts';
import { type GatedValue, gateValue } from './value-gate.ts';

const OPERATION = 'predict';
/** Labels beyond the declared classes; without declared ones, so many are told apart. */
const LABELS_MAX = 50;
const OTHER_LABEL = 'other';
/** Features that fit beside the rest of a span's 128 attributes. */
const FEATURES_MAX = 100;
const LABEL_LENGTH_MAX = 256;

export interface ActiveInference {
  readonly span: Span;
  readonly inferenceId: string;
  /** Runs with the span as the current one. */
  run<T>(work: () => T): T;
  end(predictions?: PredictionColumns): void;
  /** @param errorType a word from a fixed set that says better than the error's class what went wrong: a status, a code */
  fail(error: unknown, errorType?: string): void;
}

let ownTracerProvider: TracerProvider | undefined;

/** Uses this provider instead of the global one; undefined goes back to it. */
export function setTracerProvider(provider: TracerProvider | undefined): void {
  ownTracerProvider = provider;
}

export class InferenceRecorder {
  readonly #model: ModelInfo;
  readonly #policy: CapturePolicy;
  readonly #sampler: CaptureSampler;
  readonly #elapsedMs: () => number;
  readonly #modelAttributes: Attributes;
  readonly #metricAttributes: Attributes;
  readonly #labels: Set<string>;
  readonly #labelsAreDeclared: boolean;

  constructor(model: ModelInfo, policy: CapturePolicy, sources: SamplerSources) {
    this.#model = model;
    this.#policy = policy;
    this.#elapsedMs = sources.elapsedMs;
    this.#sampler = new CaptureSampler(policy, sources);
    this.#metricAttributes = defined({
      [ATTR_ML_OPERATION_NAME]: OPERATION,
      [ATTR_ML_MODEL_NAME]: model.name,
      [ATTR_ML_MODEL_VERSION]: model.version,
      [ATTR_ML_DEPLOYMENT_ROLE]: model.role,
    });
    this.#modelAttributes = defined({
      ...this.#metricAttributes,
      [ATTR_ML_MODEL_ID]: model.id,
      [ATTR_ML_MODEL_TASK]: model.task,
      [ATTR_ML_MODEL_OWNER]: model.owner,
      [ATTR_ML_RUNTIME_NAME]: model.runtimeName,
      [ATTR_ML_RUNTIME_VERSION]: model.runtimeVersion,
    });
    this.#labels = new Set(model.classes);
    this.#labelsAreDeclared = model.classes !== undefined && model.classes.length > 0;
  }

  start(input: InferenceInput): ActiveInference {
    const tracer: Tracer = (ownTracerProvider ?? trace).getTracer('@leeway/instrumentation');
    const remote = remoteAttributes(input.remote);
    const metricAttributes = { ...this.#metricAttributes, ...remote };
    const span = tracer.startSpan(`${OPERATION} ${this.#model.name}`, {
      kind: input.remote === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT,
      attributes: { ...this.#modelAttributes, ...remote },
    });
    const inferenceId = input.inferenceId ?? span.spanContext().spanId;
    const startedMs = this.#elapsedMs();
    const { active } = instruments();
    active.add(1, metricAttributes);
    let isEnded = false;
    const finish = (complete: () => void, errorType?: string) => {
      if (isEnded) return;
      isEnded = true;
      active.add(-1, metricAttributes);
      this.#recordMetrics(metricAttributes, input.rowCount, this.#elapsedMs() - startedMs, errorType);
      complete();
      span.end();
    };
    return {
      span,
      inferenceId,
      run: (work) => context.with(trace.setSpan(context.active(), span), work),
      end: (predictions = {}) => finish(() => this.#write(span, inferenceId, input, predictions)),
      fail: (error, errorType) => {
        const type = errorType ?? (error instanceof Error ? error.name : typeof error);
        finish(() => {
          this.#write(span, inferenceId, input, {});
          span.setAttribute(ATTR_ERROR_TYPE, type);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }, type);
      },
    };
  }

  #recordMetrics(common: Attributes, rowCount: number, durationMs: number, errorType: string | undefined): void {
    const { duration, rows, batchSize } = instruments();
    duration.record(durationMs / 1000, errorType === undefined ? common : { ...common, [ATTR_ERROR_TYPE]: errorType });
    rows.add(rowCount, common);
    batchSize.record(rowCount, common);
  }

  #write(span: Span, inferenceId: string, input: InferenceInput, predictions: PredictionColumns): void {
    this.#countLabels(predictions.label, input.rowCount);
    if (!span.isRecording()) return;
    span.setAttribute(ATTR_ML_INFERENCE_ID, inferenceId);
    if (input.rowCount !== 1) span.setAttribute(ATTR_ML_INFERENCE_BATCH_SIZE, input.rowCount);
    const decision = this.#sampler.decide(input.rowCount);
    const reason =
      input.skippedReason ??
      (decision.reason === 'captured' || decision.reason === 'off' ? undefined : decision.reason);
    if (reason !== undefined) {
      span.setAttribute(ATTR_ML_CAPTURE_SKIPPED_REASON, reason);
      instruments().skipped.add(input.rowCount, { ...this.#metricAttributes, [ATTR_LEEWAY_REASON]: reason });
    }
    if (decision.probability === 0) return;
    if (decision.rows !== undefined) span.setAttribute(ATTR_ML_INFERENCE_ROW, [...decision.rows]);
    if (this.#policy.predictions) this.#writePredictions(span, predictions, decision);
    span.setAttribute(ATTR_ML_CAPTURE_PROBABILITY, decision.probability);
    if (this.#policy.capturesFeatures && input.skippedReason === undefined) this.#writeFeatures(span, input, decision);
  }

  #writePredictions(
    span: Span,
    { label, value, score, scores = [] }: PredictionColumns,
    decision: CaptureDecision,
  ): void {
    const put = (key: string, column: ValueColumn | undefined) => {
      if (column === undefined) return;
      const values = valuesOf(column, decision, 'raw');
      if (!isMissing(values)) span.setAttribute(key, values as never);
    };
    put(ATTR_ML_PREDICTION_LABEL, label);
    put(ATTR_ML_PREDICTION_VALUE, value);
    put(ATTR_ML_PREDICTION_SCORE, score);
    for (const column of scores) put(`${PREFIX_ML_PREDICTION_SCORES}${column.name}`, column);
  }

  #writeFeatures(span: Span, { features }: InferenceInput, decision: CaptureDecision): void {
    const missing: string[] = [];
    let room = FEATURES_MAX;
    const values: [string, unknown][] = [];
    for (const column of features) {
      const rule = this.#policy.ruleOf(column.name);
      if (rule === 'drop') continue;
      const gated = valuesOf(column, decision, rule);
      if (isMissing(gated)) missing.push(column.name);
      else if (room-- > 0) values.push([`${PREFIX_ML_FEATURES}${column.name}`, gated]);
    }
    if (missing.length > 0) span.setAttribute(ATTR_ML_CAPTURE_MISSING, missing);
    for (const [key, value] of values) span.setAttribute(key, value as never);
    if (room < 0)
      instruments().skipped.add(decision.rowCount, { ...this.#metricAttributes, [ATTR_LEEWAY_REASON]: 'features' });
  }

  #countLabels(label: ValueColumn | undefined, rowCount: number): void {
    if (label === undefined) return;
    const counts = new Map<string, number>();
    for (let row = 0; row < rowCount; row++) {
      const known = this.#labelOf(label.at(row));
      if (known !== undefined) counts.set(known, (counts.get(known) ?? 0) + 1);
    }
    for (const [value, count] of counts) {
      instruments().predictions.add(count, { ...this.#metricAttributes, [ATTR_ML_PREDICTION_LABEL]: value });
    }
  }

  /** A label that may be a metric's attribute: of the declared classes, or one of the first that came. */
  #labelOf(value: unknown): string | undefined {
    if (value === null || value === undefined) return undefined;
    const text = String(value).slice(0, LABEL_LENGTH_MAX);
    if (this.#labels.has(text)) return text;
    if (this.#labelsAreDeclared || this.#labels.size >= LABELS_MAX) return OTHER_LABEL;
    this.#labels.add(text);
    return text;
  }
}

/** One value for a single row, else a column of values. */
function valuesOf(
  column: ValueColumn,
  { rows, rowCount }: CaptureDecision,
  rule: Parameters<typeof gateValue>[1],
): GatedValue | GatedValue[] {
  if (rows === undefined && rowCount === 1) return gateValue(column.at(0), rule);
  const values: GatedValue[] = new Array(rowCount);
  for (let i = 0; i < rowCount; i++) values[i] = gateValue(column.at(rows === undefined ? i : rows[i]), rule);
  return values;
}

function remoteAttributes(remote: RemoteServer | undefined): Attributes {
  if (remote === undefined) return {};
  return {
    [ATTR_ML_SYSTEM_NAME]: remote.system,
    [ATTR_SERVER_ADDRESS]: remote.address,
    ...(remote.port === undefined ? {} : { [ATTR_SERVER_PORT]: remote.port }),
  };
}

function isMissing(values: GatedValue | GatedValue[]): boolean {
  return Array.isArray(values) ? values.every((value) => value === null) : values === null;
}

function defined(attributes: Readonly<Record<string, string | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
