import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { compileLayout } from './layout.ts';
import { paneCounts } from './pane.ts';
import { PaneSet } from './pane-set.ts';
import { RowGroups } from './row-groups.ts';

const layout = compileLayout(profileOf({ x: [1, 2, 3] }));

describe('rows grouped by pane', () => {
  const panes = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: -5, max: 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: -1e12, max: 1e12 }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    ),
  );

  test('every row with a pane is in exactly one group, in its order; groups ascend and none is empty', () => {
    const groups = new RowGroups();
    fc.assert(
      fc.property(panes, (paneOfRow) => {
        const count = groups.group(Float64Array.from(paneOfRow), paneOfRow.length);
        const found = Array.from({ length: groups.groupCount }, (_, g) => ({
          pane: groups.panes[g],
          rows: [...groups.order.subarray(groups.starts[g], groups.starts[g + 1])],
        }));
        const distinct = [...new Set(paneOfRow.filter((pane) => !Number.isNaN(pane)))].sort((a, b) => a - b);
        const expected = distinct.map((pane) => ({
          pane,
          rows: paneOfRow.flatMap((one, row) => (one === pane ? [row] : [])),
        }));
        expect(found).toEqual(expected.map(({ pane, rows }) => ({ pane: pane + 0, rows })));
        expect(count).toBe(paneOfRow.filter((pane) => !Number.isNaN(pane)).length);
      }),
    );
  });
});

describe('a pane set', () => {
  const times = fc.array(fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(Number.NaN)), { maxLength: 40 });
  const steps = fc.array(fc.record({ times, advanceMs: fc.integer({ min: 0, max: 5000 }) }), { maxLength: 10 });

  test('the books balance: every row is counted, late, future or overflow, and what is counted is in a pane', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom('wall' as const, 'event' as const), (all, mode) => {
        const set = new PaneSet(layout, { paneMs: 1000, latenessMs: 2000, skewMs: 500, mode, openPanesMax: 5 });
        let nowMs = 0;
        let counted = 0;
        let inPanes = 0;
        let last = Number.NEGATIVE_INFINITY;
        const take = ({ panes, closedThroughMs }: ReturnType<PaneSet['flush']>): void => {
          for (const { index, endMs, state } of panes) {
            expect(index).toBeGreaterThan(last);
            expect(endMs).toBeLessThanOrEqual(closedThroughMs);
            last = index;
            inPanes += paneCounts(state).rows;
          }
        };
        for (const step of all) {
          nowMs += step.advanceMs;
          const batch = batchOf([step.times.map(() => 1)], { eventMs: step.times });
          const counts = set.append(batch, mode === 'wall' ? nowMs : Number.POSITIVE_INFINITY);
          expect(counts.counted + counts.late + counts.future + counts.noTime + counts.overflow).toBe(batch.rowCount);
          counted += counts.counted;
          take(set.advance(nowMs));
        }
        take(set.flush());
        expect(inPanes).toBe(counted);
      }),
    );
  });
});
