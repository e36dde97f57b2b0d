/** The tracer of this package, and the inference that the current context is part of. */
import {
  type Context,
  context,
  createContextKey,
  type Span,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';

const SCOPE = '@leeway/instrumentation';

let ownProvider: TracerProvider | undefined;
let made: Tracer | undefined;
let madeFor: TracerProvider | undefined;

/**
 * Uses this provider instead of the global one; undefined goes back to it.
 *
 * @example setTracerProvider(tracerProvider);
 */
export function setTracerProvider(provider: TracerProvider | undefined): void {
  ownProvider = provider;
}

export function tracer(): Tracer {
  const provider = ownProvider ?? trace.getTracerProvider();
  if (made === undefined || provider !== madeFor) {
    madeFor = provider;
    made = provider.getTracer(SCOPE);
  }
  return made;
}

/** What the current context knows of the inference that it is part of. */
export interface CurrentInference {
  readonly inferenceId: string;
  /** Explains the prediction that is under way; false when it is over. */
  explain(attributions: Readonly<Record<string, number>>): boolean;
}

const INFERENCE_KEY = createContextKey('leeway.inference');

export function contextOf(span: Span, inference: CurrentInference): Context {
  return new InferenceContext(trace.setSpan(context.active(), span), inference);
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
 *   return score();
 * });
 */
export function currentInferenceId(): string | undefined {
  return currentInference()?.inferenceId;
}

/** A context with one value more: the API's own copies a map and three closures for each. */
class InferenceContext implements Context {
  readonly #parent: Context;
  readonly #inference: CurrentInference;

  constructor(parent: Context, inference: CurrentInference) {
    this.#parent = parent;
    this.#inference = inference;
  }

  getValue(key: symbol): unknown {
    return key === INFERENCE_KEY ? this.#inference : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    const changed = this.#parent.setValue(key, value);
    return key === INFERENCE_KEY ? changed : new InferenceContext(changed, this.#inference);
  }

  deleteValue(key: symbol): Context {
    const changed = this.#parent.deleteValue(key);
    return key === INFERENCE_KEY ? changed : new InferenceContext(changed, this.#inference);
  }
}
