/**
 * Page–Hinkley: the sum of deviations from the mean so far, against its least and its greatest value; two-sided.
 *
 * Standardised (the default), each deviation is in standard deviations of what was seen so far, so that one threshold
 * serves every stream: in the unit of the stream a threshold of 50 is never reached by a rate of errors that triples, and
 * every few hundred values by noise with a deviation of 2.
 *
 * Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); the forgetting factor and the defaults of the
 * plain form are River's, whose published indices it reproduces.
 *
 * Invariants
 * 1. After a change is found everything begins anew with the next value.
 * 2. A value that is not finite changes nothing but `skippedCount`.
 */
export interface PageHinkleyOptions {
  /** In standard deviations where standardised, else in the stream's unit. Default 50. */
  readonly threshold?: number;
  /** Deviations below it are tolerated; in the same unit. Default 0.25 where standardised, else 0.005. */
  readonly tolerance?: number;
  /** What is kept of the sums from value to value. Default 1 − 10⁻⁴. */
  readonly keep?: number;
  /** Values before anything is found. Default 30. */
  readonly warmUp?: number;
  readonly isStandardised?: boolean;
}

export type Change = 'increase' | 'decrease';

/**
 * @example
 * const test = new PageHinkley();
 * for (const error of errors) if (test.update(error) === 'increase') console.log('more errors than before');
 */
export class PageHinkley {
  readonly #threshold: number;
  readonly #tolerance: number;
  readonly #keep: number;
  readonly #warmUp: number;
  readonly #isStandardised: boolean;
  #count = 0;
  #mean = 0;
  /** Σ (x − mean)². */
  #square = 0;
  #increase = 0;
  #decrease = 0;
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;
  #skippedCount = 0;

  /** @throws RangeError for a threshold or a warm-up that is not positive, or a share outside (0, 1] */
  constructor(options: PageHinkleyOptions = {}) {
    const { isStandardised = true, threshold = 50, keep = 1 - 1e-4, warmUp = 30 } = options;
    const { tolerance = isStandardised ? 0.25 : 0.005 } = options;
    if (!(threshold > 0)) throw new RangeError(`threshold is ${threshold}: a positive number is expected`);
    if (!(tolerance >= 0)) throw new RangeError(`tolerance is ${tolerance}: 0 or more is expected`);
    if (!(keep > 0 && keep <= 1)) throw new RangeError(`keep is ${keep}: a share above 0, at most 1, is expected`);
    if (!(warmUp >= 1)) throw new RangeError(`warmUp is ${warmUp}: 1 or more is expected`);
    this.#threshold = threshold;
    this.#tolerance = tolerance;
    this.#keep = keep;
    this.#warmUp = warmUp;
    this.#isStandardised = isStandardised;
  }

  /** Since the last change; 0 before the first value. */
  get mean(): number {
    return this.#mean;
  }

  /** Values that were not finite. */
  get skippedCount(): number {
    return this.#skippedCount;
  }

  /** Takes the next value; which way the stream has changed, if it has. */
  update(value: number): Change | undefined {
    if (!Number.isFinite(value)) {
      this.#skippedCount++;
      return undefined;
    }
    const scale = this.#take(value);
    const deviation = scale === 0 ? 0 : (value - this.#mean) / scale;
    this.#increase = this.#keep * this.#increase + deviation - this.#tolerance;
    this.#decrease = this.#keep * this.#decrease + deviation + this.#tolerance;
    this.#least = Math.min(this.#least, this.#increase);
    this.#greatest = Math.max(this.#greatest, this.#decrease);
    if (this.#count < this.#warmUp) return undefined;
    let change: Change | undefined;
    if (this.#increase - this.#least > this.#threshold) change = 'increase';
    else if (this.#greatest - this.#decrease > this.#threshold) change = 'decrease';
    if (change !== undefined) this.#begin();
    return change;
  }

  /** What it goes on with. */
  state(): readonly number[] {
    const sums = [this.#increase, this.#decrease, this.#least, this.#greatest];
    return [this.#count, this.#mean, this.#square, ...sums, this.#skippedCount];
  }

  /** False, and nothing changed, when they are not the state of one. */
  restore(state: readonly number[]): boolean {
    if (state.length !== 8 || state.some(Number.isNaN)) return false;
    [this.#count, this.#mean, this.#square] = state;
    [, , , this.#increase, this.#decrease, this.#least, this.#greatest, this.#skippedCount] = state;
    return true;
  }

  /** Mean and deviation by Welford's update; the unit of a deviation. */
  #take(value: number): number {
    this.#count++;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#square += before * (value - this.#mean);
    if (!this.#isStandardised) return 1;
    // Few values say little of their spread: while it is learned nothing is summed up.
    return this.#count < this.#warmUp ? 0 : Math.sqrt(this.#square / (this.#count - 1));
  }

  #begin(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#square = 0;
    this.#increase = 0;
    this.#decrease = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#greatest = Number.NEGATIVE_INFINITY;
  }
}
