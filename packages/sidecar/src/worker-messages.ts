/** What the main thread and a worker say to each other. All of it survives structured cloning. */
import type { ReferenceEntry } from '@leeway/engine';
import type { AppendOutcome, ReceivedBatch } from './receive/index.ts';
import type { ShardReport } from './shard.ts';

export type Request =
  | { readonly id: number; readonly kind: 'append'; readonly batch: ReceivedBatch; readonly nowMs: number }
  | { readonly id: number; readonly kind: 'report'; readonly nowMs: number; readonly closeAll: boolean }
  | {
      readonly id: number;
      readonly kind: 'configure';
      readonly references: readonly ReferenceEntry[];
      readonly nowMs: number;
    }
  | { readonly id: number; readonly kind: 'learn'; readonly schemas: ShardReport['freshSchemas'] }
  | { readonly id: number; readonly kind: 'retire'; readonly beforeMs: number };

export type Reply =
  | { readonly id: number; readonly kind: 'append'; readonly outcome: AppendOutcome }
  | { readonly id: number; readonly kind: 'report'; readonly report: ShardReport }
  | { readonly id: number; readonly kind: 'done' };
