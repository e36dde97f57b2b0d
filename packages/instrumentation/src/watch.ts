/**
 * Runs the host's work and ends the inference by what came of it. The host gets the very result, promise or error.
 *
 * A native promise ends the inference when it settles. What merely has a `then` is left alone: query builders start
 * their work when it is called. Such an inference ends at once, as does a generator's, without a prediction. The promise
 * counts as handled by this watcher: a rejection that the host handles nowhere is not reported by Node.
 */
import { types } from 'node:util';
import type { PredictionColumns } from './inference.ts';
import type { StartedInference } from './started-inference.ts';

const { then } = Promise.prototype;

/** @param read must not throw */
export function watch<R>(
  active: StartedInference,
  work: (inferenceId: string) => R,
  read: (result: unknown) => PredictionColumns | undefined,
): R {
  if (active.binding === undefined) return active.runById(work);
  let result: R;
  try {
    result = active.runById(work);
  } catch (error) {
    active.fail(error);
    throw error;
  }
  const isWanted = active.wantsPredictions;
  // Not `result.then`: a subclass may do more there than wait.
  if (types.isPromise(result)) {
    then.call(
      result,
      (value) => active.end(isWanted ? read(value) : undefined),
      (error) => active.fail(error),
    );
  } else active.end(isWanted ? read(result) : undefined);
  return result;
}

/**
 * A promise with the result of this one, which is held back until there is room. Without need for that it is this one,
 * and so is everything that is no promise. An error is never held back.
 *
 * @param untilRoom undefined when there is room
 */
export function afterRoom<R>(result: R, untilRoom: () => Promise<void> | undefined): R {
  if (!types.isPromise(result)) return result;
  // Asked now and not when the work is done: so a queue with room costs nothing, and one batch goes over at most.
  const room = untilRoom();
  if (room === undefined) return result;
  return then.call(result, (value) => room.then(() => value)) as R;
}
