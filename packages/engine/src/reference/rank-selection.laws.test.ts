import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { ColumnSource } from './column-source.ts';
import { countTop, SelectionBuffers, selectRanks } from './rank-selection.ts';

const buffers = new SelectionBuffers();

/** `collectMax` small makes small data take the levels that large data takes. */
function select(source: ColumnSource, ranks: readonly number[], collectMax?: number): number[] {
  buffers.top.fill(0);
  source.scan((values, count) => {
    countTop(buffers.top, values, count);
  });
  return [...selectRanks(source, ranks, buffers, collectMax)];
}

const bySorting = (values: readonly number[], ranks: readonly number[]): number[] => {
  const sorted = values
    .filter(Number.isFinite)
    .map((value) => value + 0)
    .sort((a, b) => a - b);
  return ranks.map((rank) => sorted[rank]);
};

const value = fc.oneof(
  fc.double(),
  fc.integer({ min: -5, max: 5 }),
  // Equal in all but the last bits.
  fc.integer({ min: 0, max: 40 }).map((i) => 1 + i * 2 ** -52),
  fc.integer({ min: 0, max: 40 }).map((i) => -1 - i * 2 ** -52),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, Number.MAX_VALUE),
);

describe('selection', () => {
  test.each([1 << 20, 0, 3, 20])('equals sorting, with at most %i values collected', (collectMax) => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), fc.infiniteStream(fc.nat()), (values, picks) => {
        const count = values.filter(Number.isFinite).length;
        if (count === 0) return;
        const ranks = [...new Set([0, count - 1, ...[...picks.take(10)].map((pick) => pick % count)])].sort(
          (a, b) => a - b,
        );
        expect(select(sourceOf(values, undefined, 7), ranks, collectMax)).toEqual(bySorting(values, ranks));
      }),
    );
  });

  test('many rows of which one value is half, beside others that differ in the last bits', () => {
    const stream = sampleStream(5);
    const values = Array.from({ length: 300_000 }, (_, i) => (i % 2 === 0 ? 7 : 7 + stream.normal() / 1e9));
    const ranks = [0, 1000, 150_000, 200_000, 299_999];
    expect(select(sourceOf(values), ranks, 1000)).toEqual(bySorting(values, ranks));
  });

  test('more ranks than are refined together', () => {
    const stream = sampleStream(6);
    const values = Array.from({ length: 20_000 }, () => stream.normal());
    const ranks = Array.from({ length: 200 }, (_, i) => i * 100);
    expect(select(sourceOf(values), ranks, 10)).toEqual(bySorting(values, ranks));
  });

  test('scans as often as the levels need, at most four times', () => {
    const counted = (values: readonly number[]): { source: ColumnSource; scans: () => number } => {
      const source = sourceOf(values);
      let scans = 0;
      const scan: ColumnSource['scan'] = (visit) => {
        scans++;
        source.scan(visit);
      };
      return { source: { scan }, scans: () => scans };
    };
    const few = counted([3, 1, 2]);
    select(few.source, [1]);
    expect(few.scans()).toBe(2);
    const whole = counted(Array.from({ length: 1000 }, (_, i) => i % 3));
    select(whole.source, [500], 10);
    expect(whole.scans()).toBe(2);
    const dense = counted(Array.from({ length: 1000 }, (_, i) => 1 + i * 2 ** -52));
    select(dense.source, [500], 0);
    expect(dense.scans()).toBe(4);
  });
});
