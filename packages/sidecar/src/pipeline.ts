/**
 * The whole line: receiver ▸ shards ▸ windows ▸ monitors ▸ exporters. The only place besides `main.ts` that sees all
 * stages.
 *
 * Invariants
 * 1. `append` resolves only when the shard has counted the batch: then it may be acknowledged.
 * 2. One tick at a time: reports are taken, windows evaluated, models retired, in this order.
 */
import type { Evaluation } from '@leeway/engine';
import type { MonitoredModel } from '@leeway/exporter';
import { addBooks, Books, type BooksSnapshot, type UnknownModel } from '@leeway/intake';
import type { WindowSettings } from './config/settings.ts';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';
import type { ReferenceEntry } from './reference-match.ts';
import type { ShardReport, ShardSettings } from './shard.ts';
import { type ShardHost, shardOf, startShards } from './shard-host.ts';
import { modelName, WatchedModels, type WatchSettings } from './watched-models.ts';

export interface PipelineSettings {
  readonly shard: Omit<ShardSettings, 'references'>;
  readonly window: WindowSettings;
  readonly policyOf: WatchSettings['policyOf'];
  readonly references: readonly ReferenceEntry[];
  readonly workerCount: number;
  /** Models without rows for so long are forgotten. */
  readonly retireAfterMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly onEvaluation?: (model: MonitoredModel, evaluation: Evaluation, durationMs: number) => void;
  readonly onWorkerCrash?: (error: Error) => void;
}

export class Pipeline {
  readonly models: WatchedModels;
  readonly #settings: PipelineSettings;
  readonly #shards: readonly ShardHost[];
  #books: BooksSnapshot = new Books().snapshot(0, 0);
  #dedupReachMs = 0;
  #workerCrashCount = 0;
  #ticking: Promise<void> = Promise.resolve();

  /** @throws RangeError when a policy does not fit its reference */
  constructor(settings: PipelineSettings) {
    this.#settings = settings;
    const { window, policyOf, references, elapsedMs, onEvaluation } = settings;
    this.models = new WatchedModels({
      window,
      policyOf,
      elapsedMs,
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
    this.#books = reports.map(({ books }) => books).reduce(addBooks);
    this.#dedupReachMs = Math.min(...reports.map(({ dedupReachMs }) => dedupReachMs));
    for (const { series, unknown } of reports) this.models.take(series, mergeUnknown(reports, unknown), nowMs);
    this.models.advance(this.#closedThrough(reports, nowMs, closeAll));
    await this.models.evaluate();
    // Also for models without a reference, which nobody watches: what they hold of the limits must come back.
    const { retireAfterMs } = this.#settings;
    this.models.retire(nowMs - retireAfterMs, nowMs);
    await Promise.all(this.#shards.map((shard) => shard.retire(nowMs - retireAfterMs)));
  }

  /** Wall mode: by the clock, the same for all models, rows or none. Event mode: the minimum over the shards, by model. */
  #closedThrough(
    reports: readonly ShardReport[],
    nowMs: number,
    closeAll: boolean,
  ): ReadonlyMap<string, number> | number {
    const { mode, latenessMs, paneMs } = this.#settings.window;
    if (mode === 'wall') return closeAll ? Math.ceil(nowMs / paneMs) * paneMs : nowMs - latenessMs;
    const through = new Map<string, number>();
    for (const { series } of reports) {
      for (const one of series) {
        if (one.isEnded) continue;
        const name = modelName(one);
        through.set(name, Math.min(through.get(name) ?? Number.POSITIVE_INFINITY, one.closedThroughMs));
      }
    }
    return through;
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
