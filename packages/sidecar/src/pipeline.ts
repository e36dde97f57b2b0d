/**
 * The whole line: receiver ▸ shards ▸ windows ▸ monitors ▸ exporters. The only place besides `main.ts` that sees all
 * stages.
 *
 * Invariants
 * 1. `append` resolves only when the shard has counted the batch: then it may be acknowledged.
 * 2. One tick at a time: silent models are retired, reports taken, windows evaluated, in this order.
 * 3. A snapshot is of one moment between two ticks: what a shard handed over is in the windows, and nowhere else.
 */
import {
  closedThrough,
  decodeParts,
  type Evaluation,
  encodeParts,
  modelName,
  type ReferenceEntry,
  type WatchedModel,
  WatchedModels,
  type WatchSettings,
  type WindowSettings,
} from '@leeway/engine';
import {
  addBooks,
  Books,
  type BooksSnapshot,
  type ModelIgnoredFeatures,
  type Restored as RestoredPanes,
  type UnknownModel,
} from '@leeway/intake';
import { type LabelHost, startLabels } from './labels/label-host.ts';
import type { LabelKeeperSettings, LabelReport } from './labels/label-keeper.ts';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';
import type { ShardReport, ShardSettings } from './shard.ts';
import { type LostCounts, NOTHING_LOST, type ShardHost, shardOf, startShards } from './shard-host.ts';
import type { WorkerShardOptions } from './worker-shard.ts';

export interface PipelineSettings {
  readonly shard: Omit<ShardSettings, 'references' | 'labels'>;
  readonly window: WindowSettings;
  readonly policyOf: WatchSettings['policyOf'];
  readonly references: readonly ReferenceEntry[];
  readonly workerCount: number;
  /** Predictions wait for labels; undefined when they do not. */
  readonly labels?: Pick<LabelKeeperSettings, 'path' | 'ttlMs' | 'labelWaitMs' | 'rowsMax' | 'bytesMax' | 'dueMs'>;
  /** Models without rows for so long are forgotten. */
  readonly retireAfterMs: () => number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly pause: () => Promise<void>;
  readonly onEvaluation?: (model: WatchedModel, evaluation: Evaluation, durationMs: number) => void;
  readonly onWorkerCrash?: (error: Error) => void;
  /** Labels could not be taken in, or their keeper died. */
  readonly onLabelFault?: (error: Error) => void;
  /** A model without a reference was seen, for the first time: said once for each of ANNOUNCED_MAX. */
  readonly onUnknownModel?: (model: UnknownModel) => void;
  /** See `WorkerShardOptions`; for tests. */
  readonly worker?: Omit<WorkerShardOptions, 'onCrash'>;
}

/** As of one shard, or because there are not as many shards as there were. */
export type Restored = RestoredPanes | { readonly ok: false; readonly reason: 'shard_count' };

const ANNOUNCED_MAX = 1_000;
const LABELS_BUSY: AppendOutcome = { kind: 'busy', retryAfterSeconds: 1 };
/** "LWPI" */
const KIND = { magic: 0x4950574c, version: 1 } as const;

export class Pipeline {
  readonly models: WatchedModels;
  readonly #settings: PipelineSettings;
  readonly #shards: readonly ShardHost[];
  readonly #labels: LabelHost | undefined;
  #labelReport: LabelReport | undefined;
  #books: BooksSnapshot = new Books().snapshot(0, 0);
  #dedupReachMs = 0;
  #workerCrashCount = 0;
  #unknown: readonly UnknownModel[] = [];
  #ignoredFeatures: readonly ModelIgnoredFeatures[] = [];
  readonly #announced = new Set<string>();
  #ticking: Promise<void> = Promise.resolve();

