/**
 * One gate for all carriers: a secret goes into every input of the manual API, and is looked for in every signal.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaptureOptions, describeModel, monitor } from '../src/index.ts';
import { type Telemetry, withTelemetry } from './telemetry.ts';

const SECRET = 'S3CRET';
/** No sum, count or time comes out as this by chance. */
const NUMBER = 918273645546;
const model = { name: 'fraud', version: '7' };

const secrets = [
  SECRET,
  NUMBER,
  BigInt(NUMBER),
  new Date(NUMBER),
  [SECRET],
  new Float64Array([NUMBER]),
  { toString: () => SECRET, toJSON: () => SECRET, [SECRET]: SECRET },
  Symbol(SECRET),
  () => SECRET,
  new Map([[SECRET, SECRET]]),
  Object.assign(new Error(SECRET), { name: SECRET, code: SECRET, cause: SECRET }),
];

const policies: CaptureOptions[] = [
  {},
  { features: [] },
  { features: ['allowed'], predictions: false },
  { features: { allowed: 'raw', '*': 'drop' }, predictions: false },
  { features: { allowed: 'raw', hidden: 'drop', hashed: { hmac: 'key' } }, predictions: false },
  { features: { allowed: 'raw', hidden: { bucket: [0, 10] }, [SECRET]: { hmac: '' } }, predictions: false },
  { features: ['allowed'], predictions: false, rate: 0, errors: 'always' },
  { features: ['allowed'], predictions: false, errors: 'always' },
];
const carriers = ['span', 'event', 'packed'] as const;

/** Every way in, with the secret in all places but `allowed`. */
function pourIn(telemetry: Telemetry, options: CaptureOptions, secret: unknown): void {
  void telemetry;
  const fraud = monitor({ model, capture: options });
  const hidden = secret as string;
  const row = { allowed: 1, hidden, hashed: hidden, [`${SECRET}-name`]: hidden };
  const result = {
    label: secret,
    value: secret,
    score: secret,
    scores: { [SECRET]: secret },
    attributions: { hidden: secret, [SECRET]: secret, allowed: 1 },
  } as never;
  const failing = () => {
    throw secret instanceof Error ? secret : new Error(SECRET, { cause: secret });
  };
  for (const work of [() => result, () => secret as never, failing]) {
    for (const call of [
      () => fraud.predict(row, work),
      () => fraud.batch([row, row], () => [work(), work()]),
      () => fraud.wrap((_: unknown) => work(), { input: () => row })(secret),
    ]) {
      try {
        call();
      } catch {
        // The host's own error.
      }
    }
  }
  const explained = { hidden: NUMBER, [SECRET]: NUMBER };
  fraud.predict(row, () => fraud.attributions(explained));
  fraud.attributions('id', explained);
}

test('law: a secret appears in no span, log or metric, whatever the policy and the carrier', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...policies),
      fc.constantFrom(...carriers),
      fc.constantFrom(...secrets),
      async (policy, carrier, secret) => {
        const telemetry = withTelemetry();
        pourIn(telemetry, { ...policy, carrier }, secret);
        const everything = await telemetry.everything();
        expect(everything).toContain('predict fraud');
        expect(everything).not.toContain(SECRET);
        expect(everything).not.toContain(String(NUMBER));
      },
    ),
    { numRuns: 200 },
  );
});

test('the same with rejections, and model objects that hold bytes', async () => {
  const telemetry = withTelemetry();
  const fraud = monitor({ model, capture: { features: ['allowed'], predictions: false } });
  await fraud.predict({ hidden: SECRET } as never, () => Promise.reject(new Error(SECRET))).catch(() => undefined);
  describeModel(Buffer.from(SECRET), { name: 'fraud', features: [SECRET], classes: [SECRET] });
  const everything = await telemetry.everything();
  expect(everything).toContain('ml.model.loaded');
  expect(everything).not.toContain(SECRET);
});

test('and it would be seen: with everything allowed the secret is there', async () => {
  for (const carrier of carriers) {
    const telemetry = withTelemetry();
    pourIn(telemetry, { features: '*', carrier }, SECRET);
    expect(await telemetry.everything()).toContain(SECRET);
  }
});

test('an hmac depends on its key, and shows nothing of the value', async () => {
  const leaving = async (key: string) => {
    const telemetry = withTelemetry();
    monitor({ model, capture: { features: { mail: { hmac: key } } } }).predict({ mail: SECRET }, () => 1);
    expect(await telemetry.everything()).not.toContain(SECRET);
    return telemetry.spans.getFinishedSpans()[0].attributes['ml.features.mail'];
  };
  expect(await leaving('one')).not.toBe(await leaving('two'));
});

test('regression: an error says its class, not the name that it gave itself', async () => {
  const telemetry = withTelemetry();
  const fraud = monitor({ model });
  class ModelError extends RangeError {}
  const failures = [
    new ModelError(SECRET),
    Object.assign(new TypeError('no'), { name: SECRET }),
    Object.assign(new Error('no'), { constructor: { name: SECRET } }),
    new DOMException(SECRET, 'AbortError'),
    new DOMException(SECRET, SECRET),
    new (class extends Error {})(SECRET),
    SECRET,
  ];
  for (const failure of failures) {
    expect(() =>
      fraud.predict({}, () => {
        throw failure;
      }),
    ).toThrow();
  }
  expect(telemetry.spans.getFinishedSpans().map(({ attributes }) => attributes['error.type'])).toEqual([
    'ModelError',
    'TypeError',
    'Error',
    'AbortError',
    'DOMException',
    '_OTHER',
    'string',
  ]);
  expect(await telemetry.everything()).not.toContain(SECRET);
});
