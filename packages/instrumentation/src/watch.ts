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
  const finish = (value: unknown) => active.end(active.wantsPredictions ? readSafely(read, value) : undefined);
  // Not `result.then`: a subclass may do more there than wait.
  if (types.isPromise(result)) {
    then.call(result, finish, (error) => active.fail(error));
  } else finish(result);
  return result;
}

/** What a reader throws is nobody's error: neither the host's nor an unhandled rejection. */
function readSafely(
  read: (result: unknown) => PredictionColumns | undefined,
  result: unknown,
): PredictionColumns | undefined {
  try {
    return read(result);
  } catch {
    return undefined;
  }
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
