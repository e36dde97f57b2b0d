import { describe, expect, test } from 'vitest';
import { STATUS } from './evaluation.ts';
import { newLevelMemory, stepLevels } from './hysteresis.ts';

const RULE = { leaveRatio: 0.8, leaveCount: 2 };
const run = (scores: readonly number[], rule = RULE): string => {
  const memory = newLevelMemory();
  const letter = { [STATUS.ok]: 'o', [STATUS.warning]: 'w', [STATUS.critical]: 'c' } as Record<number, string>;
  return scores.map((score) => letter[stepLevels(memory, { score, warning: 0.1, critical: 0.25 }, rule)]).join('');
};

describe('hysteresis', () => {
  test('a level is entered at its threshold', () => {
    expect(run([0.0999, 0.1, 0.25])).toBe('owc');
  });

  test('it is left below 0.8 of it, twice in a row', () => {
    expect(run([0.1, 0.07, 0.07])).toBe('wwo');
    expect(run([0.1, 0.07, 0.085, 0.07, 0.07])).toBe('wwwwo');
    expect(run([0.1, 0.081, 0.081, 0.081, 0.081])).toBe('wwwww');
  });

  test('critical falls back to warning first', () => {
    expect(run([0.3, 0.15, 0.15])).toBe('ccw');
    expect(run([0.3, 0.01, 0.01])).toBe('cco');
    expect(run([0.3, 0.09, 0.09, 0.07, 0.07])).toBe('ccwwo');
  });

  test('a score that comes back starts the count anew', () => {
    expect(run([0.1, 0.05, 0.1, 0.05, 0.05])).toBe('wwwwo');
  });

  test('a count of one leaves at once', () => {
    expect(run([0.1, 0.07, 0.1], { leaveRatio: 0.8, leaveCount: 1 })).toBe('wow');
  });

  test('regression: a level that was left is not entered below its threshold', () => {
    expect(run([0.1, 0, 0, 0.09, 0.0999])).toBe('wwooo');
  });
});
