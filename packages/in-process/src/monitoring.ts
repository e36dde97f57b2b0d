/**
 * The engine inside the process: items in, evaluations and metrics out. What the sidecar spreads over a receiver, shards
 * and a main thread is one object here.
 *
 * Invariants
 * 1. Adding an item never throws and never waits. What cannot be taken is counted by reason.
 * 2. One tick at a time: items are taken, panes closed, windows evaluated, models retired, in this order.
 * 3. After `close` nothing is added any more, and every pane is closed and judged.
 */
import {
  closedThrough,
  type HostSettings,
  milliseconds,
  policyFor,
  type ReferenceEntry,
  WatchedModels,
  type WindowSettings,
  windowSettings,
} from '@leeway/engine';
import type { BooksView } from '@leeway/exporter/metrics';
import {
  type Closing,
  type HashSeed,
  ItemRevision,
  type KeyMapping,
  ModelPanes,
  type PanesReport,
} from '@leeway/intake';
import { ItemTable } from './item-table.ts';
import { type Judgement, judgementOf } from './judgement.ts';
import type { EmittedLogRecord, FinishedSpan } from './telemetry.ts';

export interface MonitoringSettings {
  readonly settings: HostSettings;
  readonly references: readonly ReferenceEntry[];
  readonly mapping: KeyMapping;
  readonly now: () => number;
  /** 64 random bits that nobody whose values are monitored can know. */
  readonly hashSeed: HashSeed;
  readonly onEvaluation: (judgement: Judgement, durationMs: number) => void;
  readonly onError: (error: Error) => void;
}

/** Why an item that was handed over is not among those that intake saw. */
const LOST_REASONS = ['not_sampled', 'too_large', 'closed', 'fault'] as const;
type LostReason = (typeof LOST_REASONS)[number];

/** An item that comes so long after the one before begins a batch. */
const BATCH_MS_MAX = 1_000;
/** How long a tick waits for a resource detector, which may never answer. */
const RESOURCE_WAIT_MS = 1_000;
/** W3C trace context, "sampled". */
const SAMPLED = 1;

export class Monitoring {
  readonly models: WatchedModels;
  readonly window: WindowSettings;
  readonly #settings: MonitoringSettings;
  readonly #table: ItemTable;
  readonly #revision: ItemRevision;
  readonly #panes: ModelPanes;
  readonly #retireAfterMs: number;
  readonly #lost: Record<LostReason, number> = { not_sampled: 0, too_large: 0, closed: 0, fault: 0 };
  #report: PanesReport;
  #ticking: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** When the last item came: its rows are late by that, not by when they are taken. */
  #addedMs = 0;

