/** One listener to what became of each inference, for diagnosis: `leeway doctor`. It sees names and reasons, no values. */

export interface InferenceReport {
  readonly model: string;
  readonly version: string | undefined;
  readonly rowCount: number;
  readonly featureNames: readonly string[];
  /** Whether a span of it is recorded: false without an SDK, and where the trace is sampled out. */
  readonly isRecording: boolean;
  /** Whether the tracer gave a real span: false without an SDK. */
  readonly hasSpan: boolean;
  /** `captured`, or why values did not leave; `off` when nothing allows any. */
  readonly capture: string;
  readonly errorType: string | undefined;
}

export type InferenceObserver = (report: InferenceReport) => void;

/** One a process, whichever copy of this package records. */
const OBSERVER = Symbol.for('leeway.inference-observer');
type Shared = typeof globalThis & { [OBSERVER]?: InferenceObserver | undefined };

/**
 * Tells of each inference that was recorded, undefined stops it. What the observer throws is told to `diag`.
 *
 * @example observeInferences(({ model, capture }) => console.log(model, capture));
 */
export function observeInferences(observer: InferenceObserver | undefined): void {
  (globalThis as Shared)[OBSERVER] = observer;
}

export function inferenceObserver(): InferenceObserver | undefined {
  return (globalThis as Shared)[OBSERVER];
}
