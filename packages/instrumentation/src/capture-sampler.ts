/**
 * Decides before any value is read whether, and for which rows, values are captured, and with which probability, so
 * that the monitor can weigh them.
 *
 * Invariants
 * 1. The probability is that of the decision as it was made: 1 / probability rows stand behind each captured one. It is
 *    never 0 for a row that might have been captured, so that captured / probability estimates all rows without bias,
 *    in a burst too.
 * 2. A budget of rows a second is kept by a chance that follows the rate of the second before, so that all rows of a
 *    burst have the same chance; once a second's budget is spent, the chance halves with every further eighth of it:
 *    a thousandfold burst takes 2.3 times the budget in its first second, and the budget in the next.
 * 3. One draw decides both whether an inference is captured and whether it would be if it failed: where errors are
 *    always captured, a failing row has the probability of budget and queues alone, whatever the rate said.
 * 4. When an export queue fills, the chance falls with the room that is left, at the start and once more at the end, and
 *    says so in the probability: what a full queue drops without a draw would bias every estimate.
 */
import { roomShare } from './back-pressure.ts';
import type { CapturePolicy } from './capture-policy.ts';

export interface CaptureDecision {
  /** Rows to capture, ascending; undefined for all of them. */
  readonly rows: Int32Array | undefined;
  readonly rowCount: number;
  /** Of each captured row; 0 when nothing is captured. */
  readonly probability: number;
  readonly reason: 'captured' | 'off' | 'rate' | 'budget' | 'pressure';
  /** What was drawn, and the share that budget and queues left, for `ofError`. */
  readonly draw: number;
  readonly share: number;
  /** The share that the queues left, for `atEnd`. */
  readonly room: number;
}

export interface SamplerSources {
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds on a clock that does not jump. */
  readonly elapsedMs: () => number;
  /** Share that the export queues have room for, in (0, 1]. Default: what they say themselves. */
  readonly roomShare?: () => number;
}

const OFF: CaptureDecision = {
  rows: undefined,
  rowCount: 0,
  probability: 0,
  reason: 'off',
  draw: 1,
  share: 0,
  room: 1,
};
const ONE_ROW: CaptureDecision = {
  rows: undefined,
  rowCount: 1,
  probability: 1,
  reason: 'captured',
  draw: 0,
  share: 1,
  room: 1,
};
const SECOND_MS = 1_000;
/** Steps of the budget after which the chance halves. */
const STEPS = 8;

export class CaptureSampler {
  readonly #policy: CapturePolicy;
  readonly #sources: SamplerSources;
  readonly #roomShare: () => number;
  readonly #isOff: boolean;
  readonly #isUnlimited: boolean;
  readonly #byId: boolean;
  #secondStart = 0;
  #seen = 0;
  #captured = 0;
  #budgetShare = 1;

  constructor(policy: CapturePolicy, sources: SamplerSources) {
    const { capturesFeatures, predictions, rate, rowsMax, rowsPerSecond } = policy;
    this.#policy = policy;
    this.#sources = sources;
    this.#roomShare = sources.roomShare ?? roomShare;
    this.#isOff = (!capturesFeatures && !predictions) || rowsMax === 0 || rate === 0 || rowsPerSecond === 0;
    this.#isUnlimited = rate === 1 && rowsPerSecond === Number.POSITIVE_INFINITY;
    this.#byId = policy.sampleBy === 'inference_id';
    this.#secondStart = sources.elapsedMs();
  }

