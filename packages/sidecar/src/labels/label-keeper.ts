/**
 * Joins predictions with the labels that come later, and counts what that says of each model: the one owner of the file.
 *
 * Invariants
 * 1. What `take` was given is in the file, and counted, when it returns; when it throws, nothing is.
 * 2. A model is (environment, name): a label that names no environment is of whichever the prediction was made in.
 * 3. Scores are kept with a hash of the classes that they are of: under a reference with other classes a prediction is
 *    judged by its label alone, never by another class's score.
 * 4. Outcomes belong to the reference that applies when the label comes.
 */
import { createHash } from 'node:crypto';
import {
  type LabelledOutcome,
  type ModelKey,
  modelName,
  OutcomePanes,
  type PerformanceReport,
  type ReferenceEntry,
  ReferenceIndex,
  type ReferenceProfile,
} from '@leeway/engine';
import type { LabelWork, PredictionRows, TruthRows } from '@leeway/intake';
import { type LabelCounts, PendingLabels, type LabelledOutcome as StoredOutcome } from '@leeway/store';
import { LabelBooks, type ModelLabels } from './label-books.ts';

export interface LabelKeeperSettings {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly ttlMs: number;
  readonly labelWaitMs: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  /** A label is expected within so long: coverage is of predictions that are older. */
  readonly dueMs: number;
  readonly paneMs: number;
  readonly windowMs: number;
  /** `event`: a label came when it says, not when it was received. */
  readonly mode: 'wall' | 'event';
  readonly references: readonly ReferenceEntry[];
}

export interface LabelReport {
  readonly performance: readonly PerformanceReport[];
  readonly models: readonly ModelLabels[];
  /** Of the file, since it was made. */
  readonly counts: LabelCounts;
  readonly waiting: { readonly predictions: number; readonly labels: number };
}

/** Where a model's classes differ from those of a prediction, it has no scores. */
const NO_SCORES = new Float64Array(0);
/** Before the scores of a prediction: hash of their classes, and the segments. */
const HEAD = 2;

interface Watched {
  readonly key: ModelKey;
  readonly reference: ReferenceProfile;
  readonly segments: string;
  readonly panes: OutcomePanes;
  readonly classHash: number;
}

export class LabelKeeper {
  readonly #settings: LabelKeeperSettings;
  readonly #store: PendingLabels;
  readonly #books: LabelBooks;
  readonly #watched = new Map<string, Watched>();
  #references: ReferenceIndex;
  #closedThroughMs = Number.NEGATIVE_INFINITY;
  #ended: PerformanceReport[] = [];

  /** @throws Error when the file cannot be opened, saying why */
  constructor(settings: LabelKeeperSettings) {
    this.#settings = settings;
    const { path, ttlMs, labelWaitMs, rowsMax, bytesMax, dueMs, paneMs, windowMs } = settings;
    this.#store = new PendingLabels({ path, ttlMs, labelWaitMs, rowsMax, bytesMax });
    this.#books = new LabelBooks({ dueMs, paneMs, windowMs });
    this.#references = new ReferenceIndex(settings.references);
  }

  take({ predictions, truths }: LabelWork, nowMs: number): void {
    for (const rows of predictions) this.#takePredictions(rows, nowMs);
    for (const rows of truths) this.#takeTruths(rows, nowMs);
  }

  /** Other references apply: panes of those that no longer do are handed over with the next report. */
  configure(references: readonly ReferenceEntry[]): void {
    this.#references = new ReferenceIndex(references);
    for (const [name, { key, reference, segments, panes }] of this.#watched) {
      const entry = this.#references.match(key);
      if (entry?.profile.id === reference.id && segments === segmentsOf(entry)) continue;
      this.#watched.delete(name);
      this.#ended.push(reportOf(key, reference, panes.takeClosed(Number.MAX_SAFE_INTEGER)));
    }
  }

