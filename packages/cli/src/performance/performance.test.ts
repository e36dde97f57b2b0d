/** `leeway performance` as a user runs it, on rows whose figures are counted here by the definitions. */
import { expect, test } from 'vitest';
import { runLeeway } from '../../test/run-leeway.ts';
import { writeTemporary } from '../../test/sample-table.ts';
import type { PerformanceReport } from './report.ts';

/** mulberry32 (public domain). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Row {
  readonly day: number;
  readonly score: number;
  readonly truth: string;
}

/** Over-confident scores. From `changedFrom` on the truth has nothing to do with them. */
function rowsOf(count: number, days: number, seed: number, changedFrom = days): Row[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, i) => {
    const day = Math.floor((i * days) / count);
    const score = Math.round(random() * 1e4) / 1e4;
    const probability = day >= changedFrom ? 0.5 : score * score;
    const isLate = random() < probability;
    return { day, score, truth: random() < 0.05 ? '' : isLate ? 'late' : 'on time' };
  });
}

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, 1 + day, 12)).toISOString();
const csvOf = (rows: readonly Row[]) =>
  `at,p_late,said,truth\n${rows.map(({ day, score, truth }) => `${dayOf(day)},${score},${score >= 0.5 ? 'late' : 'on time'},${truth}`).join('\n')}\n`;

