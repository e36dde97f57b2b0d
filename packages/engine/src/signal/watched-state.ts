/** The bytes of the watched models: windows, the memory of monitors, counters, latest evaluations. */
import type { ModelKey } from '../reference/reference-match.ts';
import { decodeParts, encodeParts } from '../sketch/snapshot-parts.ts';
import type { Evaluation } from './evaluation.ts';
import type { MonitorSnapshot } from './monitor.ts';

/** "LWWM" */
const KIND = { magic: 0x4d57574c, version: 1 } as const;

interface Entry extends ModelKey {
  readonly referenceId: string;
  readonly sinceMs: number;
  readonly lastRowsMs: number;
  readonly monitor: MonitorSnapshot;
  readonly evaluation: Evaluation;
}

export interface WatchedState extends Entry {
  /** As `WindowRing` and `encodePane` write them, with checksums of their own. */
  readonly ring: Uint8Array;
  readonly totals: Uint8Array;
}

export function encodeWatched(models: readonly WatchedState[]): Uint8Array {
  return encodeParts(KIND, {
    content: models.map(({ ring: _, totals: __, ...entry }) => entry),
    parts: models.flatMap(({ ring, totals }) => [ring, totals]),
  });
}

/** Undefined when the bytes are not whole, or no state of this version. */
export function decodeWatched(bytes: Uint8Array): WatchedState[] | undefined {
  const decoded = decodeParts(KIND, bytes);
  if (decoded === undefined) return undefined;
  const entries = decoded.content as readonly Entry[];
  if (decoded.parts.length !== 2 * entries.length) return undefined;
  return entries.map((entry, i) => ({ ...entry, ring: decoded.parts[2 * i], totals: decoded.parts[2 * i + 1] }));
}
