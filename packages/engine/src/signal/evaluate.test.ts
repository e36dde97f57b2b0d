import { describe, expect, test } from 'vitest';
import { allRows, batchOf, type Cell } from '../../test/sample-batch.ts';
import { profileOf } from '../../test/sample-profile.ts';
import { sampleStream } from '../../test/sample-stream.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { compileLayout } from '../sketch/layout.ts';
import { observe } from '../sketch/observe.ts';
import { createPane } from '../sketch/pane.ts';
import { evaluate, evaluateUnreferenced } from './evaluate.ts';
import { type ColumnEvaluation, type DriftMetric, type Evaluation, STATUS } from './evaluation.ts';
import { compilePolicy, type Policy } from './policy.ts';

const WINDOW = { windowMs: 3_600_000, paneMs: 300_000 };
const stream = sampleStream(21);
const normals = (count: number, shift = 0): number[] => Array.from({ length: count }, () => stream.normal() + shift);
const cities = (count: number): string[] =>
  Array.from({ length: count }, () => `c${stream.whole(1 + stream.whole(30))}`);
const profile = profileOf({ x: normals(20_000), city: cities(20_000) }, { outputs: { score: normals(20_000) } });

interface Options {
  readonly weights?: readonly number[];
  readonly policy?: Policy;
  readonly filled?: boolean;
}

function judge(reference: ReferenceProfile, columns: readonly (readonly Cell[])[], options: Options = {}): Evaluation {
  const layout = compileLayout(reference);
  const state = createPane(layout);
  const batch = batchOf(columns, { weights: options.weights });
  observe(layout, state, batch, allRows(batch), 0, batch.rowCount);
  const policy = compilePolicy(reference, options.policy ?? {}, WINDOW);
  return evaluate(layout, policy, { startMs: 0, endMs: 3_600_000, state, filled: options.filled ?? true });
}

const scoreOf = (column: ColumnEvaluation, metric: DriftMetric) =>
  column.scores.find((score) => score.metric === metric)!;
const ruleOf = (column: ColumnEvaluation, rule: string) => column.quality.find((one) => one.rule === rule)!;

describe('drift', () => {
  test('a window like the reference is ok in every signal, with noise and thresholds beside every score', () => {
    const evaluation = judge(profile, [normals(2000), cities(2000), normals(2000)]);
    for (const signal of Object.values(evaluation.signals))
      expect(signal).toEqual({ status: STATUS.ok, warningCount: 0, criticalCount: 0 });
    for (const column of evaluation.columns) {
      expect(column).toMatchObject({ status: STATUS.ok, currentSize: 2000, referenceSize: 20_000 });
      expect(column.scores.filter(({ alarms }) => alarms).map(({ metric }) => metric)).toEqual(['psi']);
      for (const { score, noise, warning, critical } of column.scores) {
        expect(score).toBeLessThan(warning);
        expect(noise).toBeGreaterThan(0);
        expect(critical).toBeGreaterThanOrEqual(warning);
      }
    }
    const psi = scoreOf(evaluation.columns[0], 'psi');
    // (k − 1)(1/n + 1/N), statistics.md.
    expect(psi.noise).toBeCloseTo(9 * (1 / 2000 + 1 / 20_000), 12);
  });

  test('a shift of one deviation is critical and scores as theory says', () => {
    const evaluation = judge(profile, [normals(5000, 1), cities(5000), normals(5000)]);
    const [x] = evaluation.columns;
    expect(x.status).toBe(STATUS.critical);
    expect(evaluation.signals.data_drift).toEqual({ status: STATUS.critical, warningCount: 1, criticalCount: 1 });
    expect(evaluation.signals.prediction_drift.status).toBe(STATUS.ok);
    // Frozen deciles, N(0,1) to N(1,1): PSI .960 (statistics.md); W1/σ = 1; KS = 2Φ(½) − 1 = .3829.
    expect(scoreOf(x, 'psi').score).toBeGreaterThan(0.88);
    expect(scoreOf(x, 'psi').score).toBeLessThan(1.04);
    expect(Math.abs(scoreOf(x, 'wasserstein').score - 1)).toBeLessThan(0.05);
    expect(Math.abs(scoreOf(x, 'kolmogorov_smirnov').score - 0.3829)).toBeLessThan(0.025);
  });

  test('one outlier hides nothing: edges are frozen', () => {
    const shifted = normals(2000, 1);
    const before = scoreOf(judge(profile, [shifted, cities(2000), normals(2000)]).columns[0], 'psi').score;
    const after = scoreOf(
      judge(profile, [[...shifted.slice(1), 1e9], cities(2000), normals(2000)]).columns[0],
      'psi',
    ).score;
    expect(Math.abs(after - before)).toBeLessThan(0.01);
  });

  test('an output that drifts is prediction drift', () => {
    const { signals } = judge(profile, [normals(2000), cities(2000), normals(2000, 1)]);
    expect(signals.data_drift.status).toBe(STATUS.ok);
    expect(signals.prediction_drift.status).toBe(STATUS.critical);
  });

  test('weights count by their effective size: doubling every weight changes nothing', () => {
    const columns = [normals(1000), cities(1000), normals(1000)];
    const one = judge(profile, columns);
    const two = judge(profile, columns, { weights: new Array<number>(1000).fill(2) });
    expect(two.columns[0].currentSize).toBeCloseTo(1000, 9);
    expect(scoreOf(two.columns[0], 'psi').score).toBeCloseTo(scoreOf(one.columns[0], 'psi').score, 12);
    const uneven = judge(profile, columns, { weights: Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 9 : 1)) });
    // (Σw)² / Σw² = 5000² / 41000.
    expect(uneven.columns[0].currentSize).toBeCloseTo(5000 ** 2 / 41_000, 6);
    expect(scoreOf(uneven.columns[0], 'psi').noise).toBeGreaterThan(scoreOf(one.columns[0], 'psi').noise);
  });

  test('the interval of the true distance comes on request, for PSI', () => {
    const { columns } = judge(profile, [normals(2000, 0.5), cities(2000), normals(2000)], {
      policy: { intervals: true },
    });
    const { score, interval } = scoreOf(columns[0], 'psi');
    expect(interval?.lower).toBeLessThan(score);
    expect(interval?.upper).toBeGreaterThan(score);
    expect(scoreOf(columns[0], 'jensen_shannon').interval).toBeUndefined();
  });
});

