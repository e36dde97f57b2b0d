/** The tracer of this package, and the inference that the current context is part of. */
import {
  type Context,
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  type Span,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { firstUse } from './first-use.ts';

/** Name of the instrumentation scope of all spans and events. */
export const SCOPE = '@leeway/instrumentation';

let ownProvider: TracerProvider | undefined;
let made: Tracer | undefined;
let madeFor: TracerProvider | undefined;

/**
 * Uses this provider instead of the global one; undefined goes back to it. The proxy that an API hands out for its global
 * is no provider of anybody's: it means the global one too, and may be that of another copy of the API, which has none.
 *
 * @example setTracerProvider(tracerProvider);
 */
export function setTracerProvider(provider: TracerProvider | undefined): void {
  ownProvider = provider !== undefined && 'getDelegateTracer' in provider ? undefined : provider;
}

/** Undefined when there is no SDK: then no span is made, not even one that does nothing. */
export function tracer(): Tracer | undefined {
  let provider = ownProvider ?? trace.getTracerProvider();
  if (provider === madeFor) return made;
  if (isWithoutSdk(provider)) {
    firstUse();
    provider = ownProvider ?? trace.getTracerProvider();
    if (isWithoutSdk(provider)) return undefined;
  }
  madeFor = provider;
  made = provider.getTracer(SCOPE);
  return made;
}

function isWithoutSdk(provider: TracerProvider): boolean {
  return provider instanceof ProxyTracerProvider && provider.getDelegateTracer(SCOPE) === undefined;
}

/** What the current context knows of the inference that it is part of. */
export interface CurrentInference {
  readonly inferenceId: string;
  /** The one that this one runs in. */
  outer: CurrentInference | undefined;
  /** Whether the recorder with this `finish` made it. */
  isOf(finish: unknown): boolean;
  /** Explains the prediction that is under way; false when it is over. */
  explain(attributions: Readonly<Record<string, number>>): boolean;
}

const INFERENCE_KEY = createContextKey('leeway.inference');

export function contextOf(span: Span, inference: CurrentInference): Context {
  const parent = context.active();
  inference.outer = parent.getValue(INFERENCE_KEY) as CurrentInference | undefined;
  return new InferenceContext(parent, span, inference);
}

export function currentInference(): CurrentInference | undefined {
  return context.active().getValue(INFERENCE_KEY) as CurrentInference | undefined;
}

/**
 * The id of the inference that this code runs in, undefined outside of one. It survives `await`, timers and spans within,
 * where the application has a context manager (every SDK for Node registers one). Send it back with the answer, so that
 * ground truth and feedback find their prediction.
 *
 * @example
 * fraud.predict({ amount: 12.5, country: 'NL' }, () => {
 *   response.setHeader('x-inference-id', currentInferenceId() ?? '');
 *   return score(12.5, 'NL');
 * });
 */
export function currentInferenceId(): string | undefined {
  return currentInference()?.inferenceId;
}

/** The API's own key of a context's span: what its `setSpan` sets. */
const SPAN_KEY = spanKey();

function spanKey(): symbol {
  let seen: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue: (key) => {
      seen = key;
      return probe;
    },
    deleteValue: () => probe,
  };
  trace.setSpan(probe, trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  return seen ?? Symbol('none');
}

/** A context with a span and an inference more: the API's own would copy a map and make three closures for each. */
class InferenceContext implements Context {
  readonly #parent: Context;
  readonly #span: unknown;
  readonly #inference: unknown;

  constructor(parent: Context, span: unknown, inference: unknown) {
    this.#parent = parent;
    this.#span = span;
    this.#inference = inference;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.#span;
    return key === INFERENCE_KEY ? this.#inference : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === SPAN_KEY) return new InferenceContext(this.#parent, value, this.#inference);
    if (key === INFERENCE_KEY) return new InferenceContext(this.#parent, this.#span, value);
    return new InferenceContext(this.#parent.setValue(key, value), this.#span, this.#inference);
  }

  deleteValue(key: symbol): Context {
    if (key === SPAN_KEY || key === INFERENCE_KEY) return this.setValue(key, undefined);
    return new InferenceContext(this.#parent.deleteValue(key), this.#span, this.#inference);
  }
}
