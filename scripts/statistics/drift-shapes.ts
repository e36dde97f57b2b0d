/** What a standard normal column looks like in its reference's ten decile cells after it has changed. */
import { normalQuantile, normalSurvival } from '../../packages/engine/src/special/normal-distribution.ts';

export const CELL_COUNT = 10;

export interface DriftShape {
  readonly name: string;
  /** Shares of the ten cells; the reference's are equal. */
  readonly shares: Float64Array;
}

const DECILES = Array.from({ length: CELL_COUNT - 1 }, (_, index) => normalQuantile((index + 1) / CELL_COUNT));

export const EQUAL_SHARES = new Float64Array(CELL_COUNT).fill(1 / CELL_COUNT);

/** N(shift, spread²) in the deciles of N(0, 1). */
export function normalShape(name: string, shift: number, spread: number): DriftShape {
  const above = [1, ...DECILES.map((edge) => normalSurvival((edge - shift) / spread)), 0];
  return { name, shares: Float64Array.from({ length: CELL_COUNT }, (_, cell) => above[cell] - above[cell + 1]) };
}

/** A share of all rows moves into one cell: a default value creeps in. */
export function spikeShape(name: string, share: number): DriftShape {
  const shares = EQUAL_SHARES.map((own) => own * (1 - share));
  shares[CELL_COUNT - 1] = shares[CELL_COUNT - 1] + share;
  return { name, shares };
}
