/**
 * Which of a reference's block bands a window may use. A band was measured on blocks of one length: it holds for windows
 * of that length, and bounds that of longer ones, because blocks that are joined lie no farther from the rest than the
 * farthest of them (PSI is convex). Of shorter windows it says nothing.
 */
import type { ColumnReference, ReferenceProfile } from '../reference/profile.ts';

/** Why a block band that is not 0 in the reference, or could be there, is not used. */
export type BandReason = 'no_time' | 'window_differs' | 'disabled';

export interface ReferenceBand {
  /** PSI of the reference against itself, block to block; 0 with a reason. */
  readonly band: number;
  readonly bandReason?: BandReason;
  /** The same by hour, where the window is as long as the blocks and shorter than a day. */
  readonly bandSlots?: { readonly slotMs: number; readonly psi: readonly number[] };
}

export type BandPolicy = 'block' | 'always' | 'none';

export function referenceBand(
  { blockBand }: ColumnReference,
  { time }: ReferenceProfile,
  policy: BandPolicy,
  windowMs: number,
): ReferenceBand {
  if (policy === 'none') return { band: 0, bandReason: 'disabled' };
  if (time === undefined || blockBand === undefined) return { band: 0, bandReason: 'no_time' };
  if (policy === 'always') return { band: blockBand.psi };
  if (windowMs < time.blockMs) return { band: 0, bandReason: 'window_differs' };
  const { psi, slots, longer = [] } = blockBand;
  if (windowMs > time.blockMs) {
    const fitting = longer.filter(({ blockMs }) => blockMs <= windowMs).sort((a, b) => b.blockMs - a.blockMs);
    return { band: fitting[0]?.psi ?? psi };
  }
  if (slots === undefined) return { band: psi };
  return { band: psi, bandSlots: { slotMs: slots.periodMs / slots.psi.length, psi: slots.psi } };
}

/** The band of a window [startMs, endMs): the widest of the hours that it touches. */
export function bandOfWindow({ band, bandSlots }: ReferenceBand, startMs: number, endMs: number): number {
  if (bandSlots === undefined) return band;
  const { slotMs, psi } = bandSlots;
  const first = Math.floor(startMs / slotMs);
  const count = Math.min(psi.length, Math.ceil(endMs / slotMs) - first);
  let widest = 0;
  for (let slot = first; slot < first + count; slot += 1) {
    widest = Math.max(widest, psi[((slot % psi.length) + psi.length) % psi.length]);
  }
  return count > 0 ? widest : band;
}
