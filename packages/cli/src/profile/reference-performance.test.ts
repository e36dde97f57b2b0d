import { OutcomePanes, PerformanceMonitor } from '@leeway/engine';
import { describe, expect, test } from 'vitest';
import { profileColumns } from '../../test/sample-table.ts';
import { performanceLines } from '../inspection-performance.ts';

const ROWS = 2_000;
const range = Array.from({ length: ROWS }, (_, i) => i);
/** Spread over [0, 1) without a pattern; the same every time. */
const spread = (i: number, by: number) => (i * by) % 1;
const score = range.map((i) => Number(spread(i, 0.618034).toFixed(4)));
/** True as often as the score says. */
const isLate = range.map((i) => (spread(i, 0.754878) < score[i] ? 1 : 0));
const x = range.map((i) => i % 7);
const predictions = (...pairs: (readonly [string, string | undefined])[]) => new Map(pairs);

async function performanceOf(columns: Readonly<Record<string, readonly unknown[]>>, request: object) {
  const { profile, notes } = await profileColumns({ x, ...columns }, { label: 'truth', ...request });
  return { profile, performance: profile.performance, notes };
}

describe('a score of one class of two', () => {
  test('classes, edges, metrics with their errors; the profile is of version 3 and can be watched', async () => {
    const { profile, performance } = await performanceOf(
      { score, truth: isLate },
      { predictions: predictions(['score', 'score']) },
    );
    expect(profile.schemaVersion).toBe(3);
    expect(profile.features.map(({ name }) => name)).toEqual(['x']);
    expect(performance).toMatchObject({ truth: 'truth', rowCount: ROWS, classification: { classes: ['0', '1'] } });
    const accuracy = performance!.metrics.find(({ metric }) => metric === 'accuracy')!;
    const hits = range.filter((i) => (score[i] >= 0.5 ? 1 : 0) === isLate[i]).length;
    expect(accuracy.value).toBeCloseTo(hits / ROWS, 12);
    expect(accuracy.standardError).toBeGreaterThan(0.002);
    expect(OutcomePanes.of(profile, { paneMs: 1_000 })?.scoreClasses).toEqual(['1']);
    const monitor = PerformanceMonitor.of(profile, { targets: { auroc: 0.65 } }, { paneMs: 1_000, paneCount: 12 });
    expect(monitor?.evaluation.reason).toBe('no_labels');
    expect(performanceLines(profile).join('\n')).toContain('accuracy');
  });

  test('a prediction without a name does as well when it can be a probability, --positive says of which class', async () => {
    const truth = isLate.map((late) => (late === 1 ? 'late' : 'on time'));
    const { performance } = await performanceOf(
      { p: score, truth },
      { predictions: predictions(['p', undefined]), positive: 'late' },
    );
    expect(performance?.classification?.classes).toEqual(['on time', 'late']);
    const auroc = performance!.metrics.find(({ metric }) => metric === 'auroc')!;
    expect(auroc.value).toBeGreaterThan(0.8);
  });

  test('the score of the label, beside the label', async () => {
    const label = score.map((one) => (one >= 0.5 ? 1 : 0));
    const ofLabel = score.map((one) => Math.max(one, Number((1 - one).toFixed(4))));
    const named = { predictions: predictions(['label', 'label'], ['score', 'score']) };
    const both = await performanceOf({ label, score: ofLabel, truth: isLate }, named);
    const alone = await performanceOf({ score, truth: isLate }, { predictions: predictions(['score', 'score']) });
    const values = ({ performance }: typeof both) => performance!.metrics.map(({ value }) => Number(value.toFixed(9)));
    expect(values(both)).toEqual(values(alone));
  });

  test('rows without a truth are left out', async () => {
    const truth = isLate.map((late, i) => (i % 4 === 0 ? '' : late));
    const { performance } = await performanceOf({ score, truth }, { predictions: predictions(['score', 'score']) });
    expect(performance?.rowCount).toBe(1_500);
  });
});

test('of three classes a score each', async () => {
  const scores = range.map((i) => [spread(i, 0.618034), spread(i, 0.754878)].sort());
  const [a, b, c] = [
    scores.map(([low]) => low),
    scores.map(([low, high]) => high - low),
    scores.map(([, high]) => 1 - high),
  ];
  const truth = range.map((i) => ['a', 'b', 'c'][i % 3]);
  const { performance } = await performanceOf(
    { a, b, c, truth },
    { predictions: predictions(['a', 'a'], ['b', 'b'], ['c', 'c']) },
  );
  expect(performance?.classification?.classes).toEqual(['a', 'b', 'c']);
  expect(performance?.classification?.scoreEdges.length).toBe(3);
  expect(performance?.metrics.map(({ metric }) => metric)).toContain('log_loss');
});

test('of a number its losses by size', async () => {
  const value = range.map((i) => i / 10);
  const truth = value.map((one, i) => one + (i % 2 === 0 ? 1 : -1));
  const { performance } = await performanceOf({ value, truth }, { predictions: predictions(['value', 'value']) });
  expect(performance?.regression?.loss.absolute.every((loss) => Math.abs(loss - 1) < 1e-9)).toBe(true);
  expect(performance?.metrics.find(({ metric }) => metric === 'mae')?.value).toBeCloseTo(1, 12);
});

describe('what cannot be measured is said, and the profile is made all the same', () => {
  test.each([
    ['no prediction', { truth: isLate }, {}, /without --prediction/],
    [
      'one class only',
      { score, truth: range.map(() => 1) },
      { predictions: predictions(['score', 'score']) },
      /one class/,
    ],
    [
      'a class without a score',
      { a: score, b: score, truth: range.map((i) => ['a', 'b', 'c'][i % 3]) },
      { predictions: predictions(['a', 'a'], ['b', 'b']) },
      /no --prediction column=c/,
    ],
    [
      'no truth at all',
      { value: score, truth: range.map(() => '') },
      { predictions: predictions(['value', 'value']) },
      /one class|no row/,
    ],
  ] as const)('%s', async (_, columns, request, note) => {
    const { profile, notes } = await performanceOf(columns, request);
    expect(profile.performance).toBeUndefined();
    expect(profile.schemaVersion).toBe(2);
    expect(notes.join('\n')).toMatch(note);
  });

  test('but a positive class that there is not is a mistake', async () => {
    const request = { predictions: predictions(['score', 'score']), positive: 'late' };
    await expect(performanceOf({ score, truth: isLate }, request)).rejects.toThrow(
      '--positive late: is none of the classes 0, 1',
    );
  });
});
