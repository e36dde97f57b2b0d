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
  /** As `PerformanceMonitor` writes it; empty where there is nothing. */
  readonly performance: Uint8Array;
}

export function encodeWatched(models: readonly WatchedState[]): Uint8Array {
  return encodeParts(KIND, {
    content: models.map(({ ring: _, totals: __, performance: ___, ...entry }) => entry),
    parts: models.flatMap(({ ring, totals, performance }) => [ring, totals, performance]),
  });
}

/** Undefined when the bytes are not whole, or no state of this version. */
export function decodeWatched(bytes: Uint8Array): WatchedState[] | undefined {
  const decoded = decodeParts(KIND, bytes);
  if (decoded === undefined) return undefined;
  const entries = decoded.content as readonly Entry[];
  // Before performance was a signal there were two parts a model.
  const size = decoded.parts.length === 2 * entries.length ? 2 : 3;
  if (decoded.parts.length !== size * entries.length) return undefined;
  return entries.map((entry, i) => {
    const [ring, totals, performance = new Uint8Array(0)] = decoded.parts.slice(size * i, size * (i + 1));
    return { ...entry, ring, totals, performance };
  });
}
