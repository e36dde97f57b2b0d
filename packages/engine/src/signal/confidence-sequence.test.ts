/** How often a confidence sequence is wrong at any of all looks, where an interval of one look is nearly always. */
import { describe, expect, test } from 'vitest';
import { classificationErrors } from '../performance/classification-errors.ts';
import { classificationLayout } from '../performance/classification-layout.ts';
import { addClassified, emptyOutcomes } from '../performance/classification-outcomes.ts';
import { classificationScores } from '../performance/classification-scores.ts';
import { seededRandom } from '../special/seeded-random.ts';
import { confidenceFactor } from './confidence-sequence.ts';

const ALPHA = 0.05;
const FIRST_LOOK = 200;
const NORMAL_975 = 1.959964;

/** Share of streams in which |value − truth| was above factor × standard error at any look. */
function missShare(
  streams: number,
  factorOf: (size: number) => number,
  looksOf: (seed: number) => Iterable<Look>,
): number {
  let missed = 0;
  for (let seed = 0; seed < streams; seed++) {
    for (const { size, distance, error } of looksOf(seed)) {
      if (distance <= factorOf(size) * error) continue;
      missed++;
      break;
    }
  }
  return missed / streams;
}

interface Look {
  readonly size: number;
  readonly distance: number;
  readonly error: number;
}

/** A share of `truth`, looked at after every row. */
function* share(seed: number, truth: number, rows: number): Iterable<Look> {
  const random = seededRandom(seed);
  let hits = 0;
  for (let size = 1; size <= rows; size++) {
    if (random() < truth) hits++;
    if (size < FIRST_LOOK) continue;
    const value = hits / size;
    // As thresholds are made: of a share the error at the value that is tested, if that is the larger one.
    const error = Math.sqrt(Math.max(value * (1 - value), truth * (1 - truth)) / size);
    yield { size, distance: Math.abs(value - truth), error };
  }
}

describe('a share that is looked at after every row, from 200 to 10,000', () => {
  test.each([0.5, 0.9, 0.05])('of %d: wrong in at most α of the streams', (truth) => {
    const missed = missShare(
      1_000,
      (size) => confidenceFactor(size, ALPHA),
      (seed) => share(seed, truth, 10_000),
    );
    // 1,000 streams: two standard errors are 1.4 %.
    expect(missed).toBeLessThan(ALPHA + 0.014);
  });

  test('an interval of one look is wrong in a third of them', () => {
    const missed = missShare(
      300,
      () => NORMAL_975,
      (seed) => share(seed, 0.5, 10_000),
    );
    expect(missed).toBeGreaterThan(0.25);
  });
});

test('AUROC with its standard error from sums, looked at every 50 rows: wrong in at most α of the streams', () => {
  const layout = classificationLayout(['no', 'yes'], [Array.from({ length: 199 }, (_, i) => (i + 1) / 200)]);
  // Of scores u and √u the area is P(u < √v) = 2/3.
  const auroc = 2 / 3;
  function* looks(seed: number): Iterable<Look> {
    const random = seededRandom(seed);
    const state = emptyOutcomes(layout);
    for (let size = 1; size <= 4_000; size++) {
      const actual = random() < 0.3 ? 1 : 0;
      const score = actual === 1 ? Math.sqrt(random()) : random();
      addClassified(layout, state, { actual, predicted: 0, scores: [score] });
      if (size < FIRST_LOOK || size % 50 !== 0) continue;
      const value = classificationScores(layout, state).auroc;
      const error = classificationErrors(layout, state).auroc;
      if (!('value' in value) || error === undefined) throw new Error('no value');
      yield { size, distance: Math.abs(value.value - auroc), error: error.standardError };
    }
  }
  expect(missShare(300, (size) => confidenceFactor(size, ALPHA), looks)).toBeLessThan(ALPHA + 0.025);
});

test('the factor is that of the paper at its tightest, and at a tenth and ten times the rows at most 28 % wider', () => {
  // Waudby-Smith et al., equation 2.4 with ρ² = (−2 log α + log(−2 log α + 1)) / n: for α = .05 and n ρ² = 7.935.
  const rows = -2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05) + 1);
  expect(confidenceFactor(1_000, 0.05)).toBeCloseTo(
    Math.sqrt(((2 * (rows + 1)) / rows) * Math.log(Math.sqrt(rows + 1) / 0.05)),
    12,
  );
  expect(confidenceFactor(1_000, 0.05)).toBeCloseTo(3.03, 1);
  for (const alpha of [0.05, 1e-5])
    for (const size of [100, 10_000]) {
      const ratio = confidenceFactor(size, alpha) / confidenceFactor(1_000, alpha);
      expect(ratio).toBeGreaterThan(1);
      expect(ratio).toBeLessThan(1.28);
    }
});
