/** Reproducible random values for tests. */

export interface SampleStream {
  uniform(): number;
  normal(): number;
  /** 0 to `count` − 1. */
  whole(count: number): number;
}

/** mulberry32 (public domain). */
export function sampleStream(seed: number): SampleStream {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    whole: (count) => Math.floor(uniform() * count),
  };
}
