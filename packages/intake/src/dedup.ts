/**
 * Has this row come before? Ids of 64 bits in two generations of open-addressing tables: the older is dropped whole
 * when the younger is full or half the reach has passed.
 *
 * Invariants
 * 1. An id is remembered for at least half of `reachMs`, unless more than half of `idsMax` came since.
 * 2. Memory is at most 2 tables of 2^k ≥ idsMax slots of 8 bytes (80 MB at 4,000,000 ids), grown as they fill.
 * 3. Two ids are told apart by all of their 64 bits: at 4 M ids the chance that any two of them collide is below 1e-6.
 */

export const IDS_MAX = 4_000_000;
export const REACH_MS = 3_600_000;
const SLOTS_START = 1 << 12;
/** A table grows when it is fuller than this. */
const LOAD_MAX = 0.6;

export class Dedup {
  readonly #idsMax: number;
  readonly #reachMs: number;
  #young: IdTable;
  #old: IdTable;
  #youngSinceMs = Number.NaN;
  #oldSinceMs = Number.NaN;

  constructor(options: { readonly idsMax?: number; readonly reachMs?: number } = {}) {
    this.#idsMax = options.idsMax ?? IDS_MAX;
    this.#reachMs = options.reachMs ?? REACH_MS;
    this.#young = new IdTable();
    this.#old = new IdTable();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** How far back a duplicate is recognised now, milliseconds. */
  reachMs(nowMs: number): number {
    const sinceMs = Number.isNaN(this.#oldSinceMs) ? this.#youngSinceMs : this.#oldSinceMs;
    return Number.isNaN(sinceMs) ? this.#reachMs : Math.min(this.#reachMs, Math.max(0, nowMs - sinceMs));
  }

  /** To be called once a batch: lets the older ids go when it is time. */
  startBatch(nowMs: number): void {
    if (Number.isNaN(this.#youngSinceMs)) this.#youngSinceMs = nowMs;
    const isFull = this.#young.size >= this.#idsMax / 2;
    if (!isFull && nowMs - this.#youngSinceMs < this.#reachMs / 2) return;
    this.#old = this.#young;
    this.#oldSinceMs = this.#youngSinceMs;
    this.#young = new IdTable();
    this.#youngSinceMs = nowMs;
  }

  /** True when the id came before; remembers it. */
  seen(high: number, low: number): boolean {
    if (this.#old.size > 0 && this.#old.has(high, low)) return true;
    return this.#young.add(high, low);
  }
}

/** Open addressing with linear probing; (0, 0) is the free slot, so that id is moved to (0, 1). */
class IdTable {
  size = 0;
  #slots = new Int32Array(2 * SLOTS_START);
  #mask = SLOTS_START - 1;

  has(high: number, low: number): boolean {
    const slot = this.#find(high | 0, low | 0);
    return this.#slots[2 * slot] !== 0 || this.#slots[2 * slot + 1] !== 0;
  }

  /** True when it was there. */
  add(high: number, low: number): boolean {
    const h = high | 0;
    const l = h === 0 && (low | 0) === 0 ? 1 : low | 0;
    const slot = this.#find(h, l);
    if (this.#slots[2 * slot] !== 0 || this.#slots[2 * slot + 1] !== 0) return true;
    this.#slots[2 * slot] = h;
    this.#slots[2 * slot + 1] = l;
    if (++this.size > LOAD_MAX * (this.#mask + 1)) this.#grow();
    return false;
  }

  #find(high: number, low: number): number {
    const l = high === 0 && low === 0 ? 1 : low;
    let slot = (l ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    while (true) {
      const a = this.#slots[2 * slot];
      const b = this.#slots[2 * slot + 1];
      if ((a === 0 && b === 0) || (a === high && b === l)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = before.length - 1;
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] === 0 && before[i + 1] === 0) continue;
      const slot = this.#find(before[i], before[i + 1]);
      this.#slots[2 * slot] = before[i];
      this.#slots[2 * slot + 1] = before[i + 1];
    }
  }
}