  /** What was closed by then; everything with `Infinity`. */
  report(closedThroughMs: number, nowMs: number): LabelReport {
    this.#store.expire(nowMs);
    this.#closedThroughMs = Math.max(this.#closedThroughMs, Math.min(closedThroughMs, Number.MAX_SAFE_INTEGER));
    const running = [...this.#watched.values()].map(({ key, reference, panes }) =>
      reportOf(key, reference, panes.takeClosed(this.#closedThroughMs)),
    );
    const performance = [...this.#ended, ...running].filter(({ panes }) => panes.length > 0);
    this.#ended = [];
    return {
      performance,
      models: this.#books.models(this.#isReplay ? this.#closedThroughMs : nowMs),
      counts: this.#store.counts,
      waiting: this.#store.waiting,
    };
  }

  close(): void {
    this.#store.close();
  }

  #takePredictions(rows: PredictionRows, nowMs: number): void {
    const watched = this.#watch(rows);
    if (watched === undefined) return;
    const { environment, model } = rows;
    const head = [new Float64Array(rows.count).fill(watched.classHash), rows.segments];
    const before = this.#store.counts;
    const outcomes = this.#store.addPredictions(
      {
        model: storeName(environment, model),
        labelledAs: storeName('', model),
        version: rows.version,
        inferenceIds: rows.inferenceIds,
        rows: rows.rows,
        labels: rows.labels,
        values: rows.values,
        scores: [...head, ...rows.scores],
        weights: rows.weights,
        eventMs: rows.eventMs,
      },
      nowMs,
    );
    watched.panes.addPredictions(rows);
    const of = { environment, model };
    this.#books.addPredictions(of, rows.eventMs, nowMs);
    this.#books.addCounts(of, before, this.#store.counts);
    this.#takeOutcomes(outcomes);
  }

  #takeTruths(rows: TruthRows, nowMs: number): void {
    const others = rows.environment === '' ? this.#environmentsOf(rows.model) : [];
    const before = this.#store.counts;
    const outcomes = this.#store.addLabels(
      {
        model: storeName(rows.environment, rows.model),
        others,
        ...(rows.version === '' ? {} : { version: rows.version }),
        inferenceIds: rows.inferenceIds,
        rows: rows.rows,
        labels: rows.labels,
        values: rows.values,
        // How long ago that was says nothing where time is not the clock's.
        ...(this.#isReplay ? {} : { eventMs: rows.eventMs }),
      },
      nowMs,
    );
    const environment = environmentOf(rows, outcomes, others);
    this.#books.addCounts({ environment, model: rows.model }, before, this.#store.counts);
    this.#takeOutcomes(outcomes, this.#isReplay && rows.saidMs > 0 ? rows.saidMs : undefined);
  }

  /** @param saidMs when the labels came, in a replay; those that had waited came with their predictions */
  #takeOutcomes(outcomes: readonly StoredOutcome[], saidMs?: number): void {
    const byModel = new Map<Watched, LabelledOutcome[]>();
    for (const { model: name, ...stored } of outcomes) {
      const [environment, model] = JSON.parse(name) as [string, string];
      const watched = this.#watch({ environment, model, version: stored.version });
      if (watched === undefined) continue;
      const arrivedMs = this.#isReplay ? (saidMs ?? stored.eventMs) : stored.arrivedMs;
      const outcome = { ...labelledOf(stored, watched.classHash), arrivedMs };
      if (stored.replaced === undefined)
        this.#books.addLabelled({ environment, model }, outcome.eventMs, outcome.arrivedMs);
      const known = byModel.get(watched);
      if (known === undefined) byModel.set(watched, [outcome]);
      else known.push(outcome);
    }
    for (const [{ panes }, list] of byModel) panes.addOutcomes(list);
  }

  /** Undefined when no reference with labels applies. */
  #watch({ environment, model, version }: ModelKey): Watched | undefined {
    const key = { environment, model, version };
    const name = modelName(key);
    const known = this.#watched.get(name);
    if (known !== undefined) return known;
    const entry = this.#references.match(key);
    if (entry === undefined) return undefined;
    const { profile: reference, segments = [] } = entry;
    const panes = OutcomePanes.of(reference, { paneMs: this.#settings.paneMs, segments });
    if (panes === undefined) return undefined;
    panes.takeClosed(this.#closedThroughMs);
    const watched = { key, reference, segments: segmentsOf(entry), panes, classHash: hashOf(panes.scoreClasses) };
    this.#watched.set(name, watched);
    return watched;
  }

  get #isReplay(): boolean {
    return this.#settings.mode === 'event';
  }

  /** Names in the store of this model in its environments. */
  #environmentsOf(model: string): string[] {
    return this.#store.models.filter((name) => {
      const [environment, own] = JSON.parse(name) as [string, string];
      return own === model && environment !== '';
    });
  }
}

/** Under which the labels are counted: where the first of them met its prediction, else the only one that there is. */
function environmentOf(rows: TruthRows, outcomes: readonly StoredOutcome[], others: readonly string[]): string {
  if (rows.environment !== '') return rows.environment;
  const name = outcomes[0]?.model ?? (others.length === 1 ? others[0] : undefined);
  return name === undefined ? '' : (JSON.parse(name) as [string, string])[0];
}

const segmentsOf = ({ segments = [] }: ReferenceEntry): string => JSON.stringify(segments);

const storeName = (environment: string, model: string): string => JSON.stringify([environment, model]);

function reportOf(
  { environment, model, version }: ModelKey,
  { id }: ReferenceProfile,
  panes: PerformanceReport['panes'],
) {
  return { environment, model, version, referenceId: id, panes };
}

/** 48 bits of the names, as a number. */
function hashOf(classes: readonly string[]): number {
  return Number.parseInt(createHash('sha256').update(JSON.stringify(classes)).digest('hex').slice(0, 12), 16);
}

function labelledOf(
  { version: _version, ...stored }: Omit<StoredOutcome, 'model'>,
  classHash: number,
): LabelledOutcome {
  const { scores } = stored;
  const isKnown = scores.length > HEAD && scores[0] === classHash;
  return { ...stored, scores: isKnown ? scores.subarray(HEAD) : NO_SCORES, segments: scores[1] ?? 0 };
}
