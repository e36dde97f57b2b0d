/** What a sender chooses goes into three tables: of texts, of row ids, of keys (the scanner's own). None may be flooded. */

import { hashBytes, WordHash } from '@leeway/engine';
import { describe, expect, test } from 'vitest';
import { Dedup } from './dedup.ts';
import { Texts } from './texts.ts';

const encoder = new TextEncoder();
const fnvStep = (hash: number, text: string) => {
  let h = hash;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
};
/**
 * Pieces of which either may be taken without a change to FNV-1a's value: 2^11 texts with one hash (A. Joux,
 * "Multicollisions in iterated hash functions", 2004). Found by trying 700,000 pieces for each.
 */
const PIECES = [['7yzla', 'e6apa'], ['9tzla', 'g1cpa'], ...new Array<string[]>(9).fill(['05zla', 'bpcpa'])];
const FNV_COLLISIONS = PIECES.reduce(
  (texts, pieces) => texts.flatMap((text) => pieces.map((piece) => text + piece)),
  [''],
);

const idsIn = (texts: Texts, all: readonly string[]) =>
  all.map((text) => {
    const bytes = encoder.encode(text);
    return texts.idOf(bytes, 0, bytes.length);
  });

describe('texts', () => {
  test('regression: texts that FNV-1a maps to one value held the worker for minutes', () => {
    const hostile = FNV_COLLISIONS;
    expect(new Set(hostile).size).toBe(2_048);
    expect(new Set(hostile.map((text) => fnvStep(0x811c9dc5, text))).size).toBe(1);
    const texts = new Texts([0x12345678, 0x9abcdef0]);
    expect(new Set(idsIn(texts, hostile)).size).toBe(hostile.length);
    // In one bucket 2,048 texts are 2 million probes; spread over 2^19 slots they meet about four times.
    expect(texts.probeCount).toBeLessThan(200);
    expect(idsIn(texts, hostile)).toEqual(hostile.map((_, id) => id));
  });

  test('even who knows the seed gets no look-up beyond the bound: texts without a place have no id, and are counted', () => {
    const seed = [1, 2] as const;
    const slotCount = 1024;
    const hostile: string[] = [];
    for (let i = 0; hostile.length < 400; i++) {
      const bytes = encoder.encode(`t${i}`);
      if ((hashBytes(seed, bytes, 0, bytes.length) & (slotCount - 1)) < 2) hostile.push(`t${i}`);
    }
    const texts = new Texts(seed, slotCount);
    const ids = idsIn(texts, hostile);
    const without = ids.filter((id) => id < 0).length;
    expect(without).toBeGreaterThan(100);
    expect(texts.overflowCount).toBe(without);
    expect(texts.probeCount).toBeLessThanOrEqual(256 * hostile.length);
    expect(idsIn(texts, hostile.slice(0, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(idsIn(texts, ['innocent'])[0]).toBeGreaterThan(0);
  });
});

describe('row ids', () => {
  test('regression: rows chosen by the sender fell into one slot', () => {
    const hash = new WordHash([0x12345678, 0x9abcdef0]);
    const ids = Uint32Array.from([1, 2, 3, 4, 5, 6]);
    // The multiples of 2^20 and what the old mixing put side by side are nothing special to a keyed hash: 4,096 of them
    // in 4,096 buckets leave about 1/e empty.
    const buckets = new Set<number>();
    hash.begin(ids, 0, 6);
    for (let row = 0; row < 4_096; row++) {
      hash.finish(row * 2 ** 20);
      buckets.add(hash.out[1] & 4_095);
    }
    expect(buckets.size / 4_096).toBeGreaterThan(0.6);
  });

  test('another seed gives other ids', () => {
    const [a, b] = (
      [
        [1, 2],
        [1, 3],
      ] as const
    ).map((seed) => {
      const hash = new WordHash(seed);
      hash.begin(Uint32Array.from([1, 2, 3, 4, 5, 6]), 0, 6);
      hash.finish(7);
      return [...hash.out];
    });
    expect(a).not.toEqual(b);
  });

  test('even ids of one slot are bounded: those without a place are taken as new, and counted', () => {
    const dedup = new Dedup();
    dedup.startBatch(0);
    for (let i = 1; i <= 3_000; i++) expect(dedup.seen(i, 0)).toBe(false);
    expect(dedup.overflowCount).toBe(3_000 - 512);
    for (let i = 1; i <= 512; i++) expect(dedup.seen(i, 0)).toBe(true);
    expect(dedup.seen(1, 77_777)).toBe(false);
    expect(dedup.seen(1, 77_777)).toBe(true);
  });
});

describe('the reach of deduplication', () => {
  const hour = 3_600_000;
  const idOf = (i: number): [number, number] => [Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca6b)];

  test('regression: an id was forgotten after half the reach; it holds for all of it', () => {
    const dedup = new Dedup();
    const sent: number[] = [];
    for (let minute = 0; minute < 300; minute++) {
      const nowMs = minute * 60_000;
      dedup.startBatch(nowMs);
      expect(dedup.seen(...idOf(minute + 1))).toBe(false);
      sent.push(minute);
      for (const earlier of sent) {
        if (nowMs - earlier * 60_000 < hour) expect(dedup.seen(...idOf(earlier + 1))).toBe(true);
      }
      expect(dedup.reachMs(nowMs)).toBe(Math.min(hour, nowMs));
    }
    // At most five quarters of the reach are kept.
    expect(dedup.size).toBeLessThanOrEqual(76);
  });

  test('the last idsMax ids are known, however fast they come, and the reach says so', () => {
    const dedup = new Dedup({ idsMax: 8_192 });
    for (let i = 0; i < 100_000; i++) {
      if (i % 100 === 0) dedup.startBatch(i);
      expect(dedup.seen(...idOf(i + 1))).toBe(false);
    }
    for (let i = 100_000 - 8_192; i < 100_000; i++) expect(dedup.seen(...idOf(i + 1))).toBe(true);
    expect(dedup.size).toBeLessThanOrEqual(5 * 2_048);
    expect(dedup.reachMs(100_000)).toBeGreaterThanOrEqual(8_192);
    expect(dedup.reachMs(100_000)).toBeLessThan(12_000);
  });

  test('regression: an hour was claimed right after a start, when all earlier ids are gone', () => {
    const startMs = 1_800_000_000_000;
    const asked = new Dedup();
    expect(asked.reachMs(startMs)).toBe(0);
    asked.startBatch(startMs + 1_000);
    expect(asked.reachMs(startMs + 60_000)).toBe(60_000);
    const used = new Dedup();
    used.startBatch(startMs);
    expect(used.seen(1, 1)).toBe(false);
    expect(used.reachMs(startMs + 60_000)).toBe(60_000);
    expect(used.reachMs(startMs + 2 * hour)).toBe(hour);
    // A snapshot takes the start along: what came before it is unknown still.
    const copy = new Dedup();
    copy.restore(used.snapshot());
    expect(copy.reachMs(startMs + 60_000)).toBe(60_000);
  });

  test('ids are forgotten when their time is over, also after a silence', () => {
    const dedup = new Dedup();
    dedup.startBatch(0);
    dedup.seen(1, 1);
    dedup.startBatch(2 * hour);
    dedup.seen(2, 2);
    dedup.startBatch(4 * hour);
    expect(dedup.size).toBe(1);
    expect(dedup.seen(1, 1)).toBe(false);
    expect(dedup.reachMs(4 * hour)).toBe(hour);
  });

  test('a snapshot remembers as much', () => {
    const dedup = new Dedup();
    dedup.startBatch(0);
    for (let i = 1; i <= 5_000; i++) dedup.seen(...idOf(i));
    dedup.startBatch(hour / 2);
    for (let i = 5_001; i <= 9_000; i++) dedup.seen(...idOf(i));
    const copy = new Dedup();
    copy.restore(dedup.snapshot());
    copy.startBatch(hour / 2);
    expect([copy.size, copy.reachMs(hour / 2)]).toEqual([dedup.size, dedup.reachMs(hour / 2)]);
    for (let i = 1; i <= 9_000; i++) expect(copy.seen(...idOf(i))).toBe(true);
  });
});
