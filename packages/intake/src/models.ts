/**
 * The models that were seen, admitted up to caps, each with what takes its rows.
 *
 * Invariants
 * 1. A model is an (environment, name, version). Models with a reference and models without one are counted apart:
 *    whatever is sent under names that nobody configured takes no room from those that somebody did.
 * 2. Of each kind at most environmentsMax environments and versionsMax (environment, version) pairs of one name are
 *    admitted, and modelsMax names of those without a reference. A version or an environment that a reference names is
 *    always admitted.
 * 3. What comes beyond is refused, by reason. A model with a reference that was silent for ten minutes makes room for
 *    another one of its kind; what was retired leaves no trace in any count.
 */
import type { AppendCounts, ColumnBatch } from '@leeway/engine';
import { BatchBuilder, type BuilderColumn } from './batch-builder.ts';
import type { Books } from './books.ts';
import type { LabelColumns } from './label-rows.ts';
import { ModelCounts } from './model-counts.ts';
import type { Texts } from './texts.ts';
import { type Identity, UnknownModelRecord } from './unknown-models.ts';

/** Takes the rows of one model: its panes. */
export interface Target {
  /** Features, then outputs, in the order of the reference. */
  readonly columns: readonly BuilderColumn[];
  /** Where its outputs stand, when its predictions wait for labels. */
  readonly labels?: LabelColumns;
  append(batch: ColumnBatch, nowMs: number): AppendCounts;
}

/** What the references say of a model; undefined when none applies. */
export interface Standing {
  readonly namesEnvironment: boolean;
  readonly namesVersion: boolean;
}

export interface References {
  standingOf(identity: Identity): Standing | undefined;
  /** Asked once a model that was admitted, and after every `invalidate`. */
  targetOf(identity: Identity): Target | undefined;
  /** Whether truths of a model of this name are waited for. */
  takesLabels(model: string): boolean;
  /** The model made room for another: its target gets no more rows. */
  release(identity: Identity): void;
}

export interface ModelLimits {
  readonly environmentsMax: number;
  readonly modelsMax: number;
  readonly versionsMax: number;
}

export const MODEL_LIMITS: ModelLimits = { environmentsMax: 20, modelsMax: 500, versionsMax: 50 };

