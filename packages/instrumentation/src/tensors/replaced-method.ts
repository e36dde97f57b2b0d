/**
 * Replaces a method in place and keeps how it was defined. The replacement is given its original on each call, so that a
 * caller who kept it goes on working after the original is back.
 *
 * @returns puts the original back, unless somebody else has replaced the method since; undefined when there is no method
 *   of the target's own
 * @example const restore = replaceMethod(Model.prototype, 'predict', (original) => function (...args) { return original.apply(this, args); });
 */
export function replaceMethod<T extends object, K extends keyof T & string>(
  target: T,
  name: K,
  make: (original: T[K]) => T[K],
): (() => void) | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (descriptor === undefined || typeof descriptor.value !== 'function') return undefined;
  const replacement = make(descriptor.value as T[K]);
  for (const key of ['name', 'length'] as const)
    Object.defineProperty(replacement, key, { value: descriptor.value[key], configurable: true });
  Object.defineProperty(target, name, { ...descriptor, value: replacement });
  return () => {
    if (Object.getOwnPropertyDescriptor(target, name)?.value === replacement)
      Object.defineProperty(target, name, descriptor);
  };
}
