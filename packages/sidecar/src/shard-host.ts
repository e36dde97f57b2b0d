/**
 * Shards behind one promise-based face, wherever they run: in worker threads (`worker-shard.ts`), or inline.
 *
 * Invariant: a batch that is sent again goes to the same shard, so that its rows are known as duplicates: the shard is
 * chosen by a checksum of the bytes.
 */
import { crc32 } from 'node:zlib';
import type { ReferenceEntry } from '@leeway/engine';
import type { ReportOptions, Restored } from '@leeway/intake';
import type { ReceivedBatch } from './receive/index.ts';
import { type Appended, Shard, type ShardReport, type ShardSettings } from './shard.ts';
import { WorkerShard, type WorkerShardOptions } from './worker-shard.ts';

/** Acknowledged rows that died with a worker. */
export interface LostCounts {
  /** Received after the last report: their outcome is `lost`. */
  readonly not_booked: number;
  /** Counted, in panes that were open at the last report: no series shows them. */
  readonly open_pane: number;
}

export const NOTHING_LOST: LostCounts = { not_booked: 0, open_pane: 0 };

export interface ShardHost {
  readonly lost: LostCounts;
  /** It died too often and stays down: everything is answered busy. */
  readonly isDown: boolean;
  append(batch: ReceivedBatch, nowMs: number): Promise<Appended>;
  report(nowMs: number, options?: ReportOptions): Promise<ShardReport>;
  configure(references: readonly ReferenceEntry[], nowMs: number): Promise<void>;
  /** Schemas of packed values that another shard learned. */
  learnSchemas(schemas: ShardReport['freshSchemas']): Promise<void>;
  /** Versioned bytes of all that the shard holds. @throws Error when its worker is not running */
  snapshot(): Promise<Uint8Array>;
  /** See `ModelPanes.restore`. @throws Error when its worker is not running */
  restore(bytes: Uint8Array, isTrial: boolean): Promise<Restored>;
  close(): Promise<void>;
}

/** Bytes of a body that the checksum reads: enough to tell batches apart, little to read. */
const CHECKSUM_BYTES = 4096;

export function startShards(settings: ShardSettings, workerCount: number, options: WorkerShardOptions): ShardHost[] {
  if (workerCount === 0) return [inlineShard(settings)];
  return Array.from({ length: workerCount }, () => new WorkerShard(settings, options));
}

export function shardOf<T>(shards: readonly T[], { body }: ReceivedBatch): T {
  if (shards.length === 1) return shards[0];
  return shards[crc32(body.subarray(0, CHECKSUM_BYTES), body.length) % shards.length];
}

function inlineShard(settings: ShardSettings): ShardHost {
  const shard = new Shard(settings);
  return {
    lost: NOTHING_LOST,
    isDown: false,
    append: async (batch, nowMs) => shard.append(batch, nowMs),
    report: async (nowMs, options) => shard.report(nowMs, options),
    configure: async (references, nowMs) => shard.configure(references, nowMs),
    learnSchemas: async (schemas) => shard.learnSchemas(schemas),
    snapshot: async () => shard.snapshot(),
    restore: async (bytes, isTrial) => shard.restore(bytes, isTrial),
    close: async () => undefined,
  };
}
