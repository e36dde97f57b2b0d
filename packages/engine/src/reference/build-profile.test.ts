import { describe, expect, test } from 'vitest';
import { columnOf, profileOf, sourceOf, toyHash } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import { buildProfile } from './build-profile.ts';
import { parseProfile } from './parse-profile.ts';

const DAY = 86_400_000;

describe('a numeric column', () => {
  test('has exact counts, sums, mean and deviation', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9, null, null];
    const [column] = profileOf({ x: values }).features;
    expect(column).toMatchObject({ rowCount: 10, missingCount: 2, typeErrorCount: 0, monitor: true });
    const { mean, standardDeviation, min, max, counts, sums } = column.numeric!;
    // ddof 1: √(32 / 7).
    expect([mean, min, max]).toEqual([5, 2, 9]);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(counts.reduce((a, b) => a + b)).toBe(8);
    expect(sums.reduce((a, b) => a + b)).toBe(40);
  });

  test('the deviation of large numbers close together does not cancel', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2));
    expect(profileOf({ x: values }).features[0].numeric?.standardDeviation).toBeCloseTo(
      Math.sqrt(0.25 * (1000 / 999)),
      9,
    );
  });

  test('infinities count as missing, type errors are told apart from missing', () => {
    const [column] = profileOf(
      { x: [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, 2] },
      { overrides: { x: { typeErrorCount: 1 } } },
    ).features;
    expect(column).toMatchObject({ rowCount: 5, missingCount: 2, typeErrorCount: 1 });
  });

  test('chunks of any size give the same profile', () => {
    const stream = sampleStream(8);
    const values = Array.from({ length: 5000 }, () => stream.normal());
    expect(profileOf({ x: values }, { chunk: 7 }).id).toBe(profileOf({ x: values }, { chunk: 5000 }).id);
  });
});

describe('a categorical column', () => {
  test('names the hundred most frequent, hashes the others', () => {
    const rows = Array.from({ length: 150 }, (_, i) => new Array<string>(200 - i).fill(`c${i}`)).flat();
    const { categorical } = profileOf({ c: rows }).features[0];
    expect(categorical?.categories[0]).toEqual({ name: 'c0', count: 200 });
    expect(categorical?.categories).toHaveLength(100);
    expect(categorical).toMatchObject({ distinctCount: 150, open: false });
    expect(categorical?.restCount).toBe(Array.from({ length: 50 }, (_, i) => 100 - i).reduce((a, b) => a + b));
    expect(categorical?.restHashes).toHaveLength(Math.ceil((50 * 8) / 3) * 4);
  });

  test('ties are ordered by name, so that the order of rows does not matter', () => {
    expect(profileOf({ c: ['b', 'a', 'c'] }).id).toBe(profileOf({ c: ['c', 'b', 'a'] }).id);
  });

  test('a dictionary that was cut off makes the reference open', () => {
    const input = { ...columnOf('c', 'feature', ['a', 'a']), rows: sourceOf([0, 0, 1, 1, 1, -1]), categoriesCut: true };
    const { features } = buildProfile({
      name: 't',
      createdAt: '',
      model: { name: 'm' },
      dataset: {},
      columns: [input],
    });
    expect(features[0].categorical).toMatchObject({ open: true, restCount: 3, distinctCount: 1 });
    expect(features[0]).toMatchObject({ rowCount: 6, missingCount: 1 });
  });

  test('names that UTF-8 cannot carry or that are too long to store are hashed or mended, never written as they are', () => {
    const { categorical } = profileOf({ c: ['\ud800x', 'x'.repeat(300), 'ok'] }).features[0];
    expect(categorical?.categories.map(({ name }) => name)).toEqual(['ok', '\ufffdx']);
    expect(categorical?.restCount).toBe(1);
  });
});

describe('what the builder proposes', () => {
  const proposal = (cells: readonly (number | string | null)[], name = 'x') => profileOf({ [name]: cells }).features[0];

  test('constants, empty columns and calendar features are not monitored, with the reason', () => {
    expect(proposal([3, 3, 3])).toMatchObject({ monitor: false, reason: 'constant: the reference has one value only' });
    expect(proposal(['a', 'a'])).toMatchObject({ monitor: false, reason: expect.stringMatching(/^constant/) });
    expect(proposal([null, null])).toMatchObject({ monitor: false, reason: expect.stringMatching(/^empty/) });
    expect(proposal([0, 1, 2, 23], 'hour')).toMatchObject({
      monitor: false,
      reason: expect.stringMatching(/^calendar/),
    });
    expect(proposal([0, 1, 2, 24.5], 'hour')).toMatchObject({ monitor: true });
  });

  test('the user has the last word', () => {
    const kept = profileOf({ hour: [0, 1, 2] }, { overrides: { hour: { monitor: true } } }).features[0];
    expect(kept.monitor).toBe(true);
    expect(kept.reason).toBeUndefined();
  });

  test('an hour is monitored in windows of a day', () => {
    expect(profileOf({ hour: [0, 1, 2] }, { windowMs: DAY }).features[0].monitor).toBe(true);
  });
});