/** Why a model is not admitted. */
export const REFUSALS = ['environment_limit', 'model_limit', 'version_limit'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface ModelEntry {
  readonly identity: Identity;
  standing: Standing | undefined;
  target: Target | undefined;
  builder: BatchBuilder | undefined;
  unknown: UnknownModelRecord | undefined;
  lastSeenMs: number;
}

/** Refusals that are remembered by text id, and for how long: then it is looked again whether there is room. */
const REFUSALS_MAX = 4_096;
const REFUSALS_MS = 10_000;

const CAP_OF = { environment_limit: 'environments', model_limit: 'models', version_limit: 'versions' } as const;

export class Models {
  readonly #references: References;
  readonly #limits: ModelLimits;
  readonly #texts: Texts;
  readonly #books: Books;
  readonly #entries = new Map<string, ModelEntry>();
  readonly #referenced = new ModelCounts();
  readonly #unknown = new ModelCounts();
  /** By text ids, valid for one generation of texts. */
  #byIds = new Map<number, Map<number, Map<number, ModelEntry | Refusal>>>();
  #generation = -1;
  #refusalCount = 0;
  #refusalsSinceMs = 0;

  constructor(references: References, limits: ModelLimits, texts: Texts, books: Books) {
    this.#references = references;
    this.#limits = limits;
    this.#texts = texts;
    this.#books = books;
  }

  /** References changed: every model is resolved anew. */
  invalidate(nowMs: number): void {
    this.#forgetIds();
    for (const entry of this.#entries.values()) {
      this.#countsOf(entry.standing).delete(entry);
      entry.standing = this.#references.standingOf(entry.identity);
      this.#countsOf(entry.standing).add(entry);
      this.#bind(entry, nowMs);
    }
  }

  entries(): Iterable<ModelEntry> {
    return this.#entries.values();
  }

  /** Lets a model go that has not been seen since then; it is admitted anew when it comes back. */
  retire(beforeMs: number): Identity[] {
    const gone = [...this.#entries.values()].filter(({ lastSeenMs }) => lastSeenMs < beforeMs);
    for (const entry of gone) this.#drop(entry);
    return gone.map(({ identity }) => identity);
  }

  /** @param environment, model, version text ids; −1 for none. A reason when a cap refuses the model. */
  entryOf(environment: number, model: number, version: number, nowMs: number): ModelEntry | Refusal {
    const isStale = this.#refusalCount > 0 && nowMs - this.#refusalsSinceMs >= REFUSALS_MS;
    if (this.#texts.generation !== this.#generation || isStale || this.#refusalCount >= REFUSALS_MAX) {
      this.#generation = this.#texts.generation;
      this.#forgetIds();
    }
    const known = this.#byIds.get(environment)?.get(model)?.get(version);
    if (known !== undefined) return known;
    const text = (id: number) => (id < 0 ? '' : this.#texts.textAt(id));
    const entry = this.admit({ environment: text(environment), model: text(model), version: text(version) }, nowMs);
    if (typeof entry === 'string' && this.#refusalCount++ === 0) this.#refusalsSinceMs = nowMs;
    level(level(this.#byIds, environment), model).set(version, entry);
    return entry;
  }

  /** Counts what was refused under the cap that refused it. */
  countRefused(refusal: Refusal, count: number): void {
    this.#books.overflow[CAP_OF[refusal]] += count;
  }

  /** The model, or why a cap refuses it. */
  admit(identity: Identity, nowMs: number): ModelEntry | Refusal {
    const key = keyOf(identity);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const standing = this.#references.standingOf(identity);
    const refusal =
      standing === undefined ? this.#refusalOfUnknown(identity) : this.#makeRoom(identity, standing, nowMs);
    if (refusal !== undefined) return refusal;
    const entry: ModelEntry = {
      identity,
      standing,
      target: undefined,
      builder: undefined,
      unknown: undefined,
      lastSeenMs: nowMs,
    };
    this.#bind(entry, nowMs);
    this.#entries.set(key, entry);
    this.#countsOf(standing).add(entry);
    return entry;
  }

  #refusalOfUnknown({ environment, model }: Identity): Refusal | undefined {
    const { environmentsMax, modelsMax, versionsMax } = this.#limits;
    const counts = this.#unknown;
    if (counts.ofEnvironment(environment).size === 0 && counts.environmentCount >= environmentsMax)
      return 'environment_limit';
    const versionCount = counts.ofModel(model).size;
    if (versionCount === 0 && counts.modelCount >= modelsMax) return 'model_limit';
    return versionCount >= versionsMax ? 'version_limit' : undefined;
  }

  #makeRoom({ environment, model }: Identity, standing: Standing, nowMs: number): Refusal | undefined {
    const { environmentsMax, versionsMax } = this.#limits;
    const counts = this.#referenced;
    if (
      !standing.namesEnvironment &&
      counts.ofEnvironment(environment).size === 0 &&
      counts.environmentCount >= environmentsMax &&
      !this.#letGo(counts.idleEnvironment(nowMs))
    )
      return 'environment_limit';
    const versions = counts.ofModel(model);
    const isFull = !standing.namesVersion && versions.size >= versionsMax;
    return isFull && !this.#letGo(counts.idleVersion(model, nowMs)) ? 'version_limit' : undefined;
  }

  /** False when there is nothing to let go. */
  #letGo(entries: readonly ModelEntry[]): boolean {
    for (const entry of entries) {
      this.#drop(entry);
      this.#references.release(entry.identity);
    }
    return entries.length > 0;
  }

  #drop(entry: ModelEntry): void {
    this.#entries.delete(keyOf(entry.identity));
    this.#countsOf(entry.standing).delete(entry);
    this.#forgetIds();
  }

  #forgetIds(): void {
    this.#byIds = new Map();
    this.#refusalCount = 0;
  }

  #countsOf(standing: Standing | undefined): ModelCounts {
    return standing === undefined ? this.#unknown : this.#referenced;
  }

  #bind(entry: ModelEntry, nowMs: number): void {
    const target = entry.standing === undefined ? undefined : this.#references.targetOf(entry.identity);
    if (target !== undefined && target === entry.target) return;
    entry.target = target;
    entry.builder = target === undefined ? undefined : new BatchBuilder(target.columns, this.#texts);
    entry.unknown = target === undefined ? (entry.unknown ?? new UnknownModelRecord(entry.identity, nowMs)) : undefined;
  }
}

function keyOf({ environment, model, version }: Identity): string {
  return JSON.stringify([environment, model, version]);
}

function level<V>(map: Map<number, Map<number, V>>, key: number): Map<number, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<number, V>();
  map.set(key, made);
  return made;
}