  /** @throws RangeError when a policy does not fit its reference */
  constructor(settings: PipelineSettings) {
    this.#settings = settings;
    const { window, policyOf, elapsedMs, pause, onEvaluation } = settings;
    const references = this.#withSegments(settings.references);
    this.models = new WatchedModels({
      window,
      policyOf,
      elapsedMs,
      pause,
      ...(onEvaluation === undefined ? {} : { onEvaluation }),
    });
    this.models.configure(references, settings.now());
    this.#labels = this.#startLabels(references);
    const shard = { ...settings.shard, labels: this.#labels !== undefined, references };
    this.#shards = startShards(shard, settings.workerCount, {
      ...settings.worker,
      onCrash: (error) => {
        this.#workerCrashCount++;
        settings.onWorkerCrash?.(error);
      },
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

  /** Acknowledged rows that died with workers. */
  get lost(): LostCounts {
    return this.#shards.reduce(
      (sum, { lost }) => ({
        not_booked: sum.not_booked + lost.not_booked,
        open_pane: sum.open_pane + lost.open_pane,
      }),
      NOTHING_LOST,
    );
  }

  /** Shards that died too often and stay down: their senders are told to come again, for ever. */
  get downCount(): number {
    return this.#shards.filter(({ isDown }) => isDown).length;
  }

  /** Models that send observations and have no reference, as of the last tick. */
  get unknownModels(): readonly UnknownModel[] {
    return this.#unknown;
  }

  /** Models that send features that their reference does not have, as of the last tick. */
  get ignoredFeatures(): readonly ModelIgnoredFeatures[] {
    return this.#ignoredFeatures;
  }

  /** As of the last tick; undefined when no labels are waited for. */
  get labels(): (LabelReport & { readonly droppedCount: number }) | undefined {
    if (this.#labels === undefined || this.#labelReport === undefined) return undefined;
    return { ...this.#labelReport, droppedCount: this.#labels.droppedCount };
  }

  async append(batch: ReceivedBatch): Promise<AppendOutcome> {
    if (this.#labels?.isReady === false) return LABELS_BUSY;
    const nowMs = this.#settings.now();
    const { outcome, labels } = await shardOf(this.#shards, batch).append(batch, nowMs);
    if (labels !== undefined) await this.#labels?.take(labels, nowMs);
    return outcome;
  }

  /** Takes what the shards closed and evaluates what is due. `closeAll`: the open panes too, at shutdown. */
  tick(closeAll = false): Promise<void> {
    return this.#alone(() => this.#tick(closeAll));
  }

  /** All state, as versioned bytes: open panes, windows, memories, seen ids, books. @throws Error when a worker is down */
  snapshot(): Promise<Uint8Array> {
    return this.#alone(async () => {
      await this.#tick(false);
      const shards = await Promise.all(this.#shards.map((shard) => shard.snapshot()));
      return encodeParts(KIND, { content: null, parts: [this.models.snapshot(), ...shards] });
    });
  }

  /**
   * On a pipeline that took nothing yet, with as many shards: all of it, or nothing. Series whose reference no longer
   * applies are left out, and counted.
   */
  restore(bytes: Uint8Array): Promise<Restored> {
    return this.#alone(async () => {
      const decoded = decodeParts(KIND, bytes);
      if (decoded === undefined) return { ok: false, reason: 'not_a_snapshot' };
      const [models, ...states] = decoded.parts;
      if (states.length !== this.#shards.length) return { ok: false, reason: 'shard_count' };
      const restoreAll = (isTrial: boolean) =>
        Promise.all(this.#shards.map((shard, i) => shard.restore(states[i], isTrial)));
      const trials = await restoreAll(true);
      const failed = trials.find(({ ok }) => !ok);
      if (failed !== undefined) return failed;
      if (!this.models.restore(models, true)) return { ok: false, reason: 'panes' };
      this.models.restore(models);
      const restored = await restoreAll(false);
      await this.#tick(false);
      const sum = (key: 'seriesCount' | 'leftCount') =>
        restored.reduce((total, one) => total + (one.ok ? one[key] : 0), 0);
      return { ok: true, seriesCount: sum('seriesCount'), leftCount: sum('leftCount') };
    });
  }

  /** Other references apply; nothing changes when one of them does not fit. @throws RangeError saying why */
  async configure(given: readonly ReferenceEntry[]): Promise<void> {
    await this.tick();
    const references = this.#withSegments(given);
    const nowMs = this.#settings.now();
    this.models.configure(references, nowMs);
    await Promise.all(this.#shards.map((shard) => shard.configure(references, nowMs)));
    await this.#labels?.configure(references);
    await this.tick();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#shards.map((shard) => shard.close()), this.#labels?.close()]);
  }

  /** After everything that was asked before, whether it succeeded or not. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#ticking.then(work, work);
    this.#ticking = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #tick(closeAll: boolean): Promise<void> {
    const nowMs = this.#settings.now();
    const retireBeforeMs = nowMs - this.#settings.retireAfterMs();
    const options = { closing: closeAll ? ('all' as const) : ('due' as const), retireBeforeMs };
    const reports = await Promise.all(this.#shards.map((shard) => shard.report(nowMs, options)));
    await this.#shareSchemas(reports);
    this.#books = reports.map(({ books }) => books).reduce(addBooks);
    this.#dedupReachMs = Math.min(...reports.map(({ dedupReachMs }) => dedupReachMs));
    this.#unknown = mergeUnknown(reports);
    this.#ignoredFeatures = reports.flatMap(({ ignoredFeatures }) => ignoredFeatures);
    this.#announceUnknown();
    const series = reports.flatMap((report) => report.series);
    this.models.take(series, this.#unknown, nowMs);
    this.models.retire(retireBeforeMs, nowMs);
    const through = closedThrough(this.#settings.window, series, nowMs, closeAll);
    this.models.advance(through);
    await this.#takeLabels(through, nowMs, closeAll);
    await this.models.evaluate();
  }

  /** Shards and keeper of labels know no policies: what these say of segments goes with the references. */
  #withSegments(references: readonly ReferenceEntry[]): readonly ReferenceEntry[] {
    return references.map((entry) => {
      const segments = this.#settings.policyOf(entry.profile).performance?.segments ?? [];
      return segments.length === 0 ? entry : { ...entry, segments };
    });
  }

  #startLabels(references: readonly ReferenceEntry[]): LabelHost | undefined {
    const { labels, window, workerCount, onLabelFault } = this.#settings;
    if (labels === undefined) return undefined;
    const { paneMs, windowMs, mode } = window;
    return startLabels({ ...labels, paneMs, windowMs, mode, references }, workerCount > 0, {
      onFault: (error) => onLabelFault?.(error),
    });
  }

  async #takeLabels(through: ReadonlyMap<string, number> | number, nowMs: number, closeAll: boolean): Promise<void> {
    if (this.#labels === undefined) return;
    // In a replay the models' clocks differ by what their rows say: the earliest closes for all.
    const closedMs = typeof through === 'number' ? through : Math.min(...through.values());
    const report = await this.#labels.report(closeAll ? Number.POSITIVE_INFINITY : closedMs, nowMs);
    if (report === undefined) return;
    this.#labelReport = { ...report, performance: [] };
    if (Number.isFinite(closedMs)) this.models.takePerformance(report.performance, closedMs);
  }

  #announceUnknown(): void {
    for (const model of this.#unknown) {
      if (this.#announced.size >= ANNOUNCED_MAX) return;
      if (this.#announced.has(modelName(model))) continue;
      this.#announced.add(modelName(model));
      this.#settings.onUnknownModel?.(model);
    }
  }

  /** Names of packed columns come to one shard; the others get packed values too. */
  async #shareSchemas(reports: readonly ShardReport[]): Promise<void> {
    const fresh = reports.flatMap(({ freshSchemas }) => freshSchemas);
    if (fresh.length === 0 || this.#shards.length === 1) return;
    await Promise.all(this.#shards.map((shard) => shard.learnSchemas(fresh)));
  }
}

function mergeUnknown(reports: readonly ShardReport[]): readonly UnknownModel[] {
  if (reports.length === 1) return reports[0].unknown;
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
