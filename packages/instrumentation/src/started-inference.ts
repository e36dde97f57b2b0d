/** One inference under way. A class and not an object of closures: one is made for every call of a model. */
import { context, type Span } from '@opentelemetry/api';
import type { CaptureDecision } from './capture-sampler.ts';
import type { CapturedFeatures } from './captured-features.ts';
import type { InferenceInput, PredictionColumns } from './inference.ts';
import type { ActiveInference } from './inference-recorder.ts';
import { errorTypeOf, type MetricBinding } from './metric-binding.ts';
import { type CurrentInference, contextOf } from './tracing.ts';

/** @param errorType undefined when the inference did not fail */
export type Finish = (
  inference: StartedInference,
  predictions: PredictionColumns | undefined,
  errorType: string | undefined,
) => void;

const NO_INPUT: InferenceInput = { rowCount: 0, features: [] };
const NO_PREDICTIONS: PredictionColumns = {};
const ID_LENGTH_MAX = 256;

export class StartedInference implements ActiveInference, CurrentInference {
  readonly span: Span;
  readonly binding: MetricBinding | undefined;
  readonly startedMs: number;
  /** Let go at the end: this object may live on in a context. */
  input: InferenceInput;
  captures = false;
  wantsPredictions = false;
  decision: CaptureDecision | undefined = undefined;
  features: CapturedFeatures | undefined = undefined;
  explained: Readonly<Record<string, number>> | undefined = undefined;
  outer: CurrentInference | undefined = undefined;
  /** Whether something is recorded that the id could join. */
  readonly #isIdentified: boolean;
  readonly #finish: Finish;
  #id: string | undefined;
  #isEnded = false;

  constructor(
    span: Span,
    input: InferenceInput,
    binding: MetricBinding | undefined,
    startedMs: number,
    isIdentified: boolean,
    finish: Finish,
  ) {
    this.span = span;
    this.input = input;
    this.binding = binding;
    this.startedMs = startedMs;
    this.#isIdentified = isIdentified;
    this.#finish = finish;
    this.#id = givenId(input.inferenceId);
  }

  get inferenceId(): string {
    this.#id ??= this.#isIdentified ? idOf(this.span) : '';
    return this.#id;
  }

  run<T>(work: () => T): T {
    return this.inferenceId === '' ? work() : context.with(contextOf(this.span, this), work);
  }

  /** `run` without a closure. */
  runById<T>(work: (inferenceId: string) => T): T {
    const id = this.inferenceId;
    return id === '' ? work(id) : context.with(contextOf(this.span, this), work, undefined, id);
  }

  end(predictions: PredictionColumns = NO_PREDICTIONS): void {
    this.#complete(predictions, undefined);
  }

  fail(error: unknown, errorType?: string): void {
    this.#complete(undefined, errorTypeOf(error, errorType));
  }

  isOf(finish: unknown): boolean {
    return this.#finish === finish;
  }

  explain(attributions: Readonly<Record<string, number>>): boolean {
    if (this.#isEnded) return false;
    this.explained = { ...this.explained, ...attributions };
    return true;
  }

  #complete(predictions: PredictionColumns | undefined, errorType: string | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#finish(this, predictions, errorType);
    this.input = NO_INPUT;
    this.features = undefined;
    this.explained = undefined;
  }
}

function givenId(id: string | undefined): string | undefined {
  // What a caller without types may pass, an object of a request's body say, is no id.
  const text: unknown = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && text !== '' ? text.slice(0, ID_LENGTH_MAX) : undefined;
}

/** The span's; a random one where values leave without a span. */
function idOf(span: Span): string {
  const { spanId } = span.spanContext();
  return spanId === '0000000000000000' ? randomId() : spanId;
}

function randomId(): string {
  const half = () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return half() + half();
}
