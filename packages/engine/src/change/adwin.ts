/**
 * ADWIN: a window over a stream that drops its old part when the means of the old and the new part differ.
 *
 * Source: A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing", SIAM Data Mining 2007,
 * with the exponential histogram of Babcock, Datar, Motwani and O'Callaghan (PODS 2003) for the variance. The scan starts
 * again from the oldest bucket after each bucket that is dropped. River, whose published index of 1023 it reproduces, begins
 * anew after a change; here the new part of the window stays, as in the paper, and may be cut further.
 *
 * Its bound is for values of the order of 1, such as errors: scale others before.
 *
 * Invariants
 * 1. Level i has at most `BUCKETS_MAX` buckets of 2^i values, the oldest first; the highest level holds the oldest.
 * 2. width, total and squares are those of all buckets: memory is O(log width), and `LEVELS_MAX` levels are enough for
 *    more values than a double can count.
 * 3. A value that is not finite changes nothing but `skippedCount`.
 */
export interface AdwinOptions {
  /** Bound on the probability of a false alarm at one check. Default 0.002. */
  readonly delta?: number;
  /** Values between two checks. Default 32. */
  readonly clock?: number;
  /** Smallest part that is compared. Default 5. */
  readonly partMin?: number;
  /** Values before the first check. Default 10. */
  readonly warmUp?: number;
}

const BUCKETS_MAX = 5;
/** A level is merged when it has one more. */
const SLOTS = BUCKETS_MAX + 1;
const LEVELS_MAX = 50;
/** Of a state, before the buckets. */
const OWN_NUMBERS = 6;

/**
 * @example
 * const adwin = new Adwin();
 * for (const error of errors) if (adwin.update(error)) console.log(`changed; the mean is now ${adwin.mean}`);
 */
export class Adwin {
  readonly #delta: number;
  readonly #clock: number;
  readonly #partMin: number;
  readonly #warmUp: number;
  readonly #totals = new Float64Array(LEVELS_MAX * SLOTS);
  /** Σ (x − mean)² within each bucket. */
  readonly #squares = new Float64Array(LEVELS_MAX * SLOTS);
  readonly #counts = new Uint8Array(LEVELS_MAX);
  #levelCount = 1;
  #width = 0;
  #total = 0;
  #square = 0;
  #ticks = 0;
  #skippedCount = 0;

  /** @throws RangeError when delta is not in (0, 1) or another option is not a whole number from 1 */
  constructor({ delta = 0.002, clock = 32, partMin = 5, warmUp = 10 }: AdwinOptions = {}) {
    if (!(delta > 0 && delta < 1)) throw new RangeError(`delta is ${delta}: a probability between 0 and 1 is expected`);
    for (const [name, value] of Object.entries({ clock, partMin, warmUp }))
      if (!(Number.isInteger(value) && value >= 1))
        throw new RangeError(`${name} is ${value}: a whole number from 1 on`);
    this.#delta = delta;
    this.#clock = clock;
    this.#partMin = partMin;
    this.#warmUp = warmUp;
  }

  /** Values in the window. */
  get width(): number {
    return this.#width;
  }

  /** Of the window; 0 while it is empty. */
  get mean(): number {
    return this.#width === 0 ? 0 : this.#total / this.#width;
  }

  /** Values that were not finite. */
  get skippedCount(): number {
    return this.#skippedCount;
  }

