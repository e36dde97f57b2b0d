import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureOptions, capturePolicy } from './capture-policy.ts';

const policyOf = (options: CaptureOptions, env: Record<string, string> = {}) => {
  const warnings: string[] = [];
  return { policy: capturePolicy(options, env, (message) => warnings.push(message)), warnings };
};

test('every option has a variable', () => {
  const { policy, warnings } = policyOf(
    {},
    {
      LEEWAY_CAPTURE_FEATURES: 'age, mail=hmac, amount=bucket:100;0;10, ssn=drop, *',
      LEEWAY_CAPTURE_PREDICTIONS: 'false',
      LEEWAY_CAPTURE_RATE: '0.25',
      LEEWAY_CAPTURE_ROWS_PER_SECOND: '50',
      LEEWAY_CAPTURE_ROWS_MAX: '7',
      LEEWAY_CAPTURE_CARRIER: 'event',
      LEEWAY_CAPTURE_ERRORS: 'always',
      LEEWAY_CAPTURE_SAMPLE_BY: 'inference_id',
      LEEWAY_CAPTURE_HMAC_KEY: 'key',
    },
  );
  expect(warnings).toEqual([]);
  expect(policy).toMatchObject({
    capturesFeatures: true,
    predictions: false,
    rate: 0.25,
    rowsPerSecond: 50,
    rowsMax: 7,
    carrier: 'event',
    errors: 'always',
    sampleBy: 'inference_id',
  });
  expect(['age', 'mail', 'amount', 'ssn', 'else'].map((name) => policy.ruleOf(name))).toEqual([
    'raw',
    { hmac: 'key' },
    { bucket: [0, 10, 100] },
    'drop',
    'raw',
  ]);
});

test('where both limit, the stricter one holds; where they choose, the code does', () => {
  const env = {
    LEEWAY_CAPTURE_FEATURES: 'age,mail=hmac',
    LEEWAY_CAPTURE_RATE: '0.1',
    LEEWAY_CAPTURE_ROWS_MAX: '500',
    LEEWAY_CAPTURE_PREDICTIONS: 'false',
    LEEWAY_CAPTURE_CARRIER: 'event',
    LEEWAY_CAPTURE_HMAC_KEY: 'key',
  };
  const { policy } = policyOf({ features: '*', rate: 0.5, rowsMax: 20, predictions: true, carrier: 'packed' }, env);
  expect(policy).toMatchObject({ rate: 0.1, rowsMax: 20, predictions: false, carrier: 'packed' });
  expect(['age', 'mail', 'salary'].map((name) => policy.ruleOf(name))).toEqual(['raw', { hmac: 'key' }, 'drop']);
  const hashed = policyOf({ features: { age: { bucket: [0, 50] }, salary: 'raw' } }, env).policy;
  expect(['age', 'salary', 'mail'].map((name) => hashed.ruleOf(name))).toEqual([{ bucket: [0, 50] }, 'drop', 'drop']);
});

test('the hard switch wins over everything', () => {
  for (const name of ['LEEWAY_DISABLED', 'OTEL_SDK_DISABLED']) {
    for (const value of ['true', 'TRUE', ' true ']) {
      const { policy } = policyOf(
        { features: '*', predictions: true, errors: 'always' },
        { [name]: value, LEEWAY_CAPTURE_FEATURES: '*' },
      );
      expect([policy.isDisabled, policy.capturesFeatures, policy.predictions, policy.ruleOf('age')]).toEqual([
        true,
        false,
        false,
        'drop',
      ]);
    }
  }
});

test('what is not understood is told, and captures less, never more', () => {
  const { policy, warnings } = policyOf(
    {
      features: { mail: 'hmac', amount: { bucket: [] }, plan: 'hash' as never },
      rate: Number.NaN,
      rowsMax: -1,
    },
    { LEEWAY_CAPTURE_CARRIER: 'pigeon', LEEWAY_CAPTURE_FEATURES: 'mail=secret' },
  );
  expect(policy.capturesFeatures).toBe(false);
  expect([policy.rate, policy.rowsMax, policy.carrier]).toEqual([0, 0, 'span']);
  expect(warnings.map((warning) => warning.split(/[:;]/)[0])).toEqual([
    'LEEWAY_CAPTURE_FEATURES gives "mail" the rule "secret"',
    'LEEWAY_CAPTURE_CARRIER is "pigeon"',
    'feature "mail" has the rule hmac and no key',
    'feature "amount" has no rule that is known',
    'feature "plan" has no rule that is known',
    'capture.rate is NaN',
    'capture.rowsMax is -1',
  ]);
});

test('law: the environment only ever takes away', () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  const names = fc.subarray(['a', 'b', 'c']);
  fc.assert(
    fc.property(rate, rate, names, names, (inCode, inEnv, ofCode, ofEnv) => {
      const alone = policyOf({ rate: inCode, features: ofCode }).policy;
      const both = policyOf(
        { rate: inCode, features: ofCode },
        { LEEWAY_CAPTURE_RATE: String(inEnv), LEEWAY_CAPTURE_FEATURES: ofEnv.join(',') },
      ).policy;
      expect(both.rate).toBeLessThanOrEqual(alone.rate);
      for (const name of ['a', 'b', 'c']) {
        if (both.ruleOf(name) !== 'drop') expect(alone.ruleOf(name)).not.toBe('drop');
      }
    }),
  );
});

test('regression: a mistyped carrier carried values on spans', () => {
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const ofEnv = capturePolicy({ features: '*' }, { LEEWAY_CAPTURE_CARRIER: 'evnt' }, tell);
  const ofCode = capturePolicy({ features: '*', predictions: true, carrier: 'evnt' as never }, {}, tell);
  for (const policy of [ofEnv, ofCode])
    expect([policy.capturesFeatures, policy.predictions, policy.ruleOf('a')]).toEqual([false, false, 'drop']);
  expect(told.join()).toMatch(/LEEWAY_CAPTURE_CARRIER is "evnt".*capture.carrier is "evnt"/);
  expect(capturePolicy({ features: '*', carrier: 'event' }, { LEEWAY_CAPTURE_CARRIER: 'x' }, tell).carrier).toBe(
    'event',
  );
});
