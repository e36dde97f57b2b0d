/** A source of numbers uniform in [0, 1), as `Math.random` is; passed in wherever the engine draws. */
export type RandomSource = () => number;

/**
 * A small fast generator with a seed, so that what is simulated today is the same tomorrow.
 *
 * Each call gives a number in [0, 1) with 53 random bits; equal seeds give equal sequences. Not for secrets.
 * Source: sfc32 of PractRand (C. Doty-Humphrey), state filled by splitmix32, first twelve outputs dropped.
 *
 * @example const random = seededRandom(1); random(); // the same number in every run
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let drop = 0; drop < 12; drop += 1) next();
  return () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}
