/**
 * DDM, the drift detection method: the rate of errors so far against its lowest point.
 *
 * Source: J. Gama, P. Medas, G. Castillo and P. Rodrigues, "Learning with drift detection", SBIA 2004: a warning at two,
 * a change at three standard deviations above. Its false alarms are many (every few hundred values at a rate of 2 %): it is
 * here for comparison with others, and no alarm goes by it.
 *
 * Invariants
 * 1. After a change is found everything begins anew with the next value.
 * 2. What is neither 0 nor 1 changes nothing but `skippedCount`.
 */
export interface DdmOptions {
  /** Values before anything is found. Default 30. */
  readonly warmUp?: number;
  /** Standard deviations above the lowest point. Defaults 2 and 3. */
  readonly warning?: number;
  readonly change?: number;
}

/** @example const ddm = new Ddm(); const found = ddm.update(isWrong ? 1 : 0); */
export class Ddm {
  readonly #warmUp: number;
  readonly #warning: number;
  readonly #change: number;
  #count = 0;
  #errorCount = 0;
  #leastRate = 0;
  #leastDeviation = Number.POSITIVE_INFINITY;
  #skippedCount = 0;

  /** @throws RangeError when warmUp is below 1, or not 0 < warning ≤ change */
  constructor({ warmUp = 30, warning = 2, change = 3 }: DdmOptions = {}) {
    if (!(warmUp >= 1)) throw new RangeError(`warmUp is ${warmUp}: 1 or more is expected`);
    if (!(warning > 0 && change >= warning))
      throw new RangeError(`warning is ${warning} and change ${change}: 0 < warning ≤ change is expected`);
    this.#warmUp = warmUp;
    this.#warning = warning;
    this.#change = change;
  }

  /** Since the last change; 0 before the first value. */
  get errorRate(): number {
    return this.#count === 0 ? 0 : this.#errorCount / this.#count;
  }

  /** Values that were neither 0 nor 1. */
  get skippedCount(): number {
    return this.#skippedCount;
  }

  /** Takes whether the next prediction was wrong: 1, or 0. */
  update(error: number): 'warning' | 'change' | undefined {
    if (error !== 0 && error !== 1) {
      this.#skippedCount++;
      return undefined;
    }
    this.#count++;
    this.#errorCount += error;
    if (this.#count <= this.#warmUp) return undefined;
    const rate = this.errorRate;
    const deviation = Math.sqrt((rate * (1 - rate)) / this.#count);
    const now = rate + deviation;
    if (now <= this.#leastRate + this.#leastDeviation) {
      this.#leastRate = rate;
      this.#leastDeviation = deviation;
    }
    if (now > this.#leastRate + this.#change * this.#leastDeviation) {
      this.#count = 0;
      this.#errorCount = 0;
      this.#leastRate = 0;
      this.#leastDeviation = Number.POSITIVE_INFINITY;
      return 'change';
    }
    return now > this.#leastRate + this.#warning * this.#leastDeviation ? 'warning' : undefined;
  }

  /** What it goes on with. */
  state(): readonly number[] {
    return [this.#count, this.#errorCount, this.#leastRate, this.#leastDeviation, this.#skippedCount];
  }

  /** False, and nothing changed, when they are not the state of one. */
  restore(state: readonly number[]): boolean {
    if (state.length !== 5 || !state.every((number) => number >= 0)) return false;
    [this.#count, this.#errorCount, this.#leastRate, this.#leastDeviation, this.#skippedCount] = state;
    return true;
  }
}
