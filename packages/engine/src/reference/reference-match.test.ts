import { expect, test } from 'vitest';
import type { ReferenceProfile } from './profile.ts';
import { matchReference, type ReferenceEntry } from './reference-match.ts';

const entry = (version: string, file: string, environment?: string): ReferenceEntry => ({
  model: 'm',
  version,
  file,
  profile: {} as ReferenceProfile,
  ...(environment === undefined ? {} : { environment }),
});
const fileFor = (entries: readonly ReferenceEntry[], version: string, environment = 'production') =>
  matchReference(entries, { environment, model: 'm', version })?.file;

test('exact before pattern before inherit', () => {
  const entries = [entry('inherit', 'any'), entry('2', 'two'), entry('2*', 'twos')];
  expect(fileFor(entries, '2')).toBe('two');
  expect(fileFor(entries, '2.1')).toBe('twos');
  expect(fileFor(entries, '3')).toBe('any');
});

test('the environment’s own before the one for all; no other environment’s', () => {
  const entries = [entry('1', 'own', 'staging'), entry('1', 'all')];
  expect(fileFor(entries, '1', 'staging')).toBe('own');
  expect(fileFor(entries, '1', 'production')).toBe('all');
  expect(fileFor([entry('1', 'own', 'staging')], '1', 'production')).toBeUndefined();
});

test('patterns: stars anywhere, and no more than they say', () => {
  expect(fileFor([entry('2026-*-b*', 'p')], '2026-11-b7')).toBe('p');
  expect(fileFor([entry('2026-*-b*', 'p')], '2026-11-a7')).toBeUndefined();
  expect(fileFor([entry('a*a', 'p')], 'a')).toBeUndefined();
});

test('no reference for another model', () => {
  expect(matchReference([entry('inherit', 'any')], { environment: '', model: 'other', version: '1' })).toBeUndefined();
});
