import { expect, test } from 'vitest';
import { profileColumns, writeTemporary } from '../../test/sample-table.ts';
import { readMetadata } from './metadata.ts';

test.each([
  ['featurs:\n  x: {}\n', '1:1: featurs: unknown key; did you mean features?'],
  ['features:\n  x:\n    owner: a\n    monitr: true\n', '4:5: features.x.monitr: unknown key; did you mean monitor?'],
  ['model: { team: a }\n', '1:10: model.team: unknown key; known are owner, tier, task'],
  ['features:\n  x: { monitor: maybe }\n', '2:8: features.x.monitor: Invalid input: expected boolean, received string'],
  ['features:\n  x: { type: number }\n', /^2:8: features\.x\.type: Invalid option/],
  ['features: [\n', /^2:1: Flow sequence/],
  ['- a\n', '1:1: the file: Invalid input: expected object, received array'],
])('%j is refused with its place', (text, expected) => {
  const path = writeTemporary('meta.yaml', text);
  let message = '';
  try {
    readMetadata(path);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.slice(path.length + 1)).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
  expect(message.startsWith(`${path}:`)).toBe(true);
});

test('an empty file says nothing', () => {
  expect(readMetadata(writeTemporary('meta.yaml', ''))).toEqual({ dataset: {}, model: {}, features: {}, places: {} });
});

test('a feature that the table does not have is refused with its place', async () => {
  const path = writeTemporary('meta.yaml', 'features:\n  distnace: { owner: a }\n');
  await expect(profileColumns({ distance: [1, 2] }, { metadata: readMetadata(path) })).rejects.toThrow(
    `${path}:2:3: features distnace: there is no such column; did you mean distance?`,
  );
});
