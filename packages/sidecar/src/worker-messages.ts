/** What the main thread and a worker say to each other. All of it survives structured cloning. */
import type { ReferenceEntry } from '@leeway/engine';
import type { ReportOptions, Restored } from '@leeway/intake';
import type { ReceivedBatch } from './receive/index.ts';
import type { Appended, ShardReport } from './shard.ts';

export type Request =
  | { readonly id: number; readonly kind: 'append'; readonly batch: ReceivedBatch; readonly nowMs: number }
  | { readonly id: number; readonly kind: 'report'; readonly nowMs: number; readonly options: ReportOptions }
  | {
      readonly id: number;
      readonly kind: 'configure';
      readonly references: readonly ReferenceEntry[];
      readonly nowMs: number;
    }
  | { readonly id: number; readonly kind: 'learn'; readonly schemas: ShardReport['freshSchemas'] }
  | { readonly id: number; readonly kind: 'snapshot' }
  | { readonly id: number; readonly kind: 'restore'; readonly bytes: Uint8Array; readonly isTrial: boolean };

export type Reply =
  | {
      readonly id: number;
      readonly kind: 'append';
      readonly appended: Appended;
      /** Observations that the worker ever received: what is acknowledged with this answer. */
      readonly receivedCount: number;
    }
  | { readonly id: number; readonly kind: 'report'; readonly report: ShardReport }
  | { readonly id: number; readonly kind: 'snapshot'; readonly bytes: Uint8Array }
  | { readonly id: number; readonly kind: 'restore'; readonly restored: Restored }
  | { readonly id: number; readonly kind: 'configure' | 'learn' };