  /**
   * @param rowsMax rows that a carrier can take at most, beside the policy's own limit
   * @param inferenceId by which it is decided where the policy asks for that
   */
  decide(rowCount: number, rowsMax = Number.POSITIVE_INFINITY, inferenceId = ''): CaptureDecision {
    if (this.#isOff || rowCount === 0) return OFF;
    const room = this.#roomShare();
    if (rowCount === 1 && this.#isUnlimited && room === 1) return ONE_ROW;
    const budget = this.#isUnlimited ? 1 : this.#share(rowCount);
    const share = budget * room;
    const draw = this.#byId ? shareOfId(inferenceId) : this.#sources.random();
    const chance = this.#policy.rate * share;
    if (draw < chance) return this.#take(rowCount, rowsMax, chance, { draw, share, room });
    const { rate } = this.#policy;
    const reason = draw < rate * budget ? 'pressure' : draw < rate ? 'budget' : 'rate';
    return { rows: undefined, rowCount: 0, probability: 0, reason, draw, share, room };
  }

  /** The decision on the same inference, now that it has failed. */
  ofError(decision: CaptureDecision, rowCount: number, rowsMax = Number.POSITIVE_INFINITY): CaptureDecision {
    const { draw, share, room, rows, rowCount: count } = decision;
    if (this.#policy.errors !== 'always' || draw >= share) return decision;
    if (count > 0) return { ...decision, rows, probability: (share * count) / rowCount };
    return this.#take(rowCount, rowsMax, share, { draw, share, room });
  }

  /**
   * The decision on an inference that has ended, if the queues have less room than when it was made: thousands of batches
   * that are under way together were all decided on while there was plenty. A draw of its own, whatever decided before.
   */
  atEnd(decision: CaptureDecision): CaptureDecision {
    const room = this.#roomShare();
    if (decision.rowCount === 0 || room >= decision.room) return decision;
    const left = room / decision.room;
    if (this.#sources.random() >= left)
      return { ...decision, rows: undefined, rowCount: 0, probability: 0, reason: 'pressure' };
    return { ...decision, probability: decision.probability * left };
  }

  #take(
    rowCount: number,
    rowsMax: number,
    chance: number,
    drawn: Pick<CaptureDecision, 'draw' | 'share' | 'room'>,
  ): CaptureDecision {
    const count = Math.min(rowCount, Math.max(1, Math.floor(Math.min(rowsMax, this.#rowsMax()))));
    this.#captured += count;
    const rows = count === rowCount ? undefined : drawRows(rowCount, count, drawn.draw / chance);
    return { rows, rowCount: count, probability: (chance * count) / rowCount, reason: 'captured', ...drawn };
  }

  /** One batch does not spend more than a second's budget. */
  #rowsMax(): number {
    return Math.min(this.#policy.rowsMax, this.#policy.rowsPerSecond);
  }

  #share(rowCount: number): number {
    const { rowsPerSecond } = this.#policy;
    if (rowsPerSecond === Number.POSITIVE_INFINITY) return 1;
    const now = this.#sources.elapsedMs();
    const elapsed = now - this.#secondStart;
    if (elapsed >= SECOND_MS) {
      const perSecond = (this.#seen * this.#policy.rate * SECOND_MS) / elapsed;
      this.#budgetShare = perSecond <= rowsPerSecond ? 1 : rowsPerSecond / perSecond;
      this.#secondStart = now;
      this.#seen = 0;
      this.#captured = 0;
    }
    this.#seen += Math.min(rowCount, this.#rowsMax());
    const over = Math.floor(((this.#captured - rowsPerSecond) * STEPS) / rowsPerSecond);
    return over < 0 ? this.#budgetShare : this.#budgetShare * 2 ** -(over + 1);
  }
}

/**
 * Each row with the same chance: every (n/k)-th from a start within the first step.
 *
 * @param start in [0, 1), uniform: a draw that was below its chance, over that chance, is
 */
function drawRows(rowCount: number, count: number, start: number): Int32Array {
  const step = rowCount / count;
  return Int32Array.from({ length: count }, (_, i) => Math.min(rowCount - 1, Math.floor((start + i) * step)));
}

const UTF8 = new TextEncoder();

/**
 * In [0, 1), the same in every process and language: FNV-1a over the id's UTF-8 bytes, finished as MurmurHash3 does
 * (fmix32), over 2^32. An id is captured when this is below the rate.
 */
export function shareOfId(id: string): number {
  let hash = 0x811c9dc5;
  for (const byte of UTF8.encode(id)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
