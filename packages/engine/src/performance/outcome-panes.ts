/**
 * The open panes of one model's performance: predictions as they are made, and truths as they arrive.
 *
 * Invariants
 * 1. Pane i covers [i · paneMs, (i + 1) · paneMs): a prediction goes by its own time, a truth by its arrival. Panes that
 *    were taken are closed for good: what still comes for them is counted and left out.
 * 2. Everything is a sum, or a multiset: order does not matter, and panes of shards that are merged are those of one
 *    process.
 * 3. A correction takes its first truth out where that one's pane is open; else the pane stays as it was, and the
 *    correction is counted.
 * 4. At most `openPanesMax` panes are open; the oldest is closed early to make room, and counted. What lies in the
 *    future is for the caller to refuse.
 */
import type { ReferenceProfile } from '../reference/profile.ts';
import { ERROR_ENTRIES_MAX, ErrorGathering } from './error-stream.ts';
import type { LabelledOutcome, PredictionColumns, Truth } from './labelled-outcome.ts';
import {
  addEstimated,
  addMeasured,
  errorOf,
  type MadePrediction,
  type PerformanceLayout,
  performanceLayout,
} from './performance-layout.ts';
import type { OutcomeSums, PerformancePane } from './performance-pane.ts';
import { decodePerformanceState, encodePerformanceState } from './performance-state.ts';

export interface OutcomePanesOptions {
  readonly paneMs: number;
  /** `key=value` names of the slices that are kept apart: at most 10. Default none. */
  readonly segments?: readonly string[];
  /** Different errors that a pane keeps for the detectors of change. */
  readonly errorEntriesMax?: number;
  readonly openPanesMax?: number;
}

export const SEGMENTS_MAX = 10;
const OPEN_PANES_MAX = 64;
/** Panes that were closed and not taken; the oldest makes room. */
const CLOSED_PANES_MAX = 1_024;
/** The range of a JavaScript date. */
const TIME_MS_MAX = 8.64e15;

/** What was left out, and why. */
export interface OutcomeCounts {
  /** Predictions and truths of a pane that was taken. */
  readonly latePredictions: number;
  readonly lateOutcomes: number;
  /** Without a time. */
  readonly noTime: number;
  /** Without a weight that is a positive number. */
  readonly badWeight: number;
  /** Corrections that took their first truth out, and those whose first truth stays. */
  readonly corrected: number;
  readonly correctedLate: number;
  /** Panes that were closed early, and those that nobody took. */
  readonly closedEarly: number;
  readonly droppedPanes: number;
}

/** A pane while it is open; arrays of length 0 until something is added. */
interface OpenPane {
  readonly whole: { -readonly [K in keyof OutcomeSums]: OutcomeSums[K] };
  readonly segments: readonly OpenPane['whole'][];
  readonly errors: ErrorGathering;
}

