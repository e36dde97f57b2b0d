/**
 * Exact order statistics of a column in fixed memory, whatever the number of rows.
 *
 * Radix selection from the top: the first scan counts values by the upper 20 bits of their order-preserving form.
 * Only the buckets that hold a wanted rank stay active. When the values in active buckets fit a buffer, one more scan
 * collects and sorts them; else a scan counts them by their next 14 or 15 bits, and so on: after four scans every bit
 * is known. An active bucket with a single value in it is done. Many ranks go deeper in batches.
 */
import type { ColumnSource } from './column-source.ts';

const TOP_BITS = 20;
/** Bits of the levels below the top: 20 + 14 + 15 + 15 = 64. */
const LEVEL_BITS = [14, 15, 15] as const;
/** Values that are collected and sorted at most: 2 MB. */
const COLLECT_COUNT_MAX = 1 << 18;
/**
 * Ranks that are taken to deeper levels together: further ones cost further scans, not further memory (a rank needs
 * 160 kB at the first level below the top, 330 kB at each of the others).
 */
const REFINED_RANK_COUNT_MAX = 64;

const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);
const SIGN_BIT = 1 << 31;
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Buffers that the columns of one profile share; about 12 MB, and up to 50 MB more for columns that need several levels. */
export class SelectionBuffers {
  readonly top = new Float64Array(1 << TOP_BITS);
  readonly collected = new Float64Array(COLLECT_COUNT_MAX);
  readonly maps: Int16Array[] = [new Int16Array(1 << TOP_BITS)];
  readonly #counts: Float64Array[] = [];

  /** Zeroed counts of a level below the top; a map of the same length stands beside them. */
  level(index: number, slotCount: number): Float64Array {
    const size = slotCount << LEVEL_BITS[index];
    const present = this.#counts[index];
    if (present !== undefined && present.length >= size) {
      present.fill(0);
      return present;
    }
    this.#counts[index] = new Float64Array(size);
    this.maps[index + 1] = new Int16Array(size);
    return this.#counts[index];
  }
}

/** Counts the finite ones of the first `count` values at the top level; the caller zeroes `top` first. */
export function countTop(top: Float64Array, values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value - value === 0) top[highWord(value) >>> (32 - TOP_BITS)]++;
  }
}

/**
 * Values at `ranks` (ascending, 0 is the smallest), given the counts of `countTop` over all finite values. At most
 * 32,767 ranks. `collectCountMax` is for tests.
 */
export function selectRanks(
  source: ColumnSource,
  ranks: readonly number[],
  buffers: SelectionBuffers,
  collectCountMax = COLLECT_COUNT_MAX,
): Float64Array {
  const found = new Float64Array(ranks.length);
  const all = ranks.map((rank, at) => ({ rank, at }));
  const top = (targets: readonly Target[]) => activate(buffers.top, buffers.maps[0], 0, (1 << TOP_BITS) - 1, targets);
  const slots = top(all);
  if (sizeOf(slots) <= collectCountMax) {
    if (slots.length > 0) collect(source, slots, 0, buffers, found);
    return found;
  }
  for (let from = 0; from < all.length; from += REFINED_RANK_COUNT_MAX) {
    const batch = top(all.slice(from, from + REFINED_RANK_COUNT_MAX));
    resolve(source, batch, buffers, found, collectCountMax);
  }
  return found;
}

/** Level by level until the values that are left can be collected, or every bit is known. */
function resolve(
  source: ColumnSource,
  top: Slot[],
  buffers: SelectionBuffers,
  found: Float64Array,
  collectCountMax: number,
): void {
  let slots = top;
  for (let level = 0; slots.length > 0; level++) {
    if (sizeOf(slots) <= collectCountMax) {
      collect(source, slots, level, buffers, found);
      return;
    }
    if (level === LEVEL_BITS.length) return;
    slots = refine(source, slots, level, buffers, found);
  }
}

/** A wanted rank, counted from its bucket's first value, and where its value goes. */
interface Target {
  readonly rank: number;
  readonly at: number;
}

/** A bucket that holds wanted ranks. */
interface Slot {
  readonly index: number;
  readonly targets: readonly Target[];
  readonly size: number;
}

function sizeOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + slot.size, 0);
}

