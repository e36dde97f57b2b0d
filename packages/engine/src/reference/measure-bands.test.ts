import { describe, expect, test } from 'vitest';
import { allRows, batchOf } from '../../test/sample-batch.ts';
import { columnOf, profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { evaluate } from '../signal/evaluate.ts';
import { STATUS } from '../signal/evaluation.ts';
import { compilePolicy } from '../signal/policy.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { createPane } from '../sketch/pane.ts';
import { blockCounts } from './block-counts.ts';
import { measureBands } from './measure-bands.ts';
import { windowAdvice } from './window-advice.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const START = 20_003 * DAY;

/** `perHour` rows an hour; the hour's mean is `meanAt`. */
function hourly(dayCount: number, perHour: number, meanAt: (hour: number) => number, seed = 5) {
  const stream = sampleStream(seed);
  const timesMs = Array.from({ length: dayCount * 24 * perHour }, (_, i) => START + (i * HOUR) / perHour);
  const values = timesMs.map((timeMs) => stream.normal() + meanAt((timeMs - START) / HOUR));
  return profileOf({ x: values }, { timesMs, time: { column: 'at', blockMs: HOUR }, noiseTables: false });
}

const sine = (hour: number): number => 1.5 * Math.sin((2 * Math.PI * hour) / 24);

describe('a rhythm of a day: 24 h sine of ± 1.5 deviations, windows of an hour', () => {
  const reference = hourly(14, 400, sine);
  const layout = compileLayout(reference);
  const policy = compilePolicy(reference, {}, { windowMs: HOUR, paneMs: HOUR / 12 });
  const stream = sampleStream(6);

  function judge(hour: number, rowCount: number, shift: number) {
    const startMs = START + 30 * DAY + hour * HOUR;
    const state = createPane(layout);
    const values = Array.from({ length: rowCount }, () => stream.normal() + sine(hour + stream.uniform()) + shift);
    const batch = batchOf([values]);
    observe(layout, state, batch, allRows(batch), 0, batch.rowCount);
    return evaluate(layout, policy, { startMs, endMs: startMs + HOUR, state, filled: true }).columns[0].status;
  }

  test('the band is that of the hour: narrow where the day is like its mean, wide at the peaks', () => {
    const { psi, slots } = reference.features[0].blockBand!;
    expect(slots?.periodMs).toBe(DAY);
    expect(slots?.psi).toHaveLength(24);
    expect(slots!.psi[0]).toBeLessThan(0.4 * psi);
    expect(Math.max(...slots!.psi)).toBeGreaterThan(0.9 * psi);
  });

  test('no hour alarms by itself, though it lies half an hour beside a slot', () => {
    for (let round = 0; round < 4; round++) {
      for (let hour = 0; hour < 24; hour += 0.5) {
        // A window of half-hour offset has rows of two hours.
        expect(judge(hour, 500, 0), `hour ${hour}`).toBe(STATUS.ok);
      }
    }
  });

  test('regression: 0.75 deviations more in the quiet part of the day could never alarm', () => {
    for (const hour of [0, 12]) {
      expect(judge(hour, 500, hour === 0 ? 0.75 : -0.75)).toBeGreaterThanOrEqual(STATUS.warning);
      expect(judge(hour, 1000, hour === 0 ? 0.75 : -0.75)).toBe(STATUS.critical);
    }
    const whole = compilePolicy(reference, { band: 'always' }, { windowMs: HOUR, paneMs: HOUR / 12 });
    expect(whole.columns[0].bandSlots).toBeUndefined();
    expect(whole.columns[0].band).toBeGreaterThan(1);
  });

  test('the profile advises windows of a day, whose band is measured too', () => {
    const [day] = reference.features[0].blockBand!.longer!;
    expect(day).toMatchObject({ blockMs: DAY, blockCount: 14 });
    expect(day.psi).toBeLessThan(0.01);
    expect(windowAdvice(reference)).toEqual([
      expect.stringMatching(
        /^x: blocks of 1 h lie up to PSI 1\.\d\d from the rest, blocks of 1 d 0\.00: set window\.length to 1d/,
      ),
    ]);
    const daily = compilePolicy(reference, {}, { windowMs: DAY, paneMs: HOUR });
    expect(daily.columns[0]).toMatchObject({ band: day.psi });
    expect(daily.columns[0].bandSlots).toBeUndefined();
  });
});

test('a rhythm of the week is told by the hour of the week from eight weeks on', () => {
  const weekly = (hour: number): number => (Math.floor(hour / 24) % 7 >= 5 ? 1 : 0);
  const { slots, longer } = hourly(57, 210, weekly).features[0].blockBand!;
  expect(slots?.periodMs).toBe(7 * DAY);
  expect(slots?.psi).toHaveLength(168);
  // 1970 began on a Thursday: Saturday is the third day of such a week.
  const [saturday, tuesday] = [slots!.psi[2 * 24 + 5], slots!.psi[5 * 24 + 5]];
  expect(saturday).toBeGreaterThan(0.3);
  expect(tuesday).toBeLessThan(0.3 * saturday);
  expect(longer?.map(({ blockMs }) => blockMs)).toEqual([DAY, 7 * DAY]);
});

test('a reference that stands still has no band, no hours and no advice', () => {
  const reference = hourly(10, 210, () => 0);
  expect(reference.features[0].blockBand?.psi).toBeLessThan(0.01);
  expect(windowAdvice(reference)).toEqual([]);
});

describe('regression: blocks beyond 4,096 were dropped in the order of the file', () => {
  const stream = sampleStream(8);
  const blockCount = 5000;
  const timesMs = Array.from({ length: 2 * blockCount }, (_, i) => 60_000 * (i % blockCount));
  const values = timesMs.map(() => stream.normal());
  const profile = profileOf({ x: values }, { noiseTables: false });
  const input = columnOf('x', 'feature', values, timesMs);

  test('5,000 are all counted', () => {
    const { blocks, droppedCount } = blockCounts(profile.features[0], input, 60_000);
    expect(blocks).toHaveLength(blockCount);
    expect(droppedCount).toBe(0);
    expect(blocks.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0)).toBe(2 * blockCount);
  });

  test('beyond the limit they are thinned, counted, and no others when the rows come in another order', () => {
    const thinned = blockCounts(profile.features[0], input, 60_000, 1000);
    expect(thinned.blocks.length).toBeLessThanOrEqual(1000);
    expect(thinned.blocks.length).toBeGreaterThan(400);
    expect(thinned.blocks.length + thinned.droppedCount).toBeGreaterThanOrEqual(blockCount - 2);
    expect(Math.max(...thinned.blocks.map(({ index }) => index))).toBeGreaterThan(4900);
    for (const { counts } of thinned.blocks) expect(counts.reduce((a, b) => a + b, 0)).toBe(2);
    const backwards = columnOf('x', 'feature', [...values].reverse(), [...timesMs].reverse());
    const again = blockCounts(profile.features[0], backwards, 60_000, 1000);
    expect(again.blocks.map(({ index }) => index)).toEqual(thinned.blocks.map(({ index }) => index));
  });
});

test('fewer than two blocks have no band', () => {
  const profile = profileOf({ x: [1, 2, 3] });
  expect(measureBands(profile.features[0], columnOf('x', 'feature', [1, 2, 3], [0, 1, 2]), HOUR)).toBeUndefined();
});
