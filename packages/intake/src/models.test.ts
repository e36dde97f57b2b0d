import { expect, test } from 'vitest';
import { processed, setUp, span } from '../test/set-up.ts';

test('caps: beyond them a model without reference is refused and counted by cap', () => {
  const { take, intake } = setUp(() => undefined, { environmentsMax: 2, modelsMax: 3, versionsMax: 4 });
  const of = (model: string, version: string) =>
    span({ 'ml.model.name': model, 'ml.model.version': version, 'ml.features.x': 1 });
  take(['1', '2', '3', '4', '5', '6'].map((version) => of('a', version)));
  take([of('b', '1'), of('c', '1'), of('d', '1')]);
  take([of('a', '1'), of('b', '2')], 2_000, { 'deployment.environment.name': 'second' });
  take([of('b', '1'), of('b', '1')], 2_000, { 'deployment.environment.name': 'third' });
  expect(processed(intake)).toEqual({
    'counted no_reference': 7,
    'rejected version_limit': 3,
    'rejected model_limit': 1,
    'rejected environment_limit': 2,
  });
  expect(intake.books.overflow).toMatchObject({ versions: 3, models: 1, environments: 2 });
});

test('regression: names that nobody configured locked configured models out for ever', () => {
  const { take, intake, rows } = setUp();
  for (let i = 0; i < 25; i++)
    take(
      Array.from({ length: 2 + 30 * i }, (_, j) => span({ 'ml.model.name': `fake ${j}`, 'ml.features.x': 1 })),
      2_000,
      { 'deployment.environment.name': `pr-${i % 22}` },
    );
  expect(processed(intake)['rejected model_limit']).toBeGreaterThan(0);
  expect(processed(intake)['rejected environment_limit']).toBeGreaterThan(0);
  take([span({ 'ml.features.x': 1 })], 2_000, { 'deployment.environment.name': 'production' });
  expect(rows).toHaveLength(1);
});

test('regression: what was retired went on taking room', () => {
  const { take, intake } = setUp(() => undefined, { environmentsMax: 1, modelsMax: 1, versionsMax: 1 });
  for (const name of ['a', 'b', 'c']) {
    const nowMs = 1_000_000 * name.charCodeAt(0);
    take([span({ 'ml.model.name': name, 'ml.features.x': 1 })], nowMs, { 'deployment.environment.name': name });
    expect(intake.retire(nowMs + 1)).toHaveLength(1);
  }
  expect(processed(intake)).toEqual({ 'counted no_reference': 3 });
});

test('regression: feature names of retired models used up the room for all later ones', () => {
  const { take, intake } = setUp(() => undefined);
  for (let round = 0; round < 101; round++) {
    const features = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`ml.features.f${round}_${i}`, 1]));
    take([span({ 'ml.model.name': `m${round}`, ...features })], 1_000_000 * round);
    if (round < 100) intake.retire(1_000_000 * round + 1);
  }
  expect(intake.unknownModels()[0].featureNames).toHaveLength(200);
});

test('a version that a reference names is always admitted; among others a silent one makes room', () => {
  const { take, intake, released } = setUp(
    ({ version }) => ({ namesEnvironment: false, namesVersion: version === 'named' }),
    { versionsMax: 2 },
  );
  const of = (version: string) => span({ 'ml.model.version': version, 'ml.features.x': 1 });
  const minutes = (count: number) => 1_000_000 + count * 60_000;
  take([of('1')], minutes(0));
  take([of('2')], minutes(5));
  take([of('3'), of('named')], minutes(6));
  expect(processed(intake)).toEqual({ 'counted reference': 3, 'rejected version_limit': 1 });
  take([of('3')], minutes(11));
  expect(released.map(({ version }) => version)).toEqual(['1']);
  expect(processed(intake)).toEqual({ 'counted reference': 4, 'rejected version_limit': 1 });
});

test('an environment that was silent makes room for another; one that a reference names needs none', () => {
  const { take, intake, released } = setUp(
    ({ environment }) => ({ namesEnvironment: environment === 'named', namesVersion: true }),
    { environmentsMax: 1 },
  );
  const at = (environment: string, minute: number) =>
    take([span({ 'ml.features.x': 1 })], 1_000_000 + minute * 60_000, { 'deployment.environment.name': environment });
  at('a', 0);
  at('b', 1);
  at('named', 1);
  expect(processed(intake)).toEqual({ 'counted reference': 2, 'rejected environment_limit': 1 });
  at('c', 20);
  expect(released.map(({ environment }) => environment)).toEqual(['a']);
  expect(processed(intake)).toEqual({ 'counted reference': 3, 'rejected environment_limit': 1 });
});
