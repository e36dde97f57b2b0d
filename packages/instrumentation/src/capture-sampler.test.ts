import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureOptions, capturePolicy } from './capture-policy.ts';
import { CaptureSampler } from './capture-sampler.ts';

const policyOf = (options: CaptureOptions, env = {}) => capturePolicy(options, env, () => undefined);

test('values are off until they are asked for, and a hard switch turns them off again', () => {
  expect(policyOf({}).capturesFeatures).toBe(false);
  expect(policyOf({}).predictions).toBe(false);
  expect(policyOf({}, { LEEWAY_CAPTURE_FEATURES: '*' }).ruleOf('anything')).toBe('raw');
  const listed = policyOf({}, { LEEWAY_CAPTURE_FEATURES: 'age, plan' });
  expect([listed.ruleOf('age'), listed.ruleOf('salary')]).toEqual(['raw', 'drop']);
  const off = policyOf({ features: '*' }, { LEEWAY_DISABLED: 'true' });
  expect([off.isDisabled, off.capturesFeatures, off.ruleOf('age')]).toEqual([true, false, 'drop']);
});

test('a limit that is not understood is told, and captures nothing', () => {
  const warnings: string[] = [];
  const policy = capturePolicy({}, { LEEWAY_CAPTURE_RATE: 'often' }, (message) => warnings.push(message));
  expect(policy.rate).toBe(0);
  expect(warnings).toEqual([
    'LEEWAY_CAPTURE_RATE is "often": a number from 0 to 1 is expected; no values are captured',
  ]);
});

test('a batch beyond the row cap is thinned evenly, and says with which probability', () => {
  const sampler = new CaptureSampler(policyOf({ features: '*', rowsMax: 4 }), {
    random: () => 0.5,
    elapsedMs: () => 0,
  });
  const decision = sampler.decide(10);
  expect(decision.probability).toBeCloseTo(0.4, 12);
  expect([...(decision.rows ?? [])]).toEqual([1, 3, 6, 8]);
});

test('law: captured rows over their probability estimate all rows, whatever the rate and the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (rows, rate, rowsMax) => {
        let state = 12345;
        const random = () => {
          state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
          return state / 0x80000000;
        };
        const sampler = new CaptureSampler(policyOf({ features: '*', rate, rowsMax }), { random, elapsedMs: () => 0 });
        let estimate = 0;
        const calls = 4_000;
        for (let i = 0; i < calls; i++) {
          const decision = sampler.decide(rows);
          if (decision.probability > 0) estimate += decision.rowCount / decision.probability;
        }
        expect(estimate / (calls * rows)).toBeGreaterThan(0.85);
        expect(estimate / (calls * rows)).toBeLessThan(1.15);
      },
    ),
    { numRuns: 30 },
  );
});

test('a budget of rows a second is kept, and every row of a steady stream has the same chance', () => {
  let nowMs = 0;
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 48271) % 0x7fffffff) | 0;
    return Math.abs(state) / 0x7fffffff;
  };
  const sampler = new CaptureSampler(policyOf({ features: '*', rowsPerSecond: 100 }), {
    random,
    elapsedMs: () => nowMs,
  });
  const perSecond: number[] = [];
  for (let second = 0; second < 20; second++) {
    let captured = 0;
    for (let i = 0; i < 1_000; i++) {
      nowMs = second * 1_000 + i;
      captured += sampler.decide(1).rowCount;
    }
    perSecond.push(captured);
  }
  const steady = perSecond.slice(1);
  expect(Math.max(...perSecond)).toBeLessThanOrEqual(200);
  expect(steady.reduce((sum, n) => sum + n, 0) / steady.length).toBeGreaterThan(70);
  expect(steady.reduce((sum, n) => sum + n, 0) / steady.length).toBeLessThan(130);
});
