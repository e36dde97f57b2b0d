import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STATUS, type Status } from '../signal/evaluation.ts';
import type { Judgement } from './judgement.ts';
import { ModelAlarms } from './model-alarms.ts';

const judged = (subject: string, status: Status, more: Partial<Judgement> = {}): Judgement => ({
  signal: 'data_drift',
  subject,
  status,
  metric: 'psi',
  score: status >= STATUS.warning ? 0.3 : 0.01,
  noise: 0.01,
  warning: 0.1,
  critical: 0.25,
  badSide: 'above',
  currentSize: 1_000,
  referenceSize: 10_000,
  ...more,
});
const window = (i: number) => ({ startMs: i * 60_000, endMs: (i + 1) * 60_000 });
const told = (alarms: ModelAlarms, i: number, ...judgements: readonly Judgement[]) =>
  alarms
    .step(judgements, window(i))
    .map(({ transition, level, subjects }) => [transition, level, subjects.map(({ subject }) => subject)]);

test('raised once, with its evidence; worse, better and over are told once each', () => {
  const alarms = new ModelAlarms();
  expect(told(alarms, 0, judged('a', STATUS.ok))).toEqual([]);
  expect(told(alarms, 1, judged('a', STATUS.warning))).toEqual([['raised', 'warning', ['a']]]);
  expect(told(alarms, 2, judged('a', STATUS.warning))).toEqual([]);
  expect(told(alarms, 3, judged('a', STATUS.critical), judged('b', STATUS.warning))).toEqual([
    ['escalated', 'critical', ['a', 'b']],
  ]);
  expect(told(alarms, 4, judged('a', STATUS.ok), judged('b', STATUS.warning))).toEqual([
    ['deescalated', 'warning', ['b']],
  ]);
  const [over] = alarms.step([judged('a', STATUS.ok), judged('b', STATUS.ok)], window(5));
  expect(over).toMatchObject({ transition: 'cleared', level: 'warning', sinceMs: 120_000, atMs: 360_000 });
  expect(over.subjects).toMatchObject([{ subject: 'b', score: 0.3, warning: 0.1, currentSize: 1_000 }]);
});

test('silence clears nothing: neither of the model nor of the feature that raised it', () => {
  const alarms = new ModelAlarms();
  told(alarms, 0, judged('a', STATUS.critical), judged('b', STATUS.ok));
  expect(told(alarms, 1, judged('a', STATUS.stale), judged('b', STATUS.stale))).toEqual([]);
  expect(told(alarms, 2, judged('a', STATUS.insufficientData), judged('b', STATUS.ok))).toEqual([]);
  expect(alarms.step([], window(3))).toEqual([]);
  expect(told(alarms, 4, judged('a', STATUS.ok), judged('b', STATUS.ok))).toEqual([['cleared', 'critical', ['a']]]);
});

test('a model that nobody judges any more ends what is still on, once, as it was', () => {
  const alarms = new ModelAlarms();
  told(alarms, 0, judged('a', STATUS.critical), judged('b', STATUS.ok));
  told(alarms, 1, judged('a', STATUS.critical), judged('b', STATUS.warning));
  const [ended, ...more] = alarms.end();
  expect(more).toEqual([]);
  expect(ended).toMatchObject({
    transition: 'ended',
    level: 'critical',
    sinceMs: 60_000,
    atMs: 120_000,
    subjectCount: 2,
  });
  expect(alarms.end()).toEqual([]);
});

test('features stand by how far they are beyond their threshold, times their importance', () => {
  const [far, near] = [judged('far', STATUS.warning, { score: 0.24 }), judged('near', STATUS.warning, { score: 0.12 })];
  expect(told(new ModelAlarms(), 0, near, far)).toEqual([['raised', 'warning', ['far', 'near']]]);
  const features = [
    { name: 'near', value: 0.8 },
    { name: 'far', value: 0.1 },
  ];
  const alarms = new ModelAlarms({ method: 'permutation', rowCount: 100, features });
  expect(told(alarms, 0, near, far)).toEqual([['raised', 'warning', ['near', 'far']]]);
});

test('law: changes alternate as an alarm must, and a restart in between changes nothing', () => {
  const status = fc.constantFrom<Status>(...Object.values(STATUS));
  const windows = fc.array(fc.record({ a: status, b: status }), { maxLength: 40 });
  fc.assert(
    fc.property(windows, fc.nat(40), (all, restartAt) => {
      const whole = new ModelAlarms();
      let restarted = new ModelAlarms();
      let level = 0;
      all.forEach(({ a, b }, i) => {
        const judgements = [judged('a', a), judged('b', b)];
        if (i === restartAt) {
          const { ...snapshot } = JSON.parse(JSON.stringify(restarted.snapshot()));
          restarted = new ModelAlarms();
          restarted.restore(snapshot);
        }
        const changes = whole.step(judgements, window(i));
        expect(restarted.step(judgements, window(i))).toEqual(changes);
        expect(changes.length).toBeLessThanOrEqual(1);
        for (const { transition, level: now } of changes) {
          const next = transition === 'cleared' ? 0 : now === 'critical' ? 2 : 1;
          const legal = {
            raised: level === 0,
            escalated: level === 1,
            deescalated: level === 2,
            cleared: level > 0,
            ended: false,
          };
          expect([transition, legal[transition], next !== level]).toEqual([transition, true, true]);
          level = next;
        }
      });
    }),
  );
});
