import { describe, expect, test } from 'vitest';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { BlockBand, ReferenceProfile } from '../reference/profile.ts';
import { compilePolicy, DEFAULT_MARGINS } from './policy.ts';
import { policyNotes } from './policy-notes.ts';
import { bandOfWindow } from './reference-band.ts';

const HOUR = 3_600_000;
const WINDOW = { windowMs: HOUR, paneMs: HOUR / 12 };
const stream = sampleStream(2);
const columns = (count: number): Record<string, number[]> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}`, Array.from({ length: 300 }, () => stream.normal())]),
  );

describe('the budget', () => {
  test('one false alarm in 30 days over 20 features every five minutes is 5.8e-6 a test (statistics.md)', () => {
    const policy = compilePolicy(profileOf(columns(20)), {}, WINDOW);
    expect(policy.alpha).toBeCloseTo(1 / (20 * 8640), 12);
    expect(policy.qualityAlpha).toBeCloseTo(policy.alpha / 6, 12);
  });

  test('columns that are not monitored take no part of it', () => {
    const profile = profileOf(columns(4));
    const muted = { columns: ['f0', 'f1'].map((name) => ({ name, monitor: false })) };
    expect(compilePolicy(profile, muted, WINDOW).alpha).toBeCloseTo(1 / (2 * 8640), 12);
  });
});

describe('a column', () => {
  const profile = profileOf({ x: [1, 2, 3], hour: [1, 2, 23], c: ['a', 'b', 'c'] }, { outputs: { x: [0, 1, 2] } });

  test('has the defaults of the design', () => {
    const [x, hour] = compilePolicy(profile, {}, WINDOW).columns;
    expect(x).toMatchObject({
      monitored: true,
      rowsMin: 200,
      alarmMetric: 'psi',
      qualityMargin: { warning: 0.01, critical: 0.05 },
    });
    expect(x.margins).toEqual(DEFAULT_MARGINS);
    expect(x.metrics).toEqual([
      'psi',
      'jensen_shannon',
      'wasserstein',
      'kolmogorov_smirnov',
      'chi_square',
      'cramers_v',
      'chebyshev',
      'hellinger',
    ]);
    expect(hour.monitored).toBe(false);
  });

  test('can be overridden one by one; a role tells a feature from an output of the same name', () => {
    const policy = compilePolicy(
      profile,
      {
        rowsMin: 500,
        margins: { psi: { warning: 0.2, critical: 0.3 } },
        columns: [
          { name: 'hour', monitor: true },
          { name: 'x', role: 'output', rowsMin: 50, margins: { psi: { warning: 0, critical: 0 } } },
        ],
      },
      WINDOW,
    );
    expect(policy.columns.map(({ rowsMin }) => rowsMin)).toEqual([500, 500, 500, 50]);
    expect(policy.columns.map(({ monitored }) => monitored)).toEqual([true, true, true, true]);
    expect(policy.columns.map(({ margins }) => margins.psi.warning)).toEqual([0.2, 0.2, 0.2, 0]);
    expect(policy.columns[3].margins.chebyshev).toEqual(DEFAULT_MARGINS.chebyshev);
  });

  test('of categories alarms on PSI where the chosen metric needs an order', () => {
    const policy = compilePolicy(profile, { alarmMetric: 'wasserstein', metrics: [] }, WINDOW);
    expect(policy.columns.map(({ alarmMetric, metrics }) => [alarmMetric, ...metrics])).toEqual([
      ['wasserstein', 'wasserstein'],
      ['wasserstein', 'wasserstein'],
      ['psi', 'psi'],
      ['wasserstein', 'wasserstein'],
    ]);
  });

  test('called __proto__ is a column like any other', () => {
    const hostile = profileOf(JSON.parse('{"__proto__":[1,2,3]}') as Record<string, number[]>);
    const policy = compilePolicy(hostile, { columns: [{ name: '__proto__', rowsMin: 7 }] }, WINDOW);
    expect(policy.columns[0].rowsMin).toBe(7);
  });
});

describe('the block band', () => {
  const withBand = (psi: number, more: Partial<BlockBand> = {}): ReferenceProfile => {
    const profile = profileOf({ x: [1, 2, 3] });
    const features = profile.features.map((column) => ({ ...column, blockBand: { psi, blockCount: 9, ...more } }));
    return { ...profile, features, time: { column: 't', fromMs: 0, toMs: 1, blockMs: HOUR, blockCount: 9 } };
  };
  const bandOf = (profile: ReferenceProfile, windowMs = HOUR, band?: 'none') => {
    const [{ band: value, bandReason }] = compilePolicy(profile, { band }, { ...WINDOW, windowMs }).columns;
    return [value, bandReason];
  };

  test('is used for windows of its length, else it is 0 for a stated reason', () => {
    expect(bandOf(withBand(0.07))).toEqual([0.07, undefined]);
    expect(bandOf(withBand(0.07), HOUR / 2)).toEqual([0, 'window_differs']);
    expect(bandOf(profileOf({ x: [1, 2, 3] }))).toEqual([0, 'no_time']);
    expect(bandOf(withBand(0.07), HOUR, 'none')).toEqual([0, 'disabled']);
  });

  test('bounds that of longer windows; the longest that was measured counts', () => {
    expect(bandOf(withBand(0.07), 2 * HOUR)).toEqual([0.07, undefined]);
    const longer = [
      { blockMs: 24 * HOUR, psi: 0.02, blockCount: 9 },
      { blockMs: 168 * HOUR, psi: 0.01, blockCount: 3 },
    ];
    expect(bandOf(withBand(0.07, { longer }), 23 * HOUR)).toEqual([0.07, undefined]);
    expect(bandOf(withBand(0.07, { longer }), 48 * HOUR)).toEqual([0.02, undefined]);
    expect(bandOf(withBand(0.07, { longer }), 200 * HOUR)).toEqual([0.01, undefined]);
  });

  test('by hour is the widest of the hours that a window touches', () => {
    const psi = Array.from({ length: 24 }, (_, hour) => hour / 100);
    const [own] = compilePolicy(withBand(0.5, { slots: { periodMs: 24 * HOUR, psi } }), {}, WINDOW).columns;
    const at = (start: number, end: number): number => bandOfWindow(own, start * HOUR, end * HOUR);
    expect(at(3, 4)).toBe(0.03);
    expect(at(3.5, 4.5)).toBe(0.04);
    expect(at(23.5, 24.5)).toBe(0.23);
    expect(at(-1, 0)).toBe(0.23);
    expect(at(0, 1000)).toBe(0.23);
    expect(at(240 + 7, 240 + 8)).toBe(0.07);
  });

  test('regression: blocks of a day under windows of an hour switched the band off without a word', () => {
    const profile = withBand(0.07);
    expect(policyNotes(profile, compilePolicy(profile, {}, WINDOW))).toEqual([]);
    const days = { ...profile, time: { ...profile.time!, blockMs: 24 * HOUR } };
    expect(policyNotes(days, compilePolicy(days, {}, WINDOW))).toEqual([
      'reference blocks are 1 d, window is 1 h: block band unused; make the reference with --window 1h',
    ]);
    expect(policyNotes(days, compilePolicy(days, { band: 'always' }, WINDOW))).toEqual([]);
  });
});

describe('regression: calendar features went by the window of the reference', () => {
  const hours = Array.from({ length: 240 }, (_, i) => i % 24);
  const DAYS = { windowMs: 24 * HOUR, paneMs: HOUR };

  test('an hour of the day is not monitored in windows of an hour, whatever the reference was made for', () => {
    const daily = profileOf({ hour: hours }, { windowMs: 24 * HOUR });
    expect(daily.features[0].monitor).toBe(true);
    const policy = compilePolicy(daily, {}, WINDOW);
    expect(policy.columns[0].monitored).toBe(false);
    expect(policyNotes(daily, policy)).toEqual([
      'hour: not monitored: calendar: a window of 1 h sees only a part of the cycle of hour',
    ]);
    expect(compilePolicy(daily, { columns: [{ name: 'hour', monitor: true }] }, WINDOW).columns[0].monitored).toBe(
      true,
    );
  });

  test('and is monitored in windows of a day', () => {
    const hourly = profileOf({ hour: hours }, { windowMs: HOUR });
    expect(hourly.features[0].monitor).toBe(false);
    const policy = compilePolicy(hourly, {}, DAYS);
    expect(policy.columns[0].monitored).toBe(true);
    expect(policyNotes(hourly, policy)).toEqual(['hour: monitored: a window of 1 d covers the cycle of hour']);
  });

  test('what the user decided stands', () => {
    const decided = profileOf({ hour: hours }, { windowMs: HOUR, overrides: { hour: { monitor: true } } });
    expect(compilePolicy(decided, {}, WINDOW).columns[0].monitored).toBe(true);
  });
});

describe('a mistake is refused with the value and the fix', () => {
  const profile = profileOf({ x: [1, 2, 3] });
  test.each([
    [{ columns: [{ name: 'y' }] }, /no column "y" in the reference of sample: use x/],
    [{ columns: [{ name: 'x', role: 'output' as const }] }, /no column "x"/],
    [{ margins: { psi: { warning: 0.3, critical: 0.1 } } }, /margins\.psi is 0\.3 and 0\.1/],
    [{ qualityMargin: { warning: Number.NaN, critical: 1 } }, /qualityMargin is NaN/],
    [{ falseAlarms: 0 }, /falseAlarms is 0/],
    [{ rowsMin: -1 }, /rowsMin is -1/],
  ])('%j', (policy, message) => {
    expect(() => compilePolicy(profile, policy, WINDOW)).toThrow(message);
  });
});
