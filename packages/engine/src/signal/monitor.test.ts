import { describe, expect, test } from 'vitest';
import { allRows, batchOf, type Cell } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { createPane } from '../sketch/pane.ts';
import { type Evaluation, STATUS, type Status } from './evaluation.ts';
import { Monitor } from './monitor.ts';
import { compilePolicy } from './policy.ts';
import type { WindowView } from './window-ring.ts';

const stream = sampleStream(41);
const normals = (count: number, shift = 0): number[] => Array.from({ length: count }, () => stream.normal() + shift);
const profile = profileOf({ x: normals(20_000) });
const layout = compileLayout(profile);
const policy = compilePolicy(profile, {}, { windowMs: 3_600_000, paneMs: 300_000 });

function windowOf(cells: readonly Cell[], filled = true): WindowView {
  const state = createPane(layout);
  const batch = batchOf([cells]);
  observe(layout, state, batch, allRows(batch), 0, batch.rowCount);
  return { startMs: 0, endMs: 3_600_000, state, filled };
}

const quiet = (): WindowView => windowOf(normals(2000));
const loud = (): WindowView => windowOf(normals(2000, 1));
const broken = (): WindowView => windowOf(normals(2000).map((value, i) => (i % 5 === 0 ? null : value)));
const drift = ({ signals }: Evaluation): Status => signals.data_drift.status;
const quality = ({ signals }: Evaluation): Status => signals.data_quality.status;

describe('a monitor', () => {
  test('holds an alarm for two calm evaluations, in columns and in signals', () => {
    const monitor = new Monitor(layout, policy);
    const seen = [quiet(), loud(), quiet(), quiet(), quiet()].map((window) => {
      const evaluation = monitor.evaluate(window);
      expect(evaluation.columns[0].status).toBe(drift(evaluation));
      return drift(evaluation);
    });
    expect(seen).toEqual([STATUS.ok, STATUS.critical, STATUS.critical, STATUS.ok, STATUS.ok]);
  });

  test('holds a quality alarm the same way', () => {
    const monitor = new Monitor(layout, policy);
    const seen = [broken(), quiet(), quiet()].map((window) => quality(monitor.evaluate(window)));
    expect(seen).toEqual([STATUS.critical, STATUS.critical, STATUS.ok]);
  });

  test('a window that cannot be judged clears no alarm', () => {
    const monitor = new Monitor(layout, policy);
    monitor.evaluate(loud());
    expect(drift(monitor.evaluate(windowOf(normals(50))))).toBe(STATUS.insufficientData);
    expect(drift(monitor.evaluate(windowOf(normals(500), false)))).toBe(STATUS.insufficientData);
    expect(drift(monitor.evaluate(quiet()))).toBe(STATUS.critical);
    expect(drift(monitor.evaluate(quiet()))).toBe(STATUS.ok);
  });

  test('silence is no data before the first row, stale after it', () => {
    const monitor = new Monitor(layout, policy);
    expect(monitor.evaluate(windowOf([])).signals.data_drift).toMatchObject({
      status: STATUS.noData,
      reason: 'no_rows',
    });
    monitor.evaluate(quiet());
    const stale = monitor.evaluate(windowOf([]));
    for (const signal of [stale.signals.data_drift, stale.signals.data_quality]) {
      expect(signal).toMatchObject({ status: STATUS.stale, reason: 'stale' });
    }
    expect(drift(monitor.evaluate(quiet()))).toBe(STATUS.ok);
  });

  test('a snapshot carries its memory through JSON into another', () => {
    const monitor = new Monitor(layout, policy);
    monitor.evaluate(loud());
    monitor.evaluate(quiet());
    const copy = new Monitor(layout, policy);
    expect(copy.restore(JSON.parse(JSON.stringify(monitor.snapshot())))).toBe(true);
    expect(copy.snapshot()).toEqual(monitor.snapshot());
    expect(drift(copy.evaluate(windowOf([])))).toBe(STATUS.stale);
    const other = new Monitor(layout, policy);
    other.restore(monitor.snapshot());
    // The second calm evaluation in a row.
    expect(drift(other.evaluate(quiet()))).toBe(STATUS.ok);
  });

  test('what is no snapshot of this reference is refused', () => {
    const monitor = new Monitor(layout, policy);
    const good = monitor.snapshot();
    for (const bad of [
      undefined,
      null,
      7,
      'x',
      {},
      { ...good, profileId: 'sha256:0' },
      { ...good, columns: [] },
      { ...good, version: 2 },
    ]) {
      expect(monitor.restore(bad)).toBe(false);
    }
    expect(monitor.restore({ ...good, columns: [null] })).toBe(true);
  });

  test('a policy of another reference is a mistake of the caller', () => {
    const wide = profileOf({ x: [1, 2, 3], y: [1, 2, 3] });
    expect(() => new Monitor(layout, compilePolicy(wide, {}, { windowMs: 1, paneMs: 1 }))).toThrow(
      /2 columns and layout 1/,
    );
  });
});
