/**
 * The laws draw the same inputs on every machine, so that a red run can be repeated and a green one means the same.
 * `LAWS_SEED=random npm test`, or a number, looks elsewhere; fast-check prints the seed of what it finds.
 */
import fc from 'fast-check';

const FIXED_SEED = 20_010_216;
const asked = process.env.LAWS_SEED;
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? FIXED_SEED : Number(asked) });
