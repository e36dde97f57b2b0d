/**
 * The whole line: receiver ▸ shards ▸ windows ▸ monitors ▸ exporters. The only place besides `main.ts` that sees all
 * stages.
 *
 * Invariants
 * 1. `append` resolves only when the shard has counted the batch: then it may be acknowledged.
 * 2. One tick at a time: reports are taken, windows evaluated, models retired, in this order.
 */
import {
  closedThrough,
  type Evaluation,
  modelName,
  type ReferenceEntry,
  type WatchedModel,
  WatchedModels,
  type WatchSettings,
  type WindowSettings,
} from '@leeway/engine';
import type { BooksSnapshot, UnknownModel } from '@leeway/intake';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';
import type { ShardReport, ShardSettings } from './shard.ts';
import { addBooks, type ShardHost, shardOf, startShards } from './shard-host.ts';

export interface PipelineSettings {
  readonly shard: Omit<ShardSettings, 'references'>;
  readonly window: WindowSettings;
  readonly policyOf: WatchSettings['policyOf'];
  readonly references: readonly ReferenceEntry[];
  readonly workerCount: number;
  /** Models without rows for so long are forgotten. */
  readonly retireAfterMs: () => number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly pause: () => Promise<void>;
  readonly onEvaluation?: (model: WatchedModel, evaluation: Evaluation, durationMs: number) => void;
  readonly onWorkerCrash?: (error: Error) => void;
}

const NO_BOOKS: BooksSnapshot = {
  received: 0,
  processed: [],
  unweighted: 0,
  truncatedItems: 0,
  ignored: { no_values: 0, ground_truth: 0 },
  overflow: { environments: 0, models: 0, versions: 0, feature_names: 0, texts: 0, keys: 0, schemas: 0 },
};

export class Pipeline {
  readonly models: WatchedModels;
  readonly #settings: PipelineSettings;
  readonly #shards: readonly ShardHost[];
  #books: BooksSnapshot = NO_BOOKS;
  #dedupReachMs = 0;
  #workerCrashCount = 0;
  #ticking: Promise<void> = Promise.resolve();

  /** @throws RangeError when a policy does not fit its reference */
  constructor(settings: PipelineSettings) {
    this.#settings = settings;
    const { window, policyOf, references, elapsedMs, pause, onEvaluation } = settings;
    this.models = new WatchedModels({
      window,
      policyOf,
      elapsedMs,
      pause,
      ...(onEvaluation === undefined ? {} : { onEvaluation }),
    });
    this.models.configure(references, settings.now());
    this.#shards = startShards({ ...settings.shard, references }, settings.workerCount, (error) => {
      this.#workerCrashCount++;
      settings.onWorkerCrash?.(error);
    });
  }

  /** Of all shards, as of the last tick. */
  get books(): BooksSnapshot {
    return this.#books;
  }

  /** Of the shard that remembers least, milliseconds. */
  get dedupReachMs(): number {
    return this.#dedupReachMs;
  }

  get workerCrashCount(): number {
    return this.#workerCrashCount;
  }

  append(batch: ReceivedBatch): Promise<AppendOutcome> {
    return shardOf(this.#shards, batch).append(batch, this.#settings.now());
  }

  /** Takes what the shards closed and evaluates what is due. `closeAll`: the open panes too, at shutdown. */
  tick(closeAll = false): Promise<void> {
    this.#ticking = this.#ticking.then(
      () => this.#tick(closeAll),
      () => this.#tick(closeAll),
    );
    return this.#ticking;
  }

  /** Other references apply; nothing changes when one of them does not fit. @throws RangeError saying why */
  async configure(references: readonly ReferenceEntry[]): Promise<void> {
    await this.tick();
    const nowMs = this.#settings.now();
    this.models.configure(references, nowMs);
    await Promise.all(this.#shards.map((shard) => shard.configure(references, nowMs)));
    await this.tick();
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }

  async #tick(closeAll: boolean): Promise<void> {
    const nowMs = this.#settings.now();
    const reports = await Promise.all(this.#shards.map((shard) => shard.report(nowMs, closeAll)));
    await this.#shareSchemas(reports);
    this.#books = reports.map(({ books }) => books).reduce(addBooks);
    this.#dedupReachMs = Math.min(...reports.map(({ dedupReachMs }) => dedupReachMs));
    for (const { series, unknown } of reports) this.models.take(series, mergeUnknown(reports, unknown), nowMs);
    const allSeries = reports.flatMap(({ series }) => series);
    this.models.advance(closedThrough(this.#settings.window, allSeries, nowMs, closeAll));
    await this.models.evaluate();
    const retireAfterMs = this.#settings.retireAfterMs();
    if (this.models.retire(nowMs - retireAfterMs, nowMs).length > 0) {
      await Promise.all(this.#shards.map((shard) => shard.retire(nowMs - retireAfterMs)));
    }
  }

  /** Names of packed columns come to one shard; the others get packed values too. */
  async #shareSchemas(reports: readonly ShardReport[]): Promise<void> {
    const fresh = reports.flatMap(({ freshSchemas }) => freshSchemas);
    if (fresh.length === 0 || this.#shards.length === 1) return;
    await Promise.all(this.#shards.map((shard) => shard.learnSchemas(fresh)));
  }
}

function mergeUnknown(reports: readonly ShardReport[], own: readonly UnknownModel[]): readonly UnknownModel[] {
  if (reports.length === 1) return own;
  const merged = new Map<string, UnknownModel>();
  for (const one of reports.flatMap(({ unknown }) => unknown)) {
    const before = merged.get(modelName(one));
    if (before === undefined) merged.set(modelName(one), one);
    else {
      const names = new Set([...before.featureNames, ...one.featureNames]);
      const rowCount = before.rowCount + one.rowCount;
      const lastSeenMs = Math.max(before.lastSeenMs, one.lastSeenMs);
      const firstSeenMs = Math.min(before.firstSeenMs, one.firstSeenMs);
      merged.set(modelName(one), { ...one, rowCount, firstSeenMs, lastSeenMs, featureNames: [...names] });
    }
  }
  return [...merged.values()];
}
