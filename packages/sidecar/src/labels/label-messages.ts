/** What the main thread and the keeper of labels say to each other. All of it survives structured cloning. */
import type { ReferenceEntry } from '@leeway/engine';
import type { LabelWork } from '@leeway/intake';
import type { LabelReport } from './label-keeper.ts';

export type LabelRequest =
  | { readonly id: number; readonly kind: 'take'; readonly work: LabelWork; readonly nowMs: number }
  | { readonly id: number; readonly kind: 'report'; readonly closedThroughMs: number; readonly nowMs: number }
  | { readonly id: number; readonly kind: 'configure'; readonly references: readonly ReferenceEntry[] }
  | { readonly id: number; readonly kind: 'close' };

export type LabelReply =
  | { readonly id: number; readonly kind: 'done' }
  | { readonly id: number; readonly kind: 'report'; readonly report: LabelReport }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };
