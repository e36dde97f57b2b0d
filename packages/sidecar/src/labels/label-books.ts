/**
 * What became of each model's labels: counts by outcome, how late they came, and how many of the predictions that should
 * have one have one. Since the process started.
 */
import type { LabelCounts } from '@leeway/store';

export interface LabelledModel {
  readonly environment: string;
  readonly model: string;
}

/** What happened to a label when it came; one that met nothing waits, and is unmatched in the end. */
export const LABEL_OUTCOMES = ['matched', 'duplicate', 'corrected', 'late'] as const;
export type LabelOutcome = (typeof LABEL_OUTCOMES)[number];

export interface ModelLabels extends LabelledModel {
  readonly counts: Readonly<Record<LabelOutcome, number>>;
  readonly delay: { readonly counts: readonly number[]; readonly sum: number };
  /** Of the predictions of the last window whose label is due; undefined when there are none. */
  readonly coverage?: number;
}

/** Upper bounds in seconds: from at once to a quarter. */
export const DELAY_BOUNDS: readonly number[] = [
  1, 10, 60, 300, 1_800, 3_600, 21_600, 43_200, 86_400, 172_800, 259_200, 604_800, 1_209_600, 2_592_000, 5_184_000,
  7_776_000,
];
const MS_PER_SECOND = 1_000;
/** Panes of which predictions and labels are counted; the oldest are let go. */
const PANES_MAX = 20_000;
const MODELS_MAX = 1_000;

export interface CoverageOptions {
  readonly dueMs: number;
  readonly paneMs: number;
  readonly windowMs: number;
}

interface Entry extends LabelledModel {
  readonly counts: Record<LabelOutcome, number>;
  readonly delayCounts: number[];
  delaySum: number;
  /** By pane of the prediction. */
  readonly panes: Map<number, { predicted: number; labelled: number }>;
}

export class LabelBooks {
  readonly #options: CoverageOptions;
  readonly #models = new Map<string, Entry>();

  constructor(options: CoverageOptions) {
    this.#options = options;
  }

  /** What the store counted more after than before. */
  addCounts(of: LabelledModel, before: LabelCounts, after: LabelCounts): void {
    const counts = this.#entryOf(of)?.counts;
    if (counts === undefined) return;
    for (const outcome of LABEL_OUTCOMES) counts[outcome] += after[outcome] - before[outcome];
  }

  addPredictions(of: LabelledModel, eventMs: ArrayLike<number>, nowMs: number): void {
    const entry = this.#entryOf(of);
    if (entry === undefined) return;
    for (let i = 0; i < eventMs.length; i++) {
      const pane = this.#paneOf(entry, eventMs[i]);
      if (pane !== undefined) pane.predicted++;
    }
    this.#prune(entry, nowMs);
  }

  /** A prediction that got its first label. */
  addLabelled(of: LabelledModel, eventMs: number, arrivedMs: number): void {
    const entry = this.#entryOf(of);
    if (entry === undefined) return;
    const seconds = Math.max(0, arrivedMs - eventMs) / MS_PER_SECOND;
    if (Number.isFinite(seconds)) {
      const bin = DELAY_BOUNDS.findIndex((bound) => seconds <= bound);
      entry.delayCounts[bin < 0 ? DELAY_BOUNDS.length : bin]++;
      entry.delaySum += seconds;
    }
    // Of predictions from before the process started nobody knows how many there were.
    const pane = entry.panes.get(Math.floor(eventMs / this.#options.paneMs));
    if (pane !== undefined && pane.labelled < pane.predicted) pane.labelled++;
  }

  models(nowMs: number): ModelLabels[] {
    return [...this.#models.values()].map((entry) => {
      const { environment, model, counts, delayCounts, delaySum } = entry;
      const coverage = this.#coverageOf(entry, nowMs);
      return {
        environment,
        model,
        counts: { ...counts },
        delay: { counts: [...delayCounts], sum: delaySum },
        ...(coverage === undefined ? {} : { coverage }),
      };
    });
  }

  #coverageOf({ panes }: Entry, nowMs: number): number | undefined {
    const { dueMs, paneMs, windowMs } = this.#options;
    const end = Math.floor((nowMs - dueMs) / paneMs);
    const start = end - Math.ceil(windowMs / paneMs);
    let predicted = 0;
    let labelled = 0;
    for (const [index, pane] of panes) {
      if (index < start || index >= end) continue;
      predicted += pane.predicted;
      labelled += pane.labelled;
    }
    return predicted === 0 ? undefined : labelled / predicted;
  }

  #paneOf({ panes }: Entry, eventMs: number) {
    const index = Math.floor(eventMs / this.#options.paneMs);
    const known = panes.get(index);
    if (known !== undefined || !Number.isFinite(index)) return known;
    const made = { predicted: 0, labelled: 0 };
    panes.set(index, made);
    return made;
  }

  #prune({ panes }: Entry, nowMs: number): void {
    const { dueMs, paneMs, windowMs } = this.#options;
    const oldest = Math.floor((nowMs - dueMs - 2 * windowMs) / paneMs);
    for (const index of panes.keys()) if (index < oldest || panes.size > PANES_MAX) panes.delete(index);
  }

  #entryOf({ environment, model }: LabelledModel): Entry | undefined {
    const key = JSON.stringify([environment, model]);
    const known = this.#models.get(key);
    if (known !== undefined || this.#models.size >= MODELS_MAX) return known;
    const counts = Object.fromEntries(LABEL_OUTCOMES.map((name) => [name, 0])) as Record<LabelOutcome, number>;
    const delayCounts = new Array<number>(DELAY_BOUNDS.length + 1).fill(0);
    const made: Entry = { environment, model, counts, delayCounts, delaySum: 0, panes: new Map() };
    this.#models.set(key, made);
    return made;
  }
}