describe('a window that cannot be judged says why', () => {
  const columns = [normals(500), cities(500), normals(500)];

  test.each<[string, Options, readonly (readonly Cell[])[], number, string]>([
    ['without rows', {}, [[], [], []], STATUS.noData, 'no_rows'],
    ['not filled', { filled: false }, columns, STATUS.insufficientData, 'filling'],
    ['with few rows', {}, columns.map((cells) => cells.slice(0, 199)), STATUS.insufficientData, 'few_rows'],
  ])('%s', (_, options, given, status, reason) => {
    const evaluation = judge(profile, given, options);
    for (const column of evaluation.columns) expect(column).toMatchObject({ status, reason, scores: [] });
    for (const signal of Object.values(evaluation.signals)) expect(signal).toMatchObject({ status, reason });
  });

  test('with many rows but few values', () => {
    const sparse = normals(500).map((value, i) => (i < 100 ? value : null));
    const { columns: judged, signals } = judge(profile, [sparse, cities(500), normals(500)]);
    expect(judged[0]).toMatchObject({ status: STATUS.insufficientData, reason: 'few_rows', scores: [] });
    expect(signals.data_drift.status).toBe(STATUS.ok);
    expect(signals.data_quality.status).toBe(STATUS.critical);
  });

  test('few heavy weights are few rows', () => {
    const weights = Array.from({ length: 500 }, (_, i) => (i < 10 ? 1e6 : 1));
    expect(judge(profile, columns, { weights }).columns[0]).toMatchObject({ reason: 'few_rows' });
  });

  test('of a reference of ten rows', () => {
    const tiny = profileOf({ x: normals(10) });
    expect(judge(tiny, [normals(1000)]).columns[0]).toMatchObject({
      status: STATUS.insufficientData,
      reason: 'few_reference_rows',
    });
  });

  test('of a nearly constant reference', () => {
    const constant = profileOf({ x: new Array<number>(1000).fill(3) }, { overrides: { x: { monitor: true } } });
    const { columns: judged } = judge(constant, [new Array<number>(1000).fill(3)]);
    expect(judged[0]).toMatchObject({ status: STATUS.insufficientData, reason: 'few_cells', scores: [], cellCount: 1 });
    expect(judge(constant, [new Array<number>(1000).fill(4)]).signals.data_quality.status).toBe(STATUS.critical);
  });

  test('of a model without a reference', () => {
    const evaluation = evaluateUnreferenced({ startMs: 0, endMs: 1, rowCount: 7 });
    expect(evaluation.columns).toEqual([]);
    for (const signal of Object.values(evaluation.signals)) {
      expect(signal).toMatchObject({ status: STATUS.insufficientData, reason: 'no_reference' });
    }
  });

  test('a reference without outputs says nothing of predictions', () => {
    const { signals } = judge(profileOf({ x: normals(1000) }), [normals(1000)]);
    expect(signals.prediction_drift).toMatchObject({ status: STATUS.insufficientData, reason: 'no_reference' });
  });
});

