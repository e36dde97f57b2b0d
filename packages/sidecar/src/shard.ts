/**
 * One shard of the pipeline: bytes in, open panes inside, closed panes out. It runs in a worker thread, or in the main
 * one when there are no workers.
 *
 * This is the seam of durable state: `append` returns before the batch is acknowledged, and `snapshot` and `restore`
 * are versioned bytes. State is in memory for now: nothing calls them but tests.
 */
import type { ReferenceEntry } from '@leeway/engine';
import {
  BODY_EVENT,
  BODY_PREFIX,
  ItemRevision,
  isObservationKey,
  ModelPanes,
  type ModelPanesSettings,
  type PanesReport,
} from '@leeway/intake';
import { type AppendOutcome, createDecoder, type Decoder, type ReceivedBatch } from './receive/index.ts';

export interface ShardSettings extends ModelPanesSettings {
  readonly bodyBytesMax: number;
}

export type ShardReport = PanesReport;

export class Shard {
  readonly #decoder: Decoder;
  readonly #panes: ModelPanes;

  constructor(settings: ShardSettings) {
    const { mapping, bodyBytesMax } = settings;
    const revision = new ItemRevision(mapping);
    this.#decoder = createDecoder({
      isObservationKey: (key) => isObservationKey(key, mapping),
      revise: (table) => revision.revise(table),
      bodies: { scopes: mapping?.scopes ?? [], prefix: BODY_PREFIX, eventName: BODY_EVENT },
      limits: { bodyBytesMax },
    });
    this.#panes = new ModelPanes(settings);
  }

  append(batch: ReceivedBatch, nowMs: number): AppendOutcome {
    const decoded = this.#decoder.decode(batch);
    if (!decoded.ok)
      return decoded.kind === 'too_large' ? { kind: 'too_large' } : { kind: 'undecodable', message: decoded.message };
    const rejected = this.#panes.take(decoded.view, nowMs);
    const rejectedCount = Math.min(rejected, decoded.view.itemCount);
    if (rejectedCount === 0) return { kind: 'accepted', rejectedCount };
    return {
      kind: 'accepted',
      rejectedCount,
      message: 'Some observations were rejected: see leeway.observations.processed by reason.',
    };
  }

  /** Closed panes and counts since the last report. `closeAll` closes what is open: at shutdown. */
  report(nowMs: number, closeAll = false): ShardReport {
    const report = this.#panes.report(nowMs, closeAll ? 'all' : 'due');
    const { keyOverflowCount } = this.#decoder.counters;
    const { books } = report;
    return {
      ...report,
      books: { ...books, overflow: { ...books.overflow, keys: keyOverflowCount } },
    };
  }

  /** Schemas of packed values that another shard learned. */
  learnSchemas(schemas: ShardReport['freshSchemas']): void {
    this.#panes.learnSchemas(schemas);
  }

  /** Other references apply from now on. */
  configure(references: readonly ReferenceEntry[], nowMs: number): void {
    this.#panes.configure(references, nowMs);
  }

  /** Forgets models without rows since then. */
  retire(beforeMs: number): void {
    this.#panes.retire(beforeMs);
  }

  /** The open panes of all series, as versioned bytes. */
  snapshot(): Uint8Array {
    return this.#panes.snapshot();
  }

  /** See `ModelPanes.restore`. */
  restore(bytes: Uint8Array): number | 'invalid' {
    return this.#panes.restore(bytes);
  }
}