export class OutcomePanes {
  readonly #layout: PerformanceLayout;
  readonly #profileId: string;
  readonly #segments: readonly string[];
  readonly #paneMs: number;
  readonly #errorEntriesMax: number;
  readonly #openPanesMax: number;
  readonly #open = new Map<number, OpenPane>();
  #closed: PerformancePane[] = [];
  /** Lowest index that is not closed. */
  #firstOpen = Number.NEGATIVE_INFINITY;
  readonly #counts = {
    latePredictions: 0,
    lateOutcomes: 0,
    noTime: 0,
    badWeight: 0,
    corrected: 0,
    correctedLate: 0,
    closedEarly: 0,
    droppedPanes: 0,
  };

  /**
   * Undefined when the profile says nothing of performance.
   *
   * @throws RangeError for a pane below 1 ms, or more than 10 segments
   * @example OutcomePanes.of(profile, { paneMs: 300_000, segments: ['country=de'] })
   */
  static of(profile: ReferenceProfile, options: OutcomePanesOptions): OutcomePanes | undefined {
    const layout = profile.performance === undefined ? undefined : performanceLayout(profile.performance);
    return layout === undefined ? undefined : new OutcomePanes(layout, profile.id, options);
  }

  private constructor(layout: PerformanceLayout, profileId: string, options: OutcomePanesOptions) {
    const { paneMs, segments = [] } = options;
    if (!(paneMs >= 1 && Number.isFinite(paneMs))) throw new RangeError(`paneMs is ${paneMs}: use at least 1`);
    if (segments.length > SEGMENTS_MAX || new Set(segments).size !== segments.length)
      throw new RangeError(`${segments.length} segments: use at most ${SEGMENTS_MAX}, each once`);
    this.#layout = layout;
    this.#profileId = profileId;
    this.#segments = segments;
    this.#paneMs = paneMs;
    this.#errorEntriesMax = options.errorEntriesMax ?? ERROR_ENTRIES_MAX;
    this.#openPanesMax = options.openPanesMax ?? OPEN_PANES_MAX;
  }

  /** Classes whose probabilities are expected, in order: the positive one of two; none of numbers. */
  get scoreClasses(): readonly string[] {
    return this.#layout.scoreClasses;
  }

  get counts(): OutcomeCounts {
    return { ...this.#counts };
  }

  /** Predictions when they are made: what performance they let expect. */
  addPredictions(rows: PredictionColumns): void {
    const scores = new Float64Array(this.#hasScores(rows) ? this.scoreClasses.length : 0);
    for (let row = 0; row < rows.count; row++) {
      const weight = rows.weights?.[row] ?? 1;
      const pane = this.#paneFor(rows.eventMs[row], weight, 'latePredictions');
      if (pane === undefined) continue;
      for (let i = 0; i < scores.length; i++) scores[i] = rows.scores?.[i]?.[row] ?? Number.NaN;
      const prediction = { label: rows.labels?.[row], value: rows.values?.[row] ?? Number.NaN, scores };
      this.#each(pane, rows.segments?.[row] ?? 0, (sums) => {
        if (sums.estimated.length === 0) sums.estimated = new Float64Array(this.#layout.size);
        addEstimated(this.#layout, sums.estimated, prediction, weight);
      });
    }
  }

  /** Predictions that met their truth. */
  addOutcomes(outcomes: readonly LabelledOutcome[]): void {
    for (const outcome of outcomes) {
      const pane = this.#paneFor(outcome.arrivedMs, outcome.weight, 'lateOutcomes');
      if (outcome.replaced !== undefined) this.#takeOut(outcome, outcome.replaced);
      if (pane === undefined) continue;
      this.#addOutcome(pane, outcome, outcome.truth, 1);
      pane.errors.add(outcome.arrivedMs, outcome.eventMs, errorOf(this.#layout, outcome, outcome.truth));
    }
  }

  /** Panes that end by then, ascending; they belong to the caller. */
  takeClosed(throughMs: number): readonly PerformancePane[] {
    const firstOpen = Math.floor(throughMs / this.#paneMs);
    if (Number.isFinite(firstOpen)) this.#closeBelow(firstOpen);
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  /** What is open, as versioned bytes. */
  snapshot(): Uint8Array {
    const open = [...this.#open].map(([index, pane]) => this.#closedPane(index, pane));
    const panes = [...this.#closed, ...open].sort((a, b) => a.index - b.index);
    const numbers = [this.#firstOpen, ...Object.values(this.#counts)];
    return encodePerformanceState(this.#identity(), { numbers, panes });
  }

  /** False, and nothing changed, when the bytes are not whole or of another reference, pane or list of segments. */
  restore(bytes: Uint8Array): boolean {
    const state = decodePerformanceState(this.#identity(), bytes);
    const names = Object.keys(this.#counts) as (keyof OutcomeCounts)[];
    if (state?.numbers.length !== names.length + 1) return false;
    const [firstOpen, ...counts] = state.numbers;
    this.#firstOpen = firstOpen;
    names.forEach((name, i) => {
      this.#counts[name] = counts[i];
    });
    this.#open.clear();
    this.#closed = state.panes.filter(({ index }) => index < firstOpen);
    for (const { index, whole, segments, errors: stream } of state.panes) {
      if (index < firstOpen) continue;
      const errors = new ErrorGathering(this.#errorEntriesMax);
      errors.merge(stream);
      this.#open.set(index, { whole: { ...whole }, segments: segments.map((sums) => ({ ...sums })), errors });
    }
    return true;
  }

  #identity() {
    return { profileId: this.#profileId, paneMs: this.#paneMs, segments: this.#segments, size: this.#layout.size };
  }

  #hasScores({ scores }: PredictionColumns): boolean {
    return scores !== undefined && scores.length === this.scoreClasses.length;
  }

  #addOutcome(pane: OpenPane, outcome: LabelledOutcome, truth: Truth, sign: 1 | -1): void {
    const { size } = this.#layout;
    const prediction: MadePrediction = outcome;
    const isJudged = !Number.isNaN(errorOf(this.#layout, prediction, truth));
    this.#each(pane, outcome.segments, (sums) => {
      if (sums.measured.length === 0) sums.measured = new Float64Array(size);
      addMeasured(this.#layout, sums.measured, prediction, truth, sign * outcome.weight);
      if (!isJudged) return;
      if (sums.matched.length === 0) sums.matched = new Float64Array(size);
      addEstimated(this.#layout, sums.matched, prediction, sign * outcome.weight);
    });
  }

  #takeOut(outcome: LabelledOutcome, truth: Truth): void {
    const error = errorOf(this.#layout, outcome, truth);
    const place = this.#placeOf(outcome, error);
    if (place === undefined) {
      this.#counts.correctedLate++;
      return;
    }
    this.#counts.corrected++;
    this.#addOutcome(place.pane, outcome, truth, -1);
    if (Number.isFinite(error)) place.pane.errors.remove(place.arrivedMs, outcome.eventMs, error);
  }

  /** Where the first truth was counted: by its arrival, or, where nobody wrote that down, by what it left behind. */
  #placeOf({ eventMs, replacedArrivedMs, weight }: LabelledOutcome, error: number) {
    if (!(weight > 0 && Number.isFinite(weight))) return undefined;
    if (replacedArrivedMs !== undefined) {
      const pane = this.#open.get(Math.floor(replacedArrivedMs / this.#paneMs));
      return pane === undefined ? undefined : { pane, arrivedMs: replacedArrivedMs };
    }
    for (const pane of this.#open.values()) {
      const arrivedMs = pane.errors.arrivalOf(eventMs, error);
      if (arrivedMs !== undefined) return { pane, arrivedMs };
    }
    return undefined;
  }

  #each({ whole, segments }: OpenPane, mask: number, add: (sums: OpenPane['whole']) => void): void {
    add(whole);
    for (let i = 0; i < segments.length; i++) if ((mask >> i) & 1) add(segments[i]);
  }

  /** Undefined where the row is left out; then it is counted. */
  #paneFor(timeMs: number, weight: number, late: 'latePredictions' | 'lateOutcomes'): OpenPane | undefined {
    if (!(Math.abs(timeMs) <= TIME_MS_MAX)) {
      this.#counts.noTime++;
      return undefined;
    }
    if (!(weight > 0 && Number.isFinite(weight))) {
      this.#counts.badWeight++;
      return undefined;
    }
    const index = Math.floor(timeMs / this.#paneMs);
    if (index < this.#firstOpen) {
      this.#counts[late]++;
      return undefined;
    }
    const open = this.#open.get(index);
    if (open !== undefined) return open;
    if (this.#open.size >= this.#openPanesMax) {
      const oldest = Math.min(...this.#open.keys());
      this.#counts.closedEarly++;
      this.#closeBelow(oldest + 1);
      if (index <= oldest) {
        this.#counts[late]++;
        return undefined;
      }
    }
    const pane = {
      whole: noSums(),
      segments: this.#segments.map(noSums),
      errors: new ErrorGathering(this.#errorEntriesMax),
    };
    this.#open.set(index, pane);
    return pane;
  }

  #closeBelow(firstOpen: number): void {
    for (const index of [...this.#open.keys()].sort((a, b) => a - b)) {
      if (index >= firstOpen) break;
      this.#closed.push(this.#closedPane(index, this.#open.get(index)!));
      this.#open.delete(index);
    }
    const excess = this.#closed.length - CLOSED_PANES_MAX;
    if (excess > 0) this.#counts.droppedPanes += this.#closed.splice(0, excess).length;
    this.#firstOpen = Math.max(this.#firstOpen, firstOpen);
  }

  #closedPane(index: number, { whole, segments, errors }: OpenPane): PerformancePane {
    const startMs = index * this.#paneMs;
    const endMs = startMs + this.#paneMs;
    return { index, startMs, endMs, whole, segmentNames: this.#segments, segments, errors: errors.stream() };
  }
}

function noSums(): OpenPane['whole'] {
  return { measured: new Float64Array(0), matched: new Float64Array(0), estimated: new Float64Array(0) };
}