describe('a feature of the reference that never comes', () => {
  test('is a schema mismatch, never green', () => {
    const { columns, signals } = judge(profile, [normals(500), new Array<Cell>(500).fill(undefined), normals(500)]);
    expect(columns[1]).toMatchObject({ status: STATUS.schemaMismatch, reason: 'schema', scores: [] });
    expect(signals.data_drift).toMatchObject({ status: STATUS.schemaMismatch, reason: 'schema' });
    expect(ruleOf(columns[1], 'absent')).toMatchObject({ ratio: 1, status: STATUS.critical });
    expect(signals.data_quality.status).toBe(STATUS.critical);
  });

  test('an alarm outweighs it', () => {
    const { signals } = judge(profile, [normals(500, 2), new Array<Cell>(500).fill(undefined), normals(500)]);
    expect(signals.data_drift.status).toBe(STATUS.critical);
  });
});

describe('data quality', () => {
  const withShare = (share: number, value: Cell): readonly (readonly Cell[])[] => [
    // Within the reference's bounds, so that the share is exact.
    normals(2000).map((one, i) => (i < share * 2000 ? value : Math.min(2, Math.max(-2, one)))),
    cities(2000),
    normals(2000),
  ];

  test.each<[string, Cell]>([
    ['missing', null],
    ['type_error', 'twelve'],
    ['out_of_bounds', 1e6],
  ])('%s alarms one point and five points above the reference', (rule, value) => {
    const statusAt = (share: number) => ruleOf(judge(profile, withShare(share, value)).columns[0], rule).status;
    expect([0, 0.005, 0.02, 0.06].map(statusAt)).toEqual([STATUS.ok, STATUS.ok, STATUS.warning, STATUS.critical]);
    expect(ruleOf(judge(profile, withShare(0.02, value)).columns[0], rule).ratio).toBe(0.02);
  });

  test('a rate is judged against the reference, not against zero', () => {
    const gaps = profileOf({ x: normals(10_000).map((value, i) => (i % 5 === 0 ? null : value)) });
    const same = normals(2000).map((value, i) => (i % 5 === 0 ? null : value));
    expect(ruleOf(judge(gaps, [same]).columns[0], 'missing')).toMatchObject({
      ratio: 0.2,
      referenceRatio: 0.2,
      status: STATUS.ok,
    });
  });

  test('unseen categories are counted apart from rare ones', () => {
    const given = cities(2000).map((name, i) => (i < 200 ? 'brand new' : name));
    const city = judge(profile, [normals(2000), given, normals(2000)]).columns[1];
    expect(ruleOf(city, 'unseen')).toMatchObject({ ratio: 0.1, referenceRatio: 0, status: STATUS.critical });
    expect(ruleOf(city, 'type_error').ratio).toBe(0);
  });

  test('a frozen feature is constant, unless chance could have frozen it', () => {
    const frozen = new Array<number>(500).fill(0.25);
    expect(ruleOf(judge(profile, [frozen, cities(500), normals(500)]).columns[0], 'constant')).toMatchObject({
      ratio: 1,
      status: STATUS.critical,
    });
    const rare = profileOf({ flag: Array.from({ length: 10_000 }, (_, i) => (i % 100 === 0 ? 1 : 0)) });
    expect(ruleOf(judge(rare, [new Array<number>(500).fill(0)]).columns[0], 'constant')).toBeUndefined();
  });

  test('a small window reports its shares and judges none', () => {
    const { columns } = judge(profile, [new Array<Cell>(50).fill(null), cities(50), normals(50)]);
    expect(ruleOf(columns[0], 'missing')).toMatchObject({ ratio: 1, status: STATUS.insufficientData });
  });
});