describe('time', () => {
  const stream = sampleStream(4);
  const rowCount = 12_000;
  const timesMs = Array.from({ length: rowCount }, (_, i) => 1000 * DAY + (i * 12 * DAY) / rowCount);
  const build = (shiftOf: (day: number) => number) =>
    profileOf(
      { x: timesMs.map((time) => stream.normal() + shiftOf(Math.floor(time / DAY) % 2)) },
      { timesMs, time: { column: 'when', blockMs: DAY } },
    );

  test('the block band is small for a stream that stands still, and the drift from day to day for one that swings', () => {
    const still = build(() => 0);
    expect(still.time).toEqual({
      column: 'when',
      fromMs: timesMs[0],
      toMs: timesMs[rowCount - 1],
      blockMs: DAY,
      blockCount: 12,
    });
    expect(still.features[0].blockBand?.psi).toBeLessThan(0.03);
    // Half the days one deviation up: a day lies half a deviation from the mixture in location.
    const swinging = build((odd) => odd);
    expect(swinging.features[0].blockBand?.psi).toBeGreaterThan(0.2);
    expect(swinging.features[0].blockBand?.psi).toBeLessThan(0.5);
  });

  test('without a time column there is no band', () => {
    expect(profileOf({ x: [1, 2, 3] }, { timesMs: [1, 2, 3] }).features[0].blockBand).toBeUndefined();
  });
});

describe('noise tables', () => {
  test('are there for the metrics without a formula, and reproducible', () => {
    const values = Array.from({ length: 2000 }, (_, i) => Math.sin(i) * i);
    const [numeric] = profileOf({ x: values }).features;
    expect(numeric.noise?.map(({ metric }) => metric)).toEqual([
      'wasserstein',
      'kolmogorov_smirnov',
      'chebyshev',
      'total_variation',
    ]);
    expect(numeric.noise).toEqual(profileOf({ x: values }).features[0].noise);
    expect(profileOf({ c: ['a', 'b', 'a'] }).features[0].noise).toHaveLength(2);
    expect(profileOf({ x: [1, 1] }).features[0].noise).toBeUndefined();
  });
});

describe('a profile', () => {
  test('reads back as what was written', () => {
    const profile = profileOf(
      { x: [1, 2, 3, null], c: ['a', 'b', null, 'a'] },
      {
        outputs: { score: [0.1, 0.2, 0.3, 0.4] },
        overrides: { x: { owner: 'team', source: 'table', description: 'x' } },
      },
    );
    expect(parseProfile(JSON.parse(JSON.stringify(profile)), { sha256: toyHash })).toEqual({ ok: true, profile });
  });

  test('its id names the content: another order of making or another date changes nothing, another value does', () => {
    const base = profileOf({ x: [1, 2, 3] });
    expect(profileOf({ x: [1, 2, 3] }, { createdAt: '2027-01-01T00:00:00Z' }).id).toBe(base.id);
    expect(profileOf({ x: [1, 2, 4] }).id).not.toBe(base.id);
  });

  test('progress tells column, scan and rows', () => {
    const seen: string[] = [];
    profileOf(
      { x: [1, 2, 3] },
      {
        chunk: 2,
        onProgress: ({ column, scan, rowCount, columnCount }) =>
          seen.push(`${column}/${columnCount} ${scan} ${rowCount}`),
      },
    );
    expect(seen).toEqual(['x/1 1 2', 'x/1 1 3', 'x/1 2 2', 'x/1 2 3', 'x/1 3 2', 'x/1 3 3']);
  });

  test('columns that share a name or differ in length are a mistake of the caller', () => {
    const base = { name: 't', createdAt: '', model: { name: 'm' }, dataset: {} };
    const one = columnOf('x', 'feature', [1, 2]);
    expect(() => buildProfile({ ...base, columns: [one, one] })).toThrow(/two columns are called "x"/);
    expect(() => buildProfile({ ...base, columns: [one, columnOf('y', 'feature', [1])] })).toThrow(
      /y has 1 rows and x 2/,
    );
  });
});
