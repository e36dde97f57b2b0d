/**
 * Runs the host's work and ends the inference by what came of it. The host gets the very result, promise or error.
 *
 * A native promise ends the inference when it settles. What merely has a `then` is left alone: query builders start
 * their work when it is called. Such an inference ends at once, as does a generator's, without a prediction. The promise
 * counts as handled by this watcher: a rejection that the host handles nowhere is not reported by Node.
 */
import { types } from 'node:util';
import type { PredictionColumns } from './inference.ts';
import type { ActiveInference } from './inference-recorder.ts';

const { then } = Promise.prototype;

/** @param read must not throw */
export function watch<R>(
  active: ActiveInference,
  work: () => R,
  read: (result: unknown) => PredictionColumns | undefined,
): R {
  let result: R;
  try {
    result = active.run(work);
  } catch (error) {
    active.fail(error);
    throw error;
  }
  if (types.isPromise(result)) {
    // Not `result.then`: a subclass may do more there than wait.
    then.call(
      result,
      (value) => active.end(read(value)),
      (error) => active.fail(error),
    );
  } else active.end(read(result));
  return result;
}