describe('what is not monitored', () => {
  test('is shown without alarm and without status, and weighs nothing', () => {
    const policy = { columns: [{ name: 'x', monitor: false }] };
    const { columns, signals } = judge(profile, [normals(2000, 3), cities(2000), normals(2000)], { policy });
    expect(columns[0]).toMatchObject({ monitored: false, status: STATUS.noData, reason: 'not_monitored' });
    expect(columns[0].scores.some(({ alarms }) => alarms)).toBe(false);
    expect(scoreOf(columns[0], 'psi').score).toBeGreaterThan(1);
    expect(signals.data_drift.status).toBe(STATUS.ok);
  });
});

describe('quantiles', () => {
  test('of reference and window are those of their values, within a bin', () => {
    const { columns } = judge(profile, [normals(20_000, 1), cities(20_000), normals(20_000)]);
    // Normal quantiles at .05 .25 .5 .75 .95.
    const expected = [-1.6449, -0.6745, 0, 0.6745, 1.6449];
    expected.forEach((value, i) => {
      expect(Math.abs(columns[0].quantiles!.reference[i] - value)).toBeLessThan(0.05);
      expect(Math.abs(columns[0].quantiles!.current[i] - value - 1)).toBeLessThan(0.08);
    });
    expect(columns[1].quantiles).toBeUndefined();
  });
});

test('cells are pooled by the smaller of window and reference', () => {
  // c2 has 1 % of 300 rows: 3, too few for the law, however long the window is.
  const names = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => (i % 100 === 0 ? 'c2' : `c${i % 2}`));
  const small = profileOf({ c: names(300) });
  expect(judge(small, [names(20_000)]).columns[0].cellCount).toBe(2);
  expect(judge(profileOf({ c: names(20_000) }), [names(20_000)]).columns[0].cellCount).toBe(3);
  expect(judge(profileOf({ c: names(20_000) }), [names(300)]).columns[0].cellCount).toBe(2);
});

test('every rule of quality has n, N and noise', () => {
  const reference = profileOf({ x: [...normals(9000), ...new Array<null>(1000).fill(null)] });
  const { quality } = judge(reference, [[...normals(450), ...new Array<null>(50).fill(null)]]).columns[0];
  for (const rule of quality) {
    expect(rule.currentSize, rule.rule).toBeGreaterThanOrEqual(450);
    expect(rule.referenceSize, rule.rule).toBeGreaterThanOrEqual(9000);
  }
  // √(p (1 − p)(1/n + 1/N)) at p = .1, n = 500, N = 10,000.
  const missing = quality.find(({ rule }) => rule === 'missing');
  expect(missing).toMatchObject({ currentSize: 500, referenceSize: 10_000 });
  expect(missing?.noise).toBeCloseTo(Math.sqrt(0.09 * (1 / 500 + 1 / 10_000)), 5);
  const absent = quality.find(({ rule }) => rule === 'absent');
  expect(absent?.noise).toBeGreaterThan(0);
  expect(absent?.noise).toBeLessThan(0.001);
});

describe('regression: χ² and V did not see a renamed category', () => {
  const plans = profileOf({ plan: Array.from({ length: 100_000 }, (_, i) => (i % 10 === 0 ? 'pro' : 'free')) });
  const window = (name: (i: number) => string): string[] => Array.from({ length: 2000 }, (_, i) => name(i));
  const judged = (alarmMetric: DriftMetric, names: readonly string[]) =>
    judge(plans, [names], { policy: { alarmMetric } }).columns[0];

  test.each<DriftMetric>(['psi', 'chi_square', 'cramers_v'])(
    'a category of 10 %% that is renamed alarms: %s',
    (metric) => {
      const column = judged(
        metric,
        window((i) => (i % 10 === 0 ? 'Pro' : 'free')),
      );
      expect(column.cellCount).toBe(3);
      expect(column.status).toBe(STATUS.critical);
    },
  );

  test.each<DriftMetric>(['psi', 'chi_square', 'cramers_v'])('a single new value does not: %s', (metric) => {
    const column = judged(
      metric,
      window((i) => (i === 5 ? 'Pro' : i % 10 === 0 ? 'pro' : 'free')),
    );
    expect(column.status).toBe(STATUS.ok);
  });
});
