import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureOptions, capturePolicy } from './capture-policy.ts';
import { CaptureSampler, shareOfId } from './capture-sampler.ts';

const policyOf = (options: CaptureOptions, env = {}) => capturePolicy(options, env, () => undefined);

test('values are off until they are asked for', () => {
  expect(policyOf({}).capturesFeatures).toBe(false);
  expect(policyOf({}).predictions).toBe(false);
  expect(new CaptureSampler(policyOf({}), { random: () => 0, elapsedMs: () => 0 }).decide(1).reason).toBe('off');
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

/** A linear congruential generator: the same numbers in every run. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test('law: a burst is estimated without bias from its first second, and stays near the budget', () => {
  for (const rows of [1_000, 30_000]) {
    const estimates: number[] = [];
    for (let run = 0; run < 200; run++) {
      const sampler = new CaptureSampler(policyOf({ features: '*', rowsPerSecond: 100 }), {
        random: lcg(run + 1),
        elapsedMs: () => 0,
      });
      let estimate = 0;
      let captured = 0;
      for (let i = 0; i < rows; i++) {
        const decision = sampler.decide(1);
        captured += decision.rowCount;
        if (decision.rowCount > 0) estimate += 1 / decision.probability;
      }
      expect(captured).toBeLessThan(300);
      estimates.push(estimate / rows);
    }
    const mean = estimates.reduce((sum, one) => sum + one, 0) / estimates.length;
    // The mean of 200 estimates, each of which scatters by about a third.
    expect(mean).toBeGreaterThan(0.9);
    expect(mean).toBeLessThan(1.1);
  }
});

test('law: with errors always captured, both kinds of rows are estimated without bias', () => {
  const sampler = new CaptureSampler(policyOf({ features: '*', rate: 0.1, errors: 'always' }), {
    random: lcg(5),
    elapsedMs: () => 0,
  });
  const estimate = { error: 0, success: 0 };
  const calls = 40_000;
  for (let i = 0; i < calls; i++) {
    const isError = i % 4 === 0;
    let decision = sampler.decide(1);
    if (isError) {
      decision = sampler.ofError(decision, 1);
      expect([decision.rowCount, decision.probability]).toEqual([1, 1]);
    }
    if (decision.rowCount > 0) estimate[isError ? 'error' : 'success'] += 1 / decision.probability;
  }
  expect(estimate.error).toBe(calls / 4);
  // 30,000 rows at a tenth: a standard error of 0.017 of the whole.
  expect(Math.abs(estimate.success / ((calls * 3) / 4) - 1)).toBeLessThan(0.06);
});

test('a storm of errors is held by the budget, and still estimated', () => {
  const sampler = new CaptureSampler(policyOf({ features: '*', rate: 0.01, rowsPerSecond: 50, errors: 'always' }), {
    random: lcg(9),
    elapsedMs: () => 0,
  });
  let captured = 0;
  let estimate = 0;
  for (let i = 0; i < 5_000; i++) {
    const decision = sampler.ofError(sampler.decide(1), 1);
    captured += decision.rowCount;
    if (decision.rowCount > 0) estimate += 1 / decision.probability;
  }
  expect(captured).toBeLessThan(150);
  expect(estimate).toBeGreaterThan(2_000);
});

test('by inference id: two processes decide alike, and the share of ids is the rate', () => {
  const sampler = (seed: number) =>
    new CaptureSampler(policyOf({ features: '*', rate: 0.3, sampleBy: 'inference_id' }), {
      random: lcg(seed),
      elapsedMs: () => 0,
    });
  const [one, other] = [sampler(1), sampler(2)];
  let captured = 0;
  for (let i = 0; i < 10_000; i++) {
    const decision = one.decide(1, 1, `order-${i}`);
    expect(other.decide(1, 1, `order-${i}`).rowCount).toBe(decision.rowCount);
    captured += decision.rowCount;
  }
  expect(captured / 10_000).toBeGreaterThan(0.28);
  expect(captured / 10_000).toBeLessThan(0.32);
});

test('the hash of an id is what the documentation says, byte for byte', () => {
  // FNV-1a 32 of "a" is 0xe40c292c (Fowler, Noll, Vo: test vectors); finished by fmix32 of MurmurHash3 by hand.
  const fmix32 = (given: bigint) => {
    let h = given;
    h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & 0xffffffffn;
    h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & 0xffffffffn;
    return h ^ (h >> 16n);
  };
  expect(shareOfId('a')).toBe(Number(fmix32(0xe40c292cn)) / 2 ** 32);
  expect(shareOfId('é')).not.toBe(shareOfId('e'));
});

test('one batch does not spend more than a second of the budget, nor more than a carrier takes', () => {
  const sampler = new CaptureSampler(policyOf({ features: '*', rowsPerSecond: 10 }), {
    random: () => 0.5,
    elapsedMs: () => 0,
  });
  expect(sampler.decide(1_000)).toMatchObject({ rowCount: 10, probability: 0.01 });
  const wide = new CaptureSampler(policyOf({ features: '*' }), { random: () => 0.5, elapsedMs: () => 0 });
  expect(wide.decide(100, 2.5)).toMatchObject({ rowCount: 2, probability: 0.02 });
});

test('law: what is drawn again at the end still estimates all rows, and only when there is less room', () => {
  let state = 99;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
  let room = 1;
  const sampler = new CaptureSampler(policyOf({ features: '*', rate: 0.5 }), {
    random,
    elapsedMs: () => 0,
    roomShare: () => room,
  });
  let estimate = 0;
  const calls = 20_000;
  for (let i = 0; i < calls; i++) {
    room = i % 2 === 0 ? 1 : 0.5;
    const started = sampler.decide(3);
    room = i % 3 === 0 ? 0.25 : 0.75;
    const ended = sampler.atEnd(started);
    if (room >= started.room) expect(ended).toBe(started);
    if (started.rowCount > 0 && ended.rowCount === 0) expect(ended.reason).toBe('pressure');
    if (ended.rowCount > 0) estimate += ended.rowCount / ended.probability;
  }
  expect(estimate / (calls * 3)).toBeGreaterThan(0.95);
  expect(estimate / (calls * 3)).toBeLessThan(1.05);
});
