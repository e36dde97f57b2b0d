import { describe, expect, test } from 'vitest';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { compilePolicy, DEFAULT_MARGINS } from './policy.ts';

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
  const withBand = (psi: number): ReferenceProfile => {
    const profile = profileOf({ x: [1, 2, 3] });
    const features = profile.features.map((column) => ({ ...column, blockBand: { psi, blockCount: 9 } }));
    return { ...profile, features, time: { column: 't', fromMs: 0, toMs: 1, blockMs: HOUR, blockCount: 9 } };
  };
  const bandOf = (profile: ReferenceProfile, windowMs = HOUR, band?: 'none') => {
    const [{ band: value, bandReason }] = compilePolicy(profile, { band }, { ...WINDOW, windowMs }).columns;
    return [value, bandReason];
  };

  test('is used for windows of its length, else it is 0 for a stated reason', () => {
    expect(bandOf(withBand(0.07))).toEqual([0.07, undefined]);
    expect(bandOf(withBand(0.07), 2 * HOUR)).toEqual([0, 'window_differs']);
    expect(bandOf(profileOf({ x: [1, 2, 3] }))).toEqual([0, 'no_time']);
    expect(bandOf(withBand(0.07), HOUR, 'none')).toEqual([0, 'disabled']);
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