/** Finds the targets' buckets in `counts[from … to]`, numbers them in `map` from `firstIndex` on. */
function activate(
  counts: Float64Array,
  map: Int16Array,
  from: number,
  to: number,
  targets: readonly Target[],
  firstIndex = 0,
): Slot[] {
  map.fill(-1, from, to + 1);
  const slots: Slot[] = [];
  let before = 0;
  let next = 0;
  for (let bucket = from; bucket <= to && next < targets.length; bucket++) {
    const size = counts[bucket];
    if (targets[next].rank < before + size) {
      const inside: Target[] = [];
      while (next < targets.length && targets[next].rank < before + size) {
        inside.push({ rank: targets[next].rank - before, at: targets[next].at });
        next++;
      }
      map[bucket] = firstIndex + slots.length;
      slots.push({ index: firstIndex + slots.length, targets: inside, size });
    }
    before += size;
  }
  return slots;
}

/** One level deeper. Buckets with one value are resolved and leave. */
function refine(
  source: ColumnSource,
  slots: readonly Slot[],
  level: number,
  buffers: SelectionBuffers,
  found: Float64Array,
): Slot[] {
  const bits = LEVEL_BITS[level];
  const counts = buffers.level(level, slots.length);
  const lowest = new Float64Array(slots.length).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(slots.length).fill(Number.NEGATIVE_INFINITY);
  source.scan((values, count) => {
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value - value !== 0) continue;
      const slot = slotOf(value, level, buffers.maps);
      if (slot < 0) continue;
      counts[(slot << bits) | digitOf(value, level)]++;
      if (value < lowest[slot]) lowest[slot] = value;
      if (value > highest[slot]) highest[slot] = value;
    }
  });
  const deeper: Slot[] = [];
  const map = buffers.maps[level + 1];
  for (const { index, targets } of slots) {
    const from = index << bits;
    const to = from + (1 << bits) - 1;
    if (lowest[index] === highest[index] || level === LEVEL_BITS.length - 1) {
      map.fill(-1, from, to + 1);
      if (lowest[index] === highest[index]) for (const { at } of targets) found[at] = lowest[index] + 0;
      else resolveLast(counts, from, lowest[index], targets, found);
    } else deeper.push(...activate(counts, map, from, to, targets, deeper.length));
  }
  return deeper;
}

/** At the last level a digit is a single value: it differs from `lowest` in the last bits only. */
function resolveLast(
  counts: Float64Array,
  from: number,
  lowest: number,
  targets: Slot['targets'],
  found: Float64Array,
): void {
  const bits = LEVEL_BITS[LEVEL_BITS.length - 1];
  const mask = (1 << bits) - 1;
  const negative = lowest < 0;
  let before = 0;
  let digit = 0;
  for (const { rank, at } of targets) {
    while (rank >= before + counts[from + digit]) before += counts[from + digit++];
    scratch[0] = lowest + 0;
    const low = words[1 - HIGH_WORD];
    words[1 - HIGH_WORD] = (low & ~mask) | (negative ? ~digit & mask : digit);
    found[at] = scratch[0] + 0;
  }
}

function collect(
  source: ColumnSource,
  slots: readonly Slot[],
  level: number,
  buffers: SelectionBuffers,
  found: Float64Array,
): void {
  const { collected } = buffers;
  let size = 0;
  source.scan((values, count) => {
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value - value === 0 && slotOf(value, level, buffers.maps) >= 0) collected[size++] = value + 0;
    }
  });
  collected.subarray(0, size).sort();
  let before = 0;
  for (const slot of slots) {
    for (const { rank, at } of slot.targets) found[at] = collected[before + rank];
    before += slot.size;
  }
}

/** Slot of the active bucket that the value falls into at `level`, or −1. */
function slotOf(value: number, level: number, maps: readonly Int16Array[]): number {
  let slot = maps[0][highWord(value) >>> (32 - TOP_BITS)];
  for (let i = 0; i < level && slot >= 0; i++) slot = maps[i + 1][(slot << LEVEL_BITS[i]) | digitOf(value, i)];
  return slot;
}

/**
 * Upper word of the order-preserving form: negative values inverted, others with the sign bit set. As a signed number,
 * like all words here: larger ones would be objects.
 */
function highWord(value: number): number {
  scratch[0] = value + 0;
  const word = words[HIGH_WORD];
  return word ^ ((word >> 31) | SIGN_BIT);
}

function digitOf(value: number, level: number): number {
  scratch[0] = value + 0;
  const invert = words[HIGH_WORD] >> 31;
  const low = words[1 - HIGH_WORD] ^ invert;
  if (level === 0) return (((words[HIGH_WORD] ^ invert) & 0xfff) << 2) | (low >>> 30);
  return level === 1 ? (low >>> 15) & 0x7fff : low & 0x7fff;
}
