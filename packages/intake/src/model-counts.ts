/** Admitted models by environment and by name. An environment or version that a reference names takes no room. */
import type { ModelEntry } from './models.ts';

/** A model that was silent for so long makes room for another when there is none left. */
export const IDLE_MS = 600_000;
/** How soon it is looked again for an idle one: looking costs a step for each model. */
const RESCAN_MS = 10_000;
const NONE: ReadonlySet<ModelEntry> = new Set();

export class ModelCounts {
  readonly #environments = new Map<string, Set<ModelEntry>>();
  readonly #models = new Map<string, Set<ModelEntry>>();
  /** When nothing idle was found last: among environments under the empty key, among versions under the model's. */
  readonly #foundNoneMs = new Map<string, number>();

  get environmentCount(): number {
    return this.#environments.size;
  }

  get modelCount(): number {
    return this.#models.size;
  }

  ofEnvironment(environment: string): ReadonlySet<ModelEntry> {
    return this.#environments.get(environment) ?? NONE;
  }

  ofModel(model: string): ReadonlySet<ModelEntry> {
    return this.#models.get(model) ?? NONE;
  }

  add(entry: ModelEntry): void {
    const { identity, standing } = entry;
    if (standing?.namesEnvironment !== true) put(this.#environments, identity.environment, entry);
    if (standing?.namesVersion !== true) put(this.#models, identity.model, entry);
  }

  delete(entry: ModelEntry): void {
    take(this.#environments, entry.identity.environment, entry);
    take(this.#models, entry.identity.model, entry);
  }

  /** All models of the environment that was silent longest, if for IDLE_MS; empty when there is none. */
  idleEnvironment(nowMs: number): readonly ModelEntry[] {
    return this.#idle('', nowMs, this.#environments.values());
  }

  /** The version of this name that was silent longest, if for IDLE_MS. */
  idleVersion(model: string, nowMs: number): readonly ModelEntry[] {
    return this.#idle(
      `model ${model}`,
      nowMs,
      [...this.ofModel(model)].map((entry) => [entry]),
    );
  }

  #idle(key: string, nowMs: number, groups: Iterable<Iterable<ModelEntry>>): readonly ModelEntry[] {
    const foundNoneMs = this.#foundNoneMs.get(key);
    if (foundNoneMs !== undefined && nowMs - foundNoneMs < RESCAN_MS) return [];
    const idle = longestSilent(groups, nowMs);
    if (idle.length === 0) this.#foundNoneMs.set(key, nowMs);
    else this.#foundNoneMs.delete(key);
    return idle;
  }
}

function longestSilent(groups: Iterable<Iterable<ModelEntry>>, nowMs: number): readonly ModelEntry[] {
  let silent: readonly ModelEntry[] = [];
  let oldestMs = nowMs - IDLE_MS;
  for (const group of groups) {
    const entries = [...group];
    const lastSeenMs = Math.max(...entries.map(({ lastSeenMs: ms }) => ms));
    if (lastSeenMs > oldestMs) continue;
    oldestMs = lastSeenMs;
    silent = entries;
  }
  return silent;
}

function put(map: Map<string, Set<ModelEntry>>, key: string, entry: ModelEntry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([entry]));
  else known.add(entry);
}

function take(map: Map<string, Set<ModelEntry>>, key: string, entry: ModelEntry): void {
  const entries = map.get(key);
  if (entries?.delete(entry) === true && entries.size === 0) map.delete(key);
}
