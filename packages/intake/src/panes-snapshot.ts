/** The bytes of `ModelPanes`: open panes, the ids that were seen, the books. */

import type { HashSeed } from '@leeway/engine';
import { decodeParts, encodeParts } from '@leeway/engine';
import type { BooksSnapshot } from './books.ts';
import type { IntakeSnapshot } from './intake.ts';

/** "LWSH" */
const KIND = { magic: 0x4853574c, version: 2 } as const;

export interface SeriesState {
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly referenceId: string;
  readonly sinceMs: number;
  readonly lastRowsMs: number;
  /** The engine's own format, with a version and a checksum of its own. */
  readonly panes: Uint8Array;
}

export interface PanesState {
  readonly series: readonly SeriesState[];
  readonly intake: IntakeSnapshot;
  readonly books: BooksSnapshot;
}

interface Content {
  readonly series: readonly Omit<SeriesState, 'panes'>[];
  readonly idSeed: HashSeed;
  readonly forgottenMs: number | null;
  readonly slicesSinceMs: readonly number[];
  readonly books: BooksSnapshot;
}

export function encodePanesState({ series, intake, books }: PanesState): Uint8Array {
  const { idSeed, dedup } = intake;
  const content: Content = {
    series: series.map(({ panes: _, ...rest }) => rest),
    idSeed,
    forgottenMs: dedup.forgottenMs,
    slicesSinceMs: dedup.slices.map(({ sinceMs }) => sinceMs),
    books,
  };
  const ids = dedup.slices.map((slice) => new Uint8Array(slice.ids.buffer));
  return encodeParts(KIND, { content, parts: [...series.map(({ panes }) => panes), ...ids] });
}

/** Undefined when the bytes are not whole, or no state of this version. */
export function decodePanesState(bytes: Uint8Array): PanesState | undefined {
  const decoded = decodeParts(KIND, bytes);
  if (decoded === undefined) return undefined;
  const { series, idSeed, forgottenMs, slicesSinceMs, books } = decoded.content as Content;
  const { parts } = decoded;
  if (parts.length !== series.length + slicesSinceMs.length) return undefined;
  const slices = slicesSinceMs.map((sinceMs, i) => ({
    sinceMs,
    ids: new Int32Array(parts[series.length + i].slice().buffer),
  }));
  return {
    series: series.map((one, i) => ({ ...one, panes: parts[i] })),
    intake: { idSeed, dedup: { forgottenMs, slices } },
    books,
  };
}