async function reportOf(...args: string[]): Promise<PerformanceReport> {
  const { code, stdout, stderr } = await runLeeway(['performance', ...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}
const valueIn = (figures: PerformanceReport['slices'][number]['measured'], metric: string) => {
  const figure = figures?.[metric];
  return figure === undefined || 'reason' in figure ? Number.NaN : figure.value;
};

test('measured by day: the figures are those of the definitions', async () => {
  const rows = rowsOf(1_200, 3, 1);
  const file = writeTemporary('may.csv', csvOf(rows));
  const report = await reportOf(file, '--label', 'truth', '--prediction', 'p_late=late', '--time', 'at');
  expect(report).toMatchObject({ task: 'classification', classes: ['on time', 'late'], rowCount: 1_200 });
  expect(report.unlabelledCount).toBe(rows.filter(({ truth }) => truth === '').length);
  expect(report.slices.map(({ from, rowCount }) => [from, rowCount])).toEqual(
    [0, 1, 2].map((day) => [`2026-01-0${day + 1}T00:00:00.000Z`, 400]),
  );
  report.slices.forEach(({ measured, labelledCount }, day) => {
    const own = rows.filter((row) => row.day === day && row.truth !== '');
    expect(labelledCount).toBe(own.length);
    const right = own.filter(({ score, truth }) => score >= 0.5 === (truth === 'late')).length;
    expect(valueIn(measured, 'accuracy')).toBeCloseTo(right / own.length, 12);
    const late = own.filter(({ truth }) => truth === 'late');
    const others = own.filter(({ truth }) => truth !== 'late');
    let pairs = 0;
    for (const one of late)
      for (const other of others) pairs += one.score > other.score ? 1 : one.score === other.score ? 0.5 : 0;
    expect(valueIn(measured, 'auroc')).toBeCloseTo(pairs / (late.length * others.length), 12);
    const squares = own.reduce((sum, { score, truth }) => sum + (score - (truth === 'late' ? 1 : 0)) ** 2, 0);
    expect(valueIn(measured, 'brier')).toBeCloseTo(squares / own.length, 12);
  });
});

test('labels, scores of labels and scores of the positive class say the same', async () => {
  const rows = rowsOf(600, 1, 2);
  const file = writeTemporary('may.csv', csvOf(rows));
  const ofLabel = rows.map((row) => ({ ...row, score: row.score >= 0.5 ? row.score : 1 - row.score }));
  const said = `p,said,truth\n${ofLabel.map(({ score, truth }, i) => `${score},${rows[i].score >= 0.5 ? 'late' : 'on time'},${truth}`).join('\n')}\n`;
  const other = writeTemporary('said.csv', said);
  const label = ['--label', 'truth'];
  const byClass = await reportOf(file, ...label, '--prediction', 'p_late=late');
  const byPositive = await reportOf(file, ...label, '--prediction', 'p_late', '--positive', 'late');
  const byBoth = await reportOf(
    other,
    ...label,
    ...['--prediction', 'p', '--prediction', 'said=label', '--positive', 'late'],
  );
  const byLabel = await reportOf(file, ...label, '--prediction', 'said=label', '--positive', 'late');
  expect(byPositive).toEqual(byClass);
  for (const metric of ['auroc', 'log_loss', 'accuracy', 'f1'])
    expect(valueIn(byBoth.slices[0].measured, metric)).toBeCloseTo(valueIn(byClass.slices[0].measured, metric), 9);
  expect(valueIn(byLabel.slices[0].measured, 'f1')).toBe(valueIn(byClass.slices[0].measured, 'f1'));
  expect(byLabel.slices[0].measured?.auroc).toEqual({ reason: 'no_scores' });
});

test('estimated without the truth, and where the meaning changed that is said', async () => {
  const training = writeTemporary('january.csv', csvOf(rowsOf(6_000, 5, 3)));
  const current = writeTemporary('june.csv', csvOf(rowsOf(6_000, 6, 4, 4)));
  const args = [current, '--label', 'truth', '--prediction', 'p_late=late', '--time', 'at', '--calibrate-on', training];
  const { slices, reference } = await reportOf(...args);
  expect(reference?.rowCount).toBeGreaterThan(5_000);
  slices.forEach(({ measured, estimated }, day) => {
    for (const metric of ['accuracy', 'auroc']) {
      const figure = measured?.[metric] as { value: number; standardError: number };
      const gap = Math.abs(figure.value - valueIn(estimated, metric)) / figure.standardError;
      if (day < 4) expect(gap).toBeLessThan(4.5);
      else expect(gap).toBeGreaterThan(8);
    }
  });
  const { stdout } = await runLeeway(['performance', ...args]);
  const lines = stdout.split('\n').filter((line) => line.startsWith('2026-'));
  expect(lines.map((line) => line.includes('!'))).toEqual([false, false, false, false, true, true]);
  expect(stdout).toContain('what the inputs mean has changed');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('rows without any truth are estimated all the same', async () => {
  const training = writeTemporary('january.csv', csvOf(rowsOf(3_000, 1, 5)));
  const current = writeTemporary('june.csv', csvOf(rowsOf(500, 1, 6).map((row) => ({ ...row, truth: '' }))));
  const args = [current, '--label', 'truth', '--prediction', 'p_late=late', '--calibrate-on', training];
  const { slices, unlabelledCount } = await reportOf(...args);
  expect(unlabelledCount).toBe(500);
  expect(slices[0].measured).toBeUndefined();
  expect(valueIn(slices[0].estimated, 'accuracy')).toBeGreaterThan(0.6);
  const { stdout } = await runLeeway(['performance', ...args]);
  expect(stdout).toContain('no truth');
});

test('regression, and more than two classes', async () => {
  const numbers = writeTemporary('prices.csv', 'price,forecast\n1,2\n2,2\n3,5\n,4\n');
  const { task, slices, unlabelledCount } = await reportOf(
    numbers,
    '--label',
    'price',
    '--prediction',
    'forecast=value',
  );
  expect([task, unlabelledCount, valueIn(slices[0].measured, 'mae')]).toEqual(['regression', 1, 1]);
  expect(valueIn(slices[0].measured, 'r2')).toBeCloseTo(1 - 5 / 2, 12);
  const lines = ['a,.7,.2,.1', 'b,.2,.5,.3', 'c,.5,.3,.2', 'b,.1,.8,.1'];
  const three = writeTemporary('three.csv', `truth,pa,pb,pc\n${lines.join('\n')}\n`);
  const predictions = ['a', 'b', 'c'].flatMap((name) => ['--prediction', `p${name}=${name}`]);
  const report = await reportOf(three, '--label', 'truth', ...predictions);
  expect(report.classes).toEqual(['a', 'b', 'c']);
  expect(valueIn(report.slices[0].measured, 'accuracy')).toBe(0.75);
});

test('a regression is estimated by what predictions of that size lost before', async () => {
  const random = randomOf(9);
  const line = (least: number, more: number) => {
    const forecast = least + 100 * random();
    return `${(forecast + (random() - 0.5) * 0.4 * forecast + more).toFixed(3)},${forecast.toFixed(3)}`;
  };
  const csv = (count: number, least: number, more: number) =>
    `price,forecast\n${Array.from({ length: count }, () => line(least, more)).join('\n')}\n`;
  const training = writeTemporary('may.csv', csv(20_000, 0, 0));
  const columns = ['--label', 'price', '--prediction', 'forecast=value', '--calibrate-on', training];
  const [same] = (await reportOf(writeTemporary('june.csv', csv(4_000, 0, 0)), ...columns)).slices;
  const gap = (metric: string, { measured, estimated }: typeof same) =>
    Math.abs(valueIn(measured, metric) - valueIn(estimated, metric)) / valueIn(measured, metric);
  for (const metric of ['mae', 'rmse']) expect(gap(metric, same)).toBeLessThan(0.06);
  // Prices rose: the forecasts say nothing of it.
  const [risen] = (await reportOf(writeTemporary('july.csv', csv(4_000, 0, 20)), ...columns)).slices;
  expect(gap('mae', risen)).toBeGreaterThan(0.4);
  const { stdout } = await runLeeway(['performance', writeTemporary('july.csv', csv(4_000, 0, 20)), ...columns]);
  expect(stdout).toContain('!');
  expect(stdout).toContain('what predictions of this size lost in the reference');
});

test.each([
  ['a class that no row has', ['--prediction', 'p_late=latte'], 'no row has the class latte; did you mean late?'],
  ['a column that is not there', ['--prediction', 'p'], '--prediction p: there is no such column'],
  [
    'a number as label',
    ['--label', 'p_late', '--prediction', 'said=label'],
    'of a number name the prediction column=value',
  ],
  ['two scores', ['--prediction', 'p_late', '--prediction', 'said=late'], 'score and late are both scores: keep one'],
  [
    'value and label',
    ['--prediction', 'p_late=value', '--prediction', 'said=label'],
    'a model predicts a number or classes',
  ],
  ['the truth as prediction', ['--prediction', 'truth'], '--label truth and --prediction truth contradict each other'],
  [
    'a positive class that is none',
    ['--prediction', 'p_late', '--positive', 'early'],
    'is none of the classes late, on time',
  ],
  ['too short a stretch', ['--prediction', 'p_late', '--every', '1x'], '--every 1x: write a duration'],
  ['no time', ['--prediction', 'p_late', '--time', 'said'], '--time said: none of its values is a time'],
  [
    'nothing to calibrate',
    ['--prediction', 'said=label', '--calibrate-on', 'FILE'],
    'there are no scores to calibrate',
  ],
])('%s is refused with the fix', async (_, args, message) => {
  const rows = rowsOf(2_000, 1, 7);
  const file = writeTemporary('may.csv', csvOf(rows));
  const given = args.map((arg) => (arg === 'FILE' ? file : arg));
  const label = given.includes('--label') ? [] : ['--label', 'truth'];
  const { code, stderr } = await runLeeway(['performance', file, ...label, ...given]);
  expect([code, stderr.includes(message)], stderr).toEqual([1, true]);
});
