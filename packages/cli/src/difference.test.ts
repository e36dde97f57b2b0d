/** Two references, as `leeway diff` sees them. */
import { expect, test } from 'vitest';
import { profileColumns } from '../test/sample-table.ts';
import { differencesOf } from './difference.ts';

/** A generator of its own, so that two samples of one distribution differ by chance alone (Park and Miller, 1988). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
const draw = <T>(count: number, seed: number, one: (random: number) => T): T[] => {
  const random = uniform(seed);
  return Array.from({ length: count }, () => one(random()));
};
const amounts = (seed: number, from = 0) => draw(3_000, seed, (u) => from + 1_000 * u ** 2);
const plans = (seed: number) => draw(3_000, seed, (u) => (u < 0.6 ? 'basic' : u < 0.9 ? 'plus' : 'team'));
const counts = (seed: number) => draw(3_000, seed, (u) => Math.floor(12 * u ** 3));
const made = async (columns: Record<string, readonly unknown[]>) => (await profileColumns(columns)).profile;
const mattering = (differences: ReturnType<typeof differencesOf>) => differences.filter(({ matters }) => matters);

test('regression: two samples of one distribution always differed', async () => {
  for (const seed of [11, 12, 13]) {
    const before = await made({ amount: amounts(seed), plan: plans(seed), items: counts(seed) });
    const after = await made({ amount: amounts(seed + 50), plan: plans(seed + 50), items: counts(seed + 50) });
    expect(differencesOf(before, after).filter(({ change }) => change === 'distribution')).toEqual([]);
  }
});

test('regression: ranges of time stamps that do not meet were equal, because their labels were', async () => {
  const start = 1_700_000_000_000;
  const stamps = (from: number) => draw(3_000, 5, (u) => from + Math.floor(100 * u));
  const [difference] = differencesOf(await made({ at: stamps(start) }), await made({ at: stamps(start + 100) }));
  expect(difference).toMatchObject({ name: 'at', change: 'distribution', matters: true });
  expect(difference.psi).toBeGreaterThan(5);
});

test('regression: missing values that came were no difference', async () => {
  const before = await made({ amount: amounts(1), plan: plans(1) });
  const after = await made({ amount: [...amounts(1), ...Array(3_000).fill('')], plan: [...plans(1), ...plans(2)] });
  expect(mattering(differencesOf(before, after))).toEqual([
    { name: 'amount', change: 'missing', detail: '0.0 % → 50.0 % of rows', matters: true },
  ]);
});

test('a shift and a new category matter, and say how much', async () => {
  const before = await made({ amount: amounts(1), plan: plans(1) });
  const after = await made({ amount: amounts(2, 300), plan: plans(2).map((plan) => (plan === 'plus' ? 'pro' : plan)) });
  const [amount, plan] = mattering(differencesOf(before, after));
  expect(amount.detail).toMatch(/PSI \d\.\d+ \(noise 0\.\d+\), mean 3\d\d\.?\d* → 6\d\d/);
  expect(plan.detail).toMatch(/plus 2\d\.\d % → 0\.0 %, pro 0\.0 % → \d\d\.\d %|pro 0\.0 % → \d\d\.\d %, plus/);
});

test('the order of categories is no difference, nor is the name of the file', async () => {
  const before = await made({ plan: [...plans(1)] });
  const after = await made({ plan: [...plans(1)].reverse() });
  expect(differencesOf(before, after)).toEqual([]);
});