  /** Takes the next value; whether the window was cut. */
  update(value: number): boolean {
    if (!Number.isFinite(value)) {
      this.#skippedCount++;
      return false;
    }
    this.#insert(value);
    this.#ticks++;
    if (this.#ticks % this.#clock !== 0 || this.#width <= this.#warmUp) return false;
    let isCut = false;
    while (this.#hasChange()) {
      this.#dropOldest();
      isCut = true;
    }
    return isCut;
  }

  /** What it goes on with: numbers, as many whatever it has seen. */
  state(): readonly number[] {
    const own = [this.#levelCount, this.#width, this.#total, this.#square, this.#ticks, this.#skippedCount];
    return [...own, ...this.#counts, ...this.#totals, ...this.#squares];
  }

  /** False, and nothing changed, when they are not the state of one. */
  restore(state: readonly number[]): boolean {
    const size = OWN_NUMBERS + LEVELS_MAX + 2 * LEVELS_MAX * SLOTS;
    const counts = state.slice(OWN_NUMBERS, OWN_NUMBERS + LEVELS_MAX);
    const [levelCount, width, total, square, ticks, skippedCount] = state;
    if (state.length !== size || !state.every(Number.isFinite)) return false;
    if (!(levelCount >= 1 && levelCount <= LEVELS_MAX) || counts.some((count) => !(count >= 0 && count <= BUCKETS_MAX)))
      return false;
    this.#levelCount = levelCount;
    this.#width = width;
    this.#total = total;
    this.#square = square;
    this.#ticks = ticks;
    this.#skippedCount = skippedCount;
    this.#counts.set(counts);
    this.#totals.set(state.slice(OWN_NUMBERS + LEVELS_MAX, OWN_NUMBERS + LEVELS_MAX + LEVELS_MAX * SLOTS));
    this.#squares.set(state.slice(OWN_NUMBERS + LEVELS_MAX + LEVELS_MAX * SLOTS));
    return true;
  }

  #insert(value: number): void {
    if (this.#width > 0) {
      const deviation = value - this.#total / this.#width;
      this.#square += (this.#width * deviation * deviation) / (this.#width + 1);
    }
    this.#width++;
    this.#total += value;
    this.#append(0, value, 0);
    for (let level = 0; this.#counts[level] === SLOTS; level++) this.#mergeOldest(level);
  }

  #append(level: number, total: number, square: number): void {
    const slot = level * SLOTS + this.#counts[level]++;
    this.#totals[slot] = total;
    this.#squares[slot] = square;
    if (level >= this.#levelCount) this.#levelCount = level + 1;
  }

  /** The two oldest buckets of a level become one of the next. */
  #mergeOldest(level: number): void {
    const slot = level * SLOTS;
    const size = 2 ** level;
    const apart = (this.#totals[slot] - this.#totals[slot + 1]) / size;
    const total = this.#totals[slot] + this.#totals[slot + 1];
    const square = this.#squares[slot] + this.#squares[slot + 1] + (size * apart * apart) / 2;
    this.#remove(level, 2);
    this.#append(level + 1, total, square);
  }

  #remove(level: number, count: number): void {
    const slot = level * SLOTS;
    this.#totals.copyWithin(slot, slot + count, slot + SLOTS);
    this.#squares.copyWithin(slot, slot + count, slot + SLOTS);
    this.#counts[level] -= count;
  }

  #dropOldest(): void {
    const level = this.#levelCount - 1;
    const size = 2 ** level;
    const total = this.#totals[level * SLOTS];
    const square = this.#squares[level * SLOTS];
    this.#width -= size;
    this.#total -= total;
    const apart = total / size - this.#total / this.#width;
    // What is left of a sum of squares cannot be less than nothing, whatever rounding says.
    this.#square = Math.max(0, this.#square - square - (size * this.#width * apart * apart) / (size + this.#width));
    this.#remove(level, 1);
    while (this.#levelCount > 1 && this.#counts[this.#levelCount - 1] === 0) this.#levelCount--;
  }

  /** Whether any cut between two buckets parts two means that differ. */
  #hasChange(): boolean {
    let oldWidth = 0;
    let oldTotal = 0;
    for (let level = this.#levelCount - 1; level >= 0; level--) {
      for (let index = 0; index < this.#counts[level]; index++) {
        oldWidth += 2 ** level;
        oldTotal += this.#totals[level * SLOTS + index];
        const newWidth = this.#width - oldWidth;
        if (newWidth < this.#partMin) return false;
        if (oldWidth >= this.#partMin && this.#differ(oldWidth, oldTotal, newWidth)) return true;
      }
    }
    return false;
  }

  /** The bound of the paper's section 4, for a variance that is estimated. */
  #differ(oldWidth: number, oldTotal: number, newWidth: number): boolean {
    const difference = oldTotal / oldWidth - (this.#total - oldTotal) / newWidth;
    const confidence = Math.log((2 * Math.log(this.#width)) / this.#delta);
    const inverse = 1 / (oldWidth - this.#partMin + 1) + 1 / (newWidth - this.#partMin + 1);
    const variance = this.#square / this.#width;
    const bound = Math.sqrt(2 * inverse * variance * confidence) + (2 / 3) * confidence * inverse;
    return Math.abs(difference) > bound;
  }
}
