/**
 * Has this row come before? Ids of 64 bits in slices by the time they came, each an open-addressing table: the oldest
 * slice is dropped whole when the youngest is full, or has taken ids for its share of the reach.
 *
 * Invariants
 * 1. An id is remembered for at least `reachMs`, unless more than `idsMax` came since: SLICE_COUNT − 1 slices hold
 *    that much, and the youngest is beside them.
 * 2. Memory is at most SLICE_COUNT tables of 2^k > idsMax / (SLICE_COUNT − 1) / LOAD_MAX slots of 8 bytes (84 MB at
 *    4,000,000 ids), grown as they fill.
 * 3. Two ids are told apart by all of their 64 bits: at 4 M ids the chance that any two of them collide is below 1e-6.
 * 4. A look-up inspects at most PROBE_COUNT_MAX slots of a slice, whatever the ids are; one that finds no place there is
 *    taken as new, not remembered, and counted. Ids are keyed hashes, so nobody can choose ids that collide.
 */

export const IDS_MAX = 4_000_000;
export const REACH_MS = 3_600_000;
const SLICE_COUNT = 5;
/** Below that a slice is not worth its table. */
const SLICE_IDS_MIN = 1024;
const SLOTS_START = 1 << 12;
/** A table grows when it is fuller than this. */
const LOAD_MAX = 0.6;
/** At that load the longest run of a million honest ids is about 130 slots. */
const PROBE_COUNT_MAX = 512;

export interface DedupSlice {
  readonly sinceMs: number;
  /** Pairs of words, in any order. */
  readonly ids: Int32Array;
}

export interface DedupSnapshot {
  /** Ids that came before are forgotten; null of one that was not used yet. */
  readonly forgottenMs: number | null;
  readonly slices: readonly DedupSlice[];
}

interface Slice {
  readonly sinceMs: number;
  readonly table: IdTable;
}

export class Dedup {
  readonly #sliceIdsMax: number;
  readonly #reachMs: number;
  /** The youngest first; at least one. */
  #slices: Slice[] = [];
  #nowMs = Number.NaN;
  /** Ids that came before are forgotten: at first those before the first time it hears of, which a restart or crash lost. */
  #forgottenMs: number | undefined;
  /** Ids that found no place. */
  overflowCount = 0;

  constructor(options: { readonly idsMax?: number; readonly reachMs?: number } = {}) {
    this.#sliceIdsMax = Math.max(SLICE_IDS_MIN, Math.ceil((options.idsMax ?? IDS_MAX) / (SLICE_COUNT - 1)));
    this.#reachMs = options.reachMs ?? REACH_MS;
  }

  get size(): number {
    return this.#slices.reduce((sum, { table }) => sum + table.size, 0);
  }

  /**
   * How far back a duplicate is recognised now, milliseconds: less than asked for in the time after the start, and when
   * ids had to go for others.
   */
  reachMs(nowMs: number): number {
    this.#forgottenMs ??= nowMs;
    return Math.min(this.#reachMs, Math.max(0, nowMs - this.#forgottenMs));
  }

  /** To be called once a batch: lets the oldest ids go when it is time. */
  startBatch(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#forgottenMs ??= nowMs;
    const slices = this.#slices;
    if (slices.length === 0 || nowMs - slices[0].sinceMs >= this.#reachMs / (SLICE_COUNT - 1)) this.#openSlice();
    while (slices.length > 1 && nowMs - slices[slices.length - 2].sinceMs >= this.#reachMs) this.#forgetOldest();
  }

  /** True when the id came before; remembers it. */
  seen(high: number, low: number): boolean {
    const h = high | 0;
    // (0, 0) is the free slot.
    const l = h === 0 && (low | 0) === 0 ? 1 : low | 0;
    for (let i = 1; i < this.#slices.length; i++) if (this.#slices[i].table.has(h, l)) return true;
    let { table } = this.#slices[0];
    if (table.size >= this.#sliceIdsMax) {
      if (table.has(h, l)) return true;
      this.#openSlice();
      table = this.#slices[0].table;
    }
    const found = table.add(h, l);
    if (found === NO_PLACE) this.overflowCount++;
    return found === PRESENT;
  }

  /** The youngest slice first. */
  snapshot(): DedupSnapshot {
    const slices = this.#slices.map(({ sinceMs, table }) => ({ sinceMs, ids: table.ids() }));
    return { forgottenMs: this.#forgottenMs ?? null, slices };
  }

  /** Takes the place of what is remembered. */
  restore({ forgottenMs, slices }: DedupSnapshot): void {
    this.#forgottenMs = forgottenMs ?? slices.at(-1)?.sinceMs;
    this.#slices = slices.slice(0, SLICE_COUNT).map(({ sinceMs, ids }) => {
      const table = new IdTable();
      for (let i = 0; i + 1 < ids.length; i += 2) table.add(ids[i], ids[i + 1]);
      return { sinceMs, table };
    });
  }

  #openSlice(): void {
    this.#slices.unshift({ sinceMs: this.#nowMs, table: new IdTable() });
    if (this.#slices.length > SLICE_COUNT) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.#slices.pop();
    this.#forgottenMs = this.#slices[this.#slices.length - 1].sinceMs;
  }
}

const NO_PLACE = -1;
const ADDED = 0;
const PRESENT = 1;

/** Open addressing with linear probing; ids are hashes, so their own bits choose the slot. */
class IdTable {
  size = 0;
  #slots = new Int32Array(2 * SLOTS_START);
  #mask = SLOTS_START - 1;

  has(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    return slot >= 0 && (this.#slots[2 * slot] !== 0 || this.#slots[2 * slot + 1] !== 0);
  }

  add(high: number, low: number): typeof NO_PLACE | typeof ADDED | typeof PRESENT {
    const slot = this.#find(high, low);
    if (slot < 0) return NO_PLACE;
    if (this.#slots[2 * slot] !== 0 || this.#slots[2 * slot + 1] !== 0) return PRESENT;
    this.#slots[2 * slot] = high;
    this.#slots[2 * slot + 1] = low;
    if (++this.size > LOAD_MAX * (this.#mask + 1)) this.#grow();
    return ADDED;
  }

  ids(): Int32Array {
    const ids = new Int32Array(2 * this.size);
    let to = 0;
    for (let i = 0; i < this.#slots.length; i += 2) {
      if (this.#slots[i] === 0 && this.#slots[i + 1] === 0) continue;
      ids[to++] = this.#slots[i];
      ids[to++] = this.#slots[i + 1];
    }
    return ids;
  }

  /** The id's slot, or the free one where it belongs; −1 when there is none near. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let probe = 0; probe < PROBE_COUNT_MAX; probe++) {
      const slot = (low + probe) & mask;
      const a = slots[2 * slot];
      const b = slots[2 * slot + 1];
      if ((a === 0 && b === 0) || (a === high && b === low)) return slot;
    }
    return -1;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = before.length - 1;
    this.size = 0;
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] === 0 && before[i + 1] === 0) continue;
      const slot = this.#find(before[i], before[i + 1]);
      if (slot < 0) continue;
      this.#slots[2 * slot] = before[i];
      this.#slots[2 * slot + 1] = before[i + 1];
      this.size++;
    }
  }
}