  /** @throws RangeError when a policy does not fit its reference */
  constructor(settings: MonitoringSettings) {
    this.#settings = settings;
    const { settings: host, references, mapping, now, onEvaluation } = settings;
    this.window = windowSettings(host);
    this.models = new WatchedModels({
      window: this.window,
      policyOf: (reference) => policyFor(host, reference),
      elapsedMs: () => performance.now(),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      onEvaluation: (model, evaluation, durationMs) => onEvaluation(judgementOf(model, evaluation), durationMs),
    });
    this.models.configure(references, now());
    this.#table = new ItemTable(mapping);
    this.#revision = new ItemRevision(mapping);
    this.#panes = new ModelPanes({
      ...this.window,
      environmentsMax: host.limits.environments,
      modelsMax: host.limits.models,
      versionsMax: host.limits.versions,
      dedupIdsMax: host.limits.dedup_ids,
      hashSeed: settings.hashSeed,
      references,
      mapping,
    });
    this.#retireAfterMs = milliseconds(host.retire_after);
    this.#report = this.#panes.report(now());
  }

  /** As of the last tick. */
  get books(): BooksView {
    const { books } = this.#report;
    return {
      ...books,
      ignored: { ...books.ignored, ...this.#lost },
      overflow: { ...books.overflow, keys: this.#table.keys.overflowCount },
    };
  }

  get unreferencedCount(): number {
    return this.#report.unknown.length;
  }

  get dedupReachMs(): number {
    return this.#report.dedupReachMs;
  }

  addSpan(span: FinishedSpan): void {
    if (this.#isClosed) this.#lost.closed++;
    else {
      try {
        this.#adding();
        // Weights say how many spans a sampled one stands for: counting those that it stands for too would be twice.
        if ((span.spanContext().traceFlags & SAMPLED) === 0) this.#lost.not_sampled++;
        else if (!this.#table.addSpan(span)) this.#lost.too_large++;
        if (this.#table.isFull) this.#take();
      } catch (error) {
        this.#refuse(error);
      }
    }
  }

  addLogRecord(record: EmittedLogRecord): void {
    if (this.#isClosed) this.#lost.closed++;
    else {
      try {
        this.#adding();
        if (!this.#table.addLogRecord(record)) this.#lost.too_large++;
        if (this.#table.isFull) this.#take();
      } catch (error) {
        this.#refuse(error);
      }
    }
  }

  /** Takes what was added and evaluates what is due. */
  tick(closing: Closing = 'due'): Promise<void> {
    const run = () => this.#tick(closing);
    this.#ticking = this.#ticking.then(run, run);
    return this.#ticking;
  }

  /** Other references apply; nothing changes when one of them does not fit. @throws RangeError saying why */
  async configure(references: readonly ReferenceEntry[]): Promise<void> {
    await this.tick();
    const nowMs = this.#settings.now();
    this.models.configure(references, nowMs);
    this.#panes.configure(references, nowMs);
    await this.tick();
  }

  /** What was added before is counted and judged; what comes later is only counted. */
  close(): Promise<void> {
    if (this.#isClosed) return this.#ticking;
    this.#isClosed = true;
    return this.tick('all');
  }

  async #tick(closing: Closing): Promise<void> {
    await this.#settleResources();
    const nowMs = this.#settings.now();
    this.#take();
    const beforeMs = nowMs - this.#retireAfterMs;
    const report = this.#panes.report(nowMs, { closing, retireBeforeMs: beforeMs });
    this.#report = report;
    this.models.take(report.series, report.unknown, nowMs);
    this.models.retire(beforeMs, nowMs);
    this.models.advance(closedThrough(this.window, report.series, nowMs, closing === 'all'));
    await this.models.evaluate();
  }

  /** The environment may be among the attributes that a detector is still waiting for. */
  async #settleResources(): Promise<void> {
    const pending = this.#table.resources.filter((resource) => resource.asyncAttributesPending === true);
    if (pending.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RESOURCE_WAIT_MS).unref();
    });
    await Promise.race([Promise.all(pending.map((resource) => resource.waitForAsyncAttributes?.())), timeout]);
    clearTimeout(timer);
  }

  /** Items of one batch came at about one time, whatever kept the timer: a process may be frozen for an hour. */
  #adding(): void {
    const nowMs = this.#settings.now();
    if (Math.abs(nowMs - this.#addedMs) > BATCH_MS_MAX) this.#take();
    this.#addedMs = nowMs;
  }

  #refuse(error: unknown): void {
    this.#table.rollBack();
    this.#fail(error);
  }

  #take(): void {
    const table = this.#table;
    if (table.itemCount === 0) return;
    try {
      const view = table.seal();
      this.#revision.revise(view);
      this.#panes.take(view, this.#addedMs);
    } catch (error) {
      this.#fail(error, table.itemCount);
    }
    table.clear();
  }

  /** Ours, or that of an object which is no span: the service must not notice either way. */
  #fail(error: unknown, itemCount = 1): void {
    this.#lost.fault += itemCount;
    this.#settings.onError(error instanceof Error ? error : new Error(String(error)));
  }
}
