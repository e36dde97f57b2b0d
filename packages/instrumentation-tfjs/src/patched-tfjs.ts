/**
 * One copy of TensorFlow.js whose models are watched, and can be put back. The classes' prototypes are shared by every way
 * of importing them, so they are patched in place.
 */
import { replaceMethod } from '@leeway/instrumentation/tensors';
import type { ModelLike, ModelRecords } from './model-records.ts';

export type ModelMethod = (this: ModelLike, ...args: unknown[]) => unknown;
export type ModelClass = { readonly prototype: object };

const WATCHED = Symbol.for('leeway.tfjs.watched');

/** Methods by class. `outputs`: the second argument names outputs. `async`: returns a promise. */
const METHODS = {
  LayersModel: { predict: {}, predictOnBatch: {} },
  Sequential: { predict: {}, predictOnBatch: {} },
  GraphModel: {
    predict: {},
    predictAsync: { isAsync: true },
    execute: { namesOutputs: true },
    executeAsync: { isAsync: true, namesOutputs: true },
  },
} as const satisfies Record<string, Record<string, { isAsync?: true; namesOutputs?: true }>>;
export type ClassName = keyof typeof METHODS;
export const CLASS_NAMES = Object.keys(METHODS) as ClassName[];

/** @returns puts the class back; undefined when it is watched already */
export function patchClass(name: ClassName, target: ModelClass, records: ModelRecords): (() => void) | undefined {
  const prototype = target.prototype as Record<string, ModelMethod> & { [WATCHED]?: boolean };
  if (Object.hasOwn(prototype, WATCHED)) return undefined;
  const state = { isOn: true };
  const restores = Object.entries(METHODS[name]).map(([method, traits]: [string, Traits]) =>
    replaceMethod(prototype, method, (original) => watched(original, traits, records, state)),
  );
  Object.defineProperty(prototype, WATCHED, { value: true, configurable: true, enumerable: false });
  return () => {
    state.isOn = false;
    for (const restore of restores) restore?.();
    delete prototype[WATCHED];
  };
}

interface Traits {
  readonly isAsync?: true;
  readonly namesOutputs?: true;
}

function watched(
  original: ModelMethod,
  { isAsync, namesOutputs }: Traits,
  records: ModelRecords,
  state: { readonly isOn: boolean },
): ModelMethod {
  return function call(this: ModelLike, ...args: unknown[]) {
    if (!state.isOn) return original.apply(this, args);
    const work = () => original.apply(this, args);
    const asked = namesOutputs ? args[1] : undefined;
    return isAsync
      ? records.runAsync(this, args[0], asked, work as () => Promise<unknown>)
      : records.run(this, args[0], asked, work);
  };
}
