import { describe, expect, test } from 'vitest';
import { batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import type { ColumnBatch } from '../observe/column-batch.ts';
import { compileLayout } from './layout.ts';
import { paneCounts } from './pane.ts';
import {
  type AppendCounts,
  CLOSED_PANE_COUNT_MAX,
  type ClosedPanes,
  PaneSet,
  type PaneSetOptions,
} from './pane-set.ts';

const layout = compileLayout(profileOf({ x: [1, 2, 3] }));
const at = (...eventMs: number[]): ColumnBatch => batchOf([eventMs.map(() => 1)], { eventMs });
const wall = (options: Partial<PaneSetOptions> = {}): PaneSet =>
  new PaneSet(layout, { paneMs: 1000, latenessMs: 500, skewMs: 100, mode: 'wall', ...options });
const event = (options: Partial<PaneSetOptions> = {}): PaneSet => wall({ mode: 'event', ...options });
const shape = ({ panes, closedThroughMs }: ClosedPanes): unknown => ({
  panes: panes.map(({ index, state }) => [index, paneCounts(state).rows]),
  closedThroughMs,
});

const counts = ({ counted, late, future, noTime, overflow }: AppendCounts) => [counted, late, future, noTime, overflow];

describe('in wall mode', () => {
  test('rows go to the pane of their event time', () => {
    const set = wall();
    expect(counts(set.append(at(10_000, 10_499, 9_999, 10_450), 10_400))).toEqual([4, 0, 0, 0, 0]);
    expect(shape(set.advance(12_000))).toEqual({
      panes: [
        [9, 1],
        [10, 3],
      ],
      closedThroughMs: 11_000,
    });
  });

  test('a pane closes when the clock passes its end and the allowed lateness, not before', () => {
    const set = wall();
    set.append(at(10_000), 10_000);
    expect(shape(set.advance(11_499))).toEqual({ panes: [], closedThroughMs: 10_000 });
    expect(shape(set.advance(11_500))).toEqual({ panes: [[10, 1]], closedThroughMs: 11_000 });
  });

  test('rows of a pane whose time has passed are late, even before anybody closed it', () => {
    const set = wall();
    set.append(at(10_000), 10_000);
    expect(counts(set.append(at(10_999, 11_000), 11_500))).toEqual([1, 1, 0, 0, 0]);
  });

  test('rows further ahead than the skew, and rows without a time, are refused', () => {
    const set = wall();
    const batch = at(10_100, 10_101, Number.NaN, Number.POSITIVE_INFINITY, 9e15);
    expect(counts(set.append(batch, 10_000))).toEqual([1, 0, 1, 3, 0]);
    expect([...set.append(batch, 10_000).refusedRows]).toEqual([1, 2, 3, 4]);
  });

  test('a clock that jumps back reopens nothing', () => {
    const set = wall();
    set.append(at(10_000), 10_000);
    set.advance(20_000);
    expect(counts(set.append(at(10_500), 10_500))).toEqual([0, 1, 0, 0, 0]);
    expect(shape(set.advance(10_500))).toEqual({ panes: [], closedThroughMs: 19_000 });
  });
});

describe('a set that is drained', () => {
  test('hands over what its open panes hold, and takes further rows of them', () => {
    const set = wall();
    set.append(at(10_000, 11_000), 11_000);
    expect(shape(set.drain(11_000))).toEqual({
      panes: [
        [10, 1],
        [11, 1],
      ],
      closedThroughMs: 10_000,
    });
    expect(set.openPaneCount).toBe(0);
    expect(counts(set.append(at(10_500, 10_600), 11_100))).toEqual([2, 0, 0, 0, 0]);
    expect(shape(set.advance(11_500))).toEqual({ panes: [[10, 2]], closedThroughMs: 11_000 });
  });
});

describe('in event mode', () => {
  test('the highest event time drives it, whatever the clock says', () => {
    const set = event();
    set.append(at(10_000, 11_400), Number.POSITIVE_INFINITY);
    expect(shape(set.advance(0))).toEqual({ panes: [], closedThroughMs: 10_000 });
    set.append(at(11_500), Number.POSITIVE_INFINITY);
    expect(shape(set.advance(0))).toEqual({ panes: [[10, 1]], closedThroughMs: 11_000 });
    expect(set.append(at(10_999, 11_001), Number.POSITIVE_INFINITY)).toMatchObject({ counted: 1, late: 1 });
  });

  test('regression: one row of the year 2200 made all that followed it late', () => {
    const set = event();
    const nowMs = Date.UTC(2026, 10, 25);
    const year2200 = Date.UTC(2200, 0, 1);
    expect(counts(set.append(at(10_000, year2200), nowMs))).toEqual([1, 0, 1, 0, 0]);
    set.advance(nowMs);
    expect(counts(set.append(at(10_100, 10_200), nowMs))).toEqual([2, 0, 0, 0, 0]);
  });

  test('the order of rows within a batch does not matter', () => {
    const set = event();
    expect(set.append(at(50_000, 10_000, 30_000), Number.POSITIVE_INFINITY)).toMatchObject({ counted: 3, late: 0 });
    expect(shape(set.advance(0))).toMatchObject({
      panes: [
        [10, 1],
        [30, 1],
      ],
    });
  });

  test('a batch that spans more panes than may be open closes the oldest early, and counts all rows', () => {
    const set = event({ openPanesMax: 4 });
    const times = Array.from({ length: 10 }, (_, i) => i * 1_000_000);
    expect(set.append(at(...times), Number.POSITIVE_INFINITY)).toMatchObject({ counted: 10, overflow: 0 });
    expect([set.openPaneCount, set.closedEarlyCount]).toEqual([4, 6]);
    expect(set.flush().panes.map(({ index }) => index)).toEqual(times.map((time) => time / 1000));
  });

  test('what nobody fetches is bounded: then rows overflow', () => {
    const set = event({ openPanesMax: 1 });
    const times = Array.from({ length: CLOSED_PANE_COUNT_MAX + 10 }, (_, i) => i * 1000);
    const appended = set.append(at(...times), Number.POSITIVE_INFINITY);
    expect(counts(appended)).toEqual([CLOSED_PANE_COUNT_MAX + 1, 0, 0, 0, 9]);
    expect([...appended.refusedRows]).toEqual(times.map((_, row) => row).slice(CLOSED_PANE_COUNT_MAX + 1));
  });
});

describe('flush', () => {
  test('closes everything; later rows of these panes are late', () => {
    const set = wall();
    set.append(at(10_000, 11_000), 11_000);
    expect(shape(set.flush())).toEqual({
      panes: [
        [10, 1],
        [11, 1],
      ],
      closedThroughMs: 12_000,
    });
    expect(set.append(at(11_500), 11_500)).toMatchObject({ late: 1 });
    expect(shape(set.flush())).toEqual({ panes: [], closedThroughMs: 12_000 });
  });
});

describe('snapshot and restore', () => {
  test('a restored set goes on as if nothing had happened, panes that nobody fetched included', () => {
    const set = event({ openPanesMax: 2 });
    set.append(at(10_000, 20_000, 30_000), Number.POSITIVE_INFINITY);
    const copy = event({ openPanesMax: 2 });
    expect(copy.restore(set.snapshot())).toEqual({ ok: true });
    for (const one of [set, copy]) one.append(at(30_500, 10_500, 31_600), Number.POSITIVE_INFINITY);
    expect(copy.advance(0)).toEqual(set.advance(0));
    expect(copy.flush()).toEqual(set.flush());
  });

  test('bytes of another pane length or of nothing change nothing', () => {
    const set = wall();
    set.append(at(10_000), 10_000);
    expect(set.restore(wall({ paneMs: 2000 }).snapshot())).toEqual({ ok: false, reason: 'pane_length' });
    expect(set.restore(new Uint8Array(3))).toEqual({ ok: false, reason: 'truncated' });
    expect(set.openPaneCount).toBe(1);
  });
});

test('nonsense lengths are refused at construction', () => {
  expect(() => wall({ paneMs: 0 })).toThrow(/paneMs is 0/);
  expect(() => wall({ latenessMs: -1 })).toThrow(/latenessMs is -1/);
});
