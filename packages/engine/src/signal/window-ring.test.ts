import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { createPane, mergePane, paneCounts } from '../sketch/pane.ts';
import type { IndexedPane } from '../sketch/pane-list-codec.ts';
import { WindowRing, type WindowView } from './window-ring.ts';

const layout = compileLayout(profileOf({ x: Array.from({ length: 100 }, (_, i) => i) }));

function paneOf(index: number, values: readonly number[]): IndexedPane {
  const state = createPane(layout);
  const batch = batchOf([values]);
  observe(layout, state, batch, allRows(batch), 0, batch.rowCount);
  return { index, state };
}

const rows = (index: number, count: number): IndexedPane => paneOf(index, new Array<number>(count).fill(1));

/** `[last pane, rows, filled]` of every window that is due. */
function due(ring: WindowRing): [number, number, boolean][] {
  const found: [number, number, boolean][] = [];
  for (let window = ring.next(); window !== undefined; window = ring.next()) {
    found.push([window.endMs / 1000 - 1, paneCounts(window.state).rows, window.filled]);
  }
  return found;
}

const ringOf = (paneCount = 3, sinceMs?: number): WindowRing =>
  new WindowRing(layout, { paneMs: 1000, paneCount, sinceMs });

describe('a window', () => {
  test('is evaluated at each pane end, and filled once its whole span has been seen', () => {
    const ring = ringOf();
    for (let index = 10; index < 15; index++) ring.add(rows(index, index));
    ring.advance(15_000);
    expect(due(ring)).toEqual([
      [10, 10, false],
      [11, 21, false],
      [12, 33, true],
      [13, 36, true],
      [14, 39, true],
    ]);
  });

  test('can be looked at in between, which changes nothing', () => {
    const ring = ringOf();
    expect(ring.soFar()).toBeUndefined();
    for (let index = 10; index < 15; index++) ring.add(rows(index, index));
    ring.advance(12_000);
    const look = ring.soFar();
    expect(look).toMatchObject({ startMs: 12_000, endMs: 15_000, filled: true });
    expect(look && paneCounts(look.state).rows).toBe(12 + 13 + 14);
    expect(due(ring)).toEqual([
      [10, 10, false],
      [11, 21, false],
    ]);
    ring.advance(15_000);
    expect(due(ring).at(-1)).toEqual([14, 39, true]);
  });

  test('is not due before its last pane is closed', () => {
    const ring = ringOf();
    ring.add(rows(10, 1));
    ring.add(rows(11, 1));
    ring.advance(11_000);
    expect(due(ring)).toEqual([[10, 1, false]]);
    ring.advance(11_999);
    expect(due(ring)).toEqual([]);
  });

  test('is not filled before the given moment, which may lie within a pane', () => {
    const ring = ringOf(2, 10_500);
    for (let index = 10; index < 14; index++) ring.add(rows(index, 1));
    ring.advance(14_000);
    expect(due(ring)).toEqual([
      [10, 1, false],
      [11, 2, false],
      [12, 2, true],
      [13, 2, true],
    ]);
  });

  test('missing panes are empty ones, and silence is evaluated too', () => {
    const ring = ringOf();
    ring.add(rows(10, 5));
    for (const end of [11, 12, 13, 14, 15]) {
      ring.advance(end * 1000);
      expect(due(ring)).toEqual([[end - 1, end <= 13 ? 5 : 0, end >= 13]]);
    }
  });

  test('a long gap costs one evaluation, not one a pane', () => {
    const ring = ringOf();
    ring.add(rows(10, 1));
    ring.advance(11_000);
    due(ring);
    ring.add(rows(1_000_000, 1));
    ring.advance(1_000_001_000);
    expect(due(ring)).toEqual([
      [11, 1, false],
      [12, 1, true],
      [1_000_000, 1, true],
    ]);
  });

  test('without panes and without a moment to begin with there is none', () => {
    const ring = ringOf();
    ring.advance(99_000);
    expect(due(ring)).toEqual([]);
    const watched = ringOf(3, 97_000);
    watched.advance(99_000);
    expect(due(watched)).toEqual([[98, 0, false]]);
  });
});

describe('panes', () => {
  test('of one index, from several workers, are added', () => {
    const ring = ringOf();
    ring.add(rows(10, 2));
    ring.add(rows(10, 3));
    ring.advance(11_000);
    expect(due(ring)).toEqual([[10, 5, false]]);
  });

  test('that come after their windows are dropped and counted; within the next window they still count', () => {
    const ring = ringOf();
    ring.add(rows(10, 1));
    ring.advance(14_000);
    due(ring);
    expect(ring.add(rows(11, 1))).toBe(false);
    expect(ring.add(rows(12, 4))).toBe(true);
    expect(ring.droppedPaneCount).toBe(1);
    ring.advance(15_000);
    expect(due(ring)).toEqual([[14, 4, true]]);
  });
});

describe('laws', () => {
  const panes = fc.uniqueArray(
    fc.record({
      index: fc.integer({ min: 0, max: 12 }),
      values: fc.array(fc.integer({ min: -5, max: 105 }), { maxLength: 5 }),
    }),
    { selector: ({ index }) => index, minLength: 1 },
  );

  test('a window is the merge of its panes, in whatever order they came', () => {
    fc.assert(
      fc.property(panes, fc.integer({ min: 1, max: 5 }), (given, paneCount) => {
        const ring = ringOf(paneCount);
        for (const { index, values } of given) ring.add(paneOf(index, values));
        ring.advance(20_000);
        for (let window = ring.next(); window !== undefined; window = ring.next()) {
          expect([...window.state]).toEqual([...mergeOf(given, window)]);
        }
      }),
    );
  });

  function mergeOf(
    given: readonly { index: number; values: number[] }[],
    { startMs, endMs }: WindowView,
  ): Float64Array {
    const merged = createPane(layout);
    const inside = given.filter(({ index }) => index * 1000 >= startMs && index * 1000 < endMs);
    for (const { index, values } of inside.sort((a, b) => a.index - b.index)) {
      mergePane(layout, merged, paneOf(index, values).state);
    }
    return merged;
  }

  test('snapshot and restore at any point change nothing that follows', () => {
    fc.assert(
      fc.property(panes, fc.nat({ max: 12 }), (given, cut) => {
        const ring = ringOf();
        const ordered = [...given].sort((a, b) => a.index - b.index);
        for (const { index, values } of ordered.slice(0, cut)) ring.add(paneOf(index, values));
        ring.advance(cut * 1000);
        due(ring);
        const copy = ringOf();
        expect(copy.restore(ring.snapshot())).toEqual({ ok: true });
        for (const one of [ring, copy]) {
          for (const { index, values } of ordered.slice(cut)) one.add(paneOf(index, values));
          one.advance(15_000);
        }
        expect(due(copy)).toEqual(due(ring));
      }),
    );
  });
});

test('bytes of another window length or of nothing change nothing', () => {
  const ring = ringOf();
  ring.add(rows(1, 1));
  expect(ring.restore(ringOf(4).snapshot())).toEqual({ ok: false, reason: 'pane_length' });
  expect(ring.restore(new Uint8Array(20))).toEqual({ ok: false, reason: 'not_a_list' });
  ring.advance(2000);
  expect(due(ring)).toEqual([[1, 1, false]]);
});

test('nonsense lengths are refused at construction', () => {
  expect(() => ringOf(0)).toThrow(/paneCount is 0/);
  expect(() => ringOf(1.5)).toThrow(/paneCount is 1.5/);
  expect(() => new WindowRing(layout, { paneMs: Number.NaN, paneCount: 1 })).toThrow(/paneMs is NaN/);
});
