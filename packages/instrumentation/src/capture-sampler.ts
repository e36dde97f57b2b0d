/**
 * Decides before any value is read whether, and for which rows, values are captured, and with which probability, so
 * that the monitor can weigh them.
 *
 * Invariants
 * 1. The probability is that of the decision as it was made: 1 / probability rows stand behind each captured one.
 * 2. A budget of rows a second is kept by a probability that follows the rate of the second before, so that all rows of
 *    a burst have the same chance; what still exceeds twice the budget is not captured, and counted by the caller.
 */
import type { CapturePolicy } from './capture-policy.ts';

export interface CaptureDecision {
  /** Rows to capture, ascending; undefined for all of them. */
  readonly rows: Int32Array | undefined;
  readonly rowCount: number;
  /** Of each captured row; 0 when nothing is captured. */
  readonly probability: number;
  readonly reason: 'captured' | 'off' | 'rate' | 'budget';
}

export interface SamplerSources {
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds on a clock that does not jump. */
  readonly elapsedMs: () => number;
}

const OFF: CaptureDecision = { rows: undefined, rowCount: 0, probability: 0, reason: 'off' };
const RATE: CaptureDecision = { ...OFF, reason: 'rate' };
const BUDGET: CaptureDecision = { ...OFF, reason: 'budget' };
const SECOND_MS = 1_000;
const BURST = 2;

export class CaptureSampler {
  readonly #policy: CapturePolicy;
  readonly #sources: SamplerSources;
  #secondStart = 0;
  #seen = 0;
  #captured = 0;
  #budgetShare = 1;

  constructor(policy: CapturePolicy, sources: SamplerSources) {
    this.#policy = policy;
    this.#sources = sources;
    this.#secondStart = sources.elapsedMs();
  }

  decide(rowCount: number): CaptureDecision {
    const { capturesFeatures, predictions, rate, rowsMax, rowsPerSecond } = this.#policy;
    if ((!capturesFeatures && !predictions) || rowCount === 0 || rowsMax === 0) return OFF;
    const share = Number.isFinite(rowsPerSecond) ? this.#budget(rowCount, rowsPerSecond) : 1;
    const chance = rate * share;
    if (chance < 1 && this.#sources.random() >= chance) return RATE;
    const count = Math.min(rowCount, rowsMax);
    if (this.#captured + count > BURST * rowsPerSecond) return BUDGET;
    this.#captured += count;
    const probability = (chance * count) / rowCount;
    return {
      rows: count === rowCount ? undefined : this.#drawRows(rowCount, count),
      rowCount: count,
      probability,
      reason: 'captured',
    };
  }

  #budget(rowCount: number, rowsPerSecond: number): number {
    const now = this.#sources.elapsedMs();
    if (now - this.#secondStart >= SECOND_MS) {
      const perSecond = (this.#seen * SECOND_MS) / (now - this.#secondStart);
      this.#budgetShare = perSecond <= rowsPerSecond ? 1 : rowsPerSecond / perSecond;
      this.#secondStart = now;
      this.#seen = 0;
      this.#captured = 0;
    }
    this.#seen += Math.min(rowCount, this.#policy.rowsMax);
    return this.#budgetShare;
  }

  /** Each row with the same chance: every (n/k)-th from a random start. */
  #drawRows(rowCount: number, count: number): Int32Array {
    const step = rowCount / count;
    const start = this.#sources.random() * step;
    return Int32Array.from({ length: count }, (_, i) => Math.min(rowCount - 1, Math.floor(start + i * step)));
  }
}
