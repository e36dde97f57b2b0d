/**
 * One shard of the pipeline: bytes in, open panes inside, closed panes out. It runs in a worker thread, or in the main
 * one when there are no workers.
 *
 * This is the seam of durable state: `append` returns before the batch is acknowledged, and `snapshot` and `restore`
 * are versioned bytes. State is in memory for now: nothing stands behind them yet.
 */
import type { ReferenceEntry } from '@leeway/engine';
import type { LabelWork } from '@leeway/intake';
import {
  BODY_EVENT,
  BODY_PREFIX,
  type BooksSnapshot,
  ItemRevision,
  isObservationKey,
  ModelPanes,
  type ModelPanesSettings,
  type PanesReport,
  type ReportOptions,
  type Restored,
} from '@leeway/intake';
import { type AppendOutcome, createDecoder, type Decoder, type ReceivedBatch } from './receive/index.ts';

export interface ShardSettings extends ModelPanesSettings {
  readonly bodyBytesMax: number;
}

export type ShardReport = PanesReport;

export interface Appended {
  readonly outcome: AppendOutcome;
  /** For the keeper of labels, before the batch is acknowledged. */
  readonly labels?: LabelWork;
}

export class Shard {
  readonly #decoder: Decoder;
  readonly #panes: ModelPanes;

  constructor(settings: ShardSettings) {
    const { bodyBytesMax, hashSeed, mapping } = settings;
    const revision = new ItemRevision(mapping);
    this.#decoder = createDecoder({
      isObservationKey: (key) => isObservationKey(key, mapping),
      revise: (table) => revision.revise(table),
      bodies: { scopes: mapping?.scopes ?? [], prefix: BODY_PREFIX, eventName: BODY_EVENT },
      limits: { bodyBytesMax },
      hashSeed,
    });
    this.#panes = new ModelPanes(settings, () => this.#decoder.counters.observationCount);
  }

  /** Observations that were ever received. */
  get receivedCount(): number {
    return this.#panes.receivedCount;
  }

  append(batch: ReceivedBatch, nowMs: number): Appended {
    const decoded = this.#decoder.decode(batch);
    if (!decoded.ok) {
      const { kind } = decoded;
      return { outcome: kind === 'too_large' ? { kind } : { kind: 'undecodable', message: decoded.message } };
    }
    const taken = this.#panes.take(decoded.view, nowMs);
    const { rejectedItemCount: rejectedCount, rejectedCount: rows, remark, labels } = taken;
    const refusal = rows > 0 ? `${rows} observations were rejected: see leeway.observations.processed by reason.` : '';
    const message = [refusal, remark ?? ''].filter((text) => text !== '').join(' ');
    return {
      outcome: { kind: 'accepted', rejectedCount, ...(message === '' ? {} : { message }) },
      ...(labels === undefined ? {} : { labels }),
    };
  }

  /** Closed panes since the last report, and all counts. */
  report(nowMs: number, options: ReportOptions = {}): ShardReport {
    const report = this.#panes.report(nowMs, options);
    return { ...report, books: this.#withKeys(report.books) };
  }

  /** Schemas of packed values that another shard learned. */
  learnSchemas(schemas: ShardReport['freshSchemas']): void {
    this.#panes.learnSchemas(schemas);
  }

  /** Other references apply from now on. */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    this.#panes.configure(references, nowMs);
  }

  /** Open panes, seen ids and books, as versioned bytes. */
  snapshot(): Uint8Array {
    return this.#panes.snapshot();
  }

  /** See `ModelPanes.restore`. */
  restore(bytes: Uint8Array, isTrial = false): Restored {
    return this.#panes.restore(bytes, isTrial);
  }

  #withKeys(books: BooksSnapshot): BooksSnapshot {
    const keys = books.overflow.keys + this.#decoder.counters.keyOverflowCount;
    return { ...books, overflow: { ...books.overflow, keys } };
  }
}
