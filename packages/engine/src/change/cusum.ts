/**
 * CUSUM: two-sided, around a mean and a deviation that are known (the reference's), with a limit that comes from a stated
 * rate of false alarms.
 *
 * Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954). It finds a lasting shift of 2 k standard
 * deviations sooner than any test with the same run length (Moustakides, 1986).
 *
 * Invariants
 * 1. Both sums are at least 0, and 0 after a change is found.
 * 2. A value that is not finite changes nothing but `skippedCount`.
 */
import type { Change } from './page-hinkley.ts';
import { cusumLimit } from './run-length.ts';

export interface CusumOptions {
  /** Of the stream when all is well. */
  readonly mean: number;
  readonly standardDeviation: number;
  /** Values until a false alarm, in the mean, if values are independent and normal. Default 100,000. */
  readonly runLength?: number;
  /** k: half the shift that is to be found soonest, in standard deviations. Default 0.25. */
  readonly allowance?: number;
}

/**
 * @example
 * const cusum = new Cusum({ mean: 0.11, standardDeviation: 0.31, runLength: 1_000_000 });
 * for (const error of errors) if (cusum.update(error) === 'increase') console.log('worse than the reference');
 */
export class Cusum {
  /** h, in standard deviations. */
  readonly limit: number;
  readonly #mean: number;
  readonly #deviation: number;
  readonly #allowance: number;
  #above = 0;
  #below = 0;
  #skippedCount = 0;

  /** @throws RangeError when the deviation is not positive, or for a run length or an allowance that `cusumLimit` refuses */
  constructor({ mean, standardDeviation, runLength = 100_000, allowance = 0.25 }: CusumOptions) {
    if (!(standardDeviation > 0 && Number.isFinite(standardDeviation) && Number.isFinite(mean)))
      throw new RangeError(
        `mean ${mean}, standard deviation ${standardDeviation}: a finite mean and a positive deviation`,
      );
    this.limit = cusumLimit(runLength, allowance);
    this.#mean = mean;
    this.#deviation = standardDeviation;
    this.#allowance = allowance;
  }

  /** The larger sum, in standard deviations: a change is found above `limit`. */
  get sum(): number {
    return Math.max(this.#above, this.#below);
  }

  /** Values that were not finite. */
  get skippedCount(): number {
    return this.#skippedCount;
  }

  /** Takes the next value; which way the stream has left its mean, if it has. */
  update(value: number): Change | undefined {
    if (!Number.isFinite(value)) {
      this.#skippedCount++;
      return undefined;
    }
    const deviation = (value - this.#mean) / this.#deviation;
    this.#above = Math.max(0, this.#above + deviation - this.#allowance);
    this.#below = Math.max(0, this.#below - deviation - this.#allowance);
    if (this.sum <= this.limit) return undefined;
    const change = this.#above > this.limit ? 'increase' : 'decrease';
    this.#above = 0;
    this.#below = 0;
    return change;
  }

  /** What it goes on with. */
  state(): readonly number[] {
    return [this.#above, this.#below, this.#skippedCount];
  }

  /** False, and nothing changed, when they are not the state of one. */
  restore(state: readonly number[]): boolean {
    if (state.length !== 3 || !state.every((number) => number >= 0 && Number.isFinite(number))) return false;
    [this.#above, this.#below, this.#skippedCount] = state;
    return true;
  }
}
