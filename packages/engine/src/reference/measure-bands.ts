/** A column's block bands: of the window's length, by hour where a day is longer, and of the longer windows. */
import { type BlockDistance, blockDistances, largestDistance } from '../signal/block-band.ts';
import { type Block, blockCounts, mergeBlocks } from './block-counts.ts';
import type { ColumnInput } from './column-source.ts';
import type { BandSlots, BlockBand, ColumnReference } from './profile.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Lengths that a window may have beside the one that the profile is made for. */
const LONGER_MS = [HOUR_MS, DAY_MS, WEEK_MS] as const;
/** Blocks that a slot must have to say anything; the global band stands in for one that has fewer. */
const SLOT_BLOCK_COUNT_MIN = 4;
/** With fewer weeks the hours of a week have too few blocks each: then the hours of a day. */
const WEEK_COUNT_MIN = 8;

/** Undefined with fewer than two blocks. */
export function measureBands(column: ColumnReference, input: ColumnInput, blockMs: number): BlockBand | undefined {
  const { blocks, droppedCount } = blockCounts(column, input, blockMs);
  if (blocks.length < 2) return undefined;
  const distances = blockDistances(blocks.map(({ counts }) => counts));
  const psi = largestOf(distances);
  const slots = bandSlots(blocks, distances, blockMs, psi);
  // Blocks that were thinned have no neighbours to merge with.
  const longer = droppedCount > 0 ? [] : longerBands(blocks, blockMs);
  return {
    psi,
    blockCount: blocks.length,
    ...(droppedCount === 0 ? {} : { droppedBlockCount: droppedCount }),
    ...(slots === undefined ? {} : { slots }),
    ...(longer.length === 0 ? {} : { longer }),
  };
}

function largestOf(distances: readonly (BlockDistance | undefined)[]): number {
  return largestDistance(distances.filter((distance) => distance !== undefined));
}

/** The bands of the hours: undefined when no rhythm of a day can be told from the blocks. */
function bandSlots(
  blocks: readonly Block[],
  distances: readonly (BlockDistance | undefined)[],
  blockMs: number,
  psi: number,
): BandSlots | undefined {
  const slotMs = Math.max(HOUR_MS, blockMs);
  if (slotMs >= DAY_MS || DAY_MS % slotMs !== 0 || slotMs % blockMs !== 0) return undefined;
  const spanMs = (blocks[blocks.length - 1].index + 1 - blocks[0].index) * blockMs;
  const periodMs = spanMs >= WEEK_COUNT_MIN * WEEK_MS ? WEEK_MS : DAY_MS;
  const bySlot = Array.from({ length: periodMs / slotMs }, (): BlockDistance[] => []);
  distances.forEach((distance, i) => {
    const slot = Math.floor((blocks[i].index * blockMs) / slotMs);
    if (distance !== undefined) bySlot[modulo(slot, bySlot.length)].push(distance);
  });
  const bands = bySlot.map((own) => (own.length < SLOT_BLOCK_COUNT_MIN ? psi : largestDistance(own)));
  return bands.every((band) => band === psi) ? undefined : { periodMs, psi: bands };
}

function longerBands(blocks: readonly Block[], blockMs: number): NonNullable<BlockBand['longer']> {
  return LONGER_MS.filter((lengthMs) => lengthMs > blockMs && lengthMs % blockMs === 0).flatMap((lengthMs) => {
    const merged = mergeBlocks(blocks, lengthMs / blockMs);
    if (merged.length < 2) return [];
    const psi = largestOf(blockDistances(merged.map(({ counts }) => counts)));
    return [{ blockMs: lengthMs, psi, blockCount: merged.length }];
  });
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;
