/**
 * The models that were seen, admitted up to a cap, each with what takes its rows.
 *
 * Invariants
 * 1. A model is an (environment, name, version). At most environmentsMax, modelsMax and versionsMax (of one name) are
 *    admitted; what comes beyond is refused and counted by cap.
 * 2. `resolve` is asked once a model and after every `invalidate`.
 */
import type { AppendCounts, ColumnBatch } from '@leeway/engine';
import { BatchBuilder, type BuilderColumn } from './batch-builder.ts';
import type { Books } from './books.ts';
import type { Texts } from './texts.ts';
import { type Identity, UnknownModelRecord } from './unknown-models.ts';

/** Takes the rows of one model: its panes. */
export interface Target {
  /** Features, then outputs, in the order of the reference. */
  readonly columns: readonly BuilderColumn[];
  append(batch: ColumnBatch, nowMs: number): AppendCounts;
}

/** Undefined for a model that has no reference. */
export type Resolve = (identity: Identity) => Target | undefined;

export interface ModelLimits {
  readonly environmentsMax: number;
  readonly modelsMax: number;
  readonly versionsMax: number;
}

export const MODEL_LIMITS: ModelLimits = { environmentsMax: 20, modelsMax: 500, versionsMax: 50 };

export interface ModelEntry {
  readonly identity: Identity;
  target: Target | undefined;
  builder: BatchBuilder | undefined;
  unknown: UnknownModelRecord | undefined;
  lastSeenMs: number;
}

export class Models {
  readonly #resolve: Resolve;
  readonly #limits: ModelLimits;
  readonly #texts: Texts;
  readonly #books: Books;
  readonly #entries = new Map<string, ModelEntry>();
  readonly #environments = new Set<string>();
  readonly #versions = new Map<string, Set<string>>();
  /** By text ids, valid for one generation of texts. */
  #byIds = new Map<number, Map<number, Map<number, ModelEntry | null>>>();
  #generation = -1;

  constructor(resolve: Resolve, limits: ModelLimits, texts: Texts, books: Books) {
    this.#resolve = resolve;
    this.#limits = limits;
    this.#texts = texts;
    this.#books = books;
  }

  /** References changed: every model is resolved anew. */
  invalidate(nowMs: number): void {
    for (const entry of this.#entries.values()) this.#bind(entry, nowMs);
  }

  entries(): Iterable<ModelEntry> {
    return this.#entries.values();
  }

  /** Lets a model go that has not been seen since then; it is admitted anew when it comes back. */
  retire(beforeMs: number): Identity[] {
    const gone: Identity[] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.lastSeenMs >= beforeMs) continue;
      this.#entries.delete(key);
      this.#versions.get(entry.identity.model)?.delete(JSON.stringify(entry.identity));
      gone.push(entry.identity);
    }
    if (gone.length > 0) this.#byIds = new Map();
    return gone;
  }

  /** @param environment, model, version text ids; −1 for none. Null when a cap refuses the model. */
  entryOf(environment: number, model: number, version: number, nowMs: number): ModelEntry | null {
    if (this.#texts.generation !== this.#generation) {
      this.#generation = this.#texts.generation;
      this.#byIds = new Map();
    }
    const known = this.#byIds.get(environment)?.get(model)?.get(version);
    if (known !== undefined) return known;
    const text = (id: number) => (id < 0 ? '' : this.#texts.textAt(id));
    const entry = this.#admit({ environment: text(environment), model: text(model), version: text(version) }, nowMs);
    if (entry !== null) level(level(this.#byIds, environment), model).set(version, entry);
    return entry;
  }

  #admit(identity: Identity, nowMs: number): ModelEntry | null {
    const key = JSON.stringify([identity.environment, identity.model, identity.version]);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const { overflow } = this.#books;
    const versions = this.#versions.get(identity.model);
    if (!this.#environments.has(identity.environment) && this.#environments.size >= this.#limits.environmentsMax) {
      overflow.environments++;
      return null;
    }
    if (versions === undefined && this.#versions.size >= this.#limits.modelsMax) {
      overflow.models++;
      return null;
    }
    if (versions !== undefined && versions.size >= this.#limits.versionsMax) {
      overflow.versions++;
      return null;
    }
    this.#environments.add(identity.environment);
    if (versions === undefined) this.#versions.set(identity.model, new Set([JSON.stringify(identity)]));
    else versions.add(JSON.stringify(identity));
    const entry: ModelEntry = {
      identity,
      target: undefined,
      builder: undefined,
      unknown: undefined,
      lastSeenMs: nowMs,
    };
    this.#bind(entry, nowMs);
    this.#entries.set(key, entry);
    return entry;
  }

  #bind(entry: ModelEntry, nowMs: number): void {
    const target = this.#resolve(entry.identity);
    if (target !== undefined && target === entry.target) return;
    entry.target = target;
    entry.builder = target === undefined ? undefined : new BatchBuilder(target.columns, this.#texts);
    entry.unknown = target === undefined ? (entry.unknown ?? new UnknownModelRecord(entry.identity, nowMs)) : undefined;
  }
}

function level<V>(map: Map<number, Map<number, V>>, key: number): Map<number, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<number, V>();
  map.set(key, made);
  return made;
}
