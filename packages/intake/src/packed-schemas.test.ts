import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { NAMES_MAX, PackedSchemas, SCHEMAS_MAX, schemaHash } from './packed-schemas.ts';

test('the hash is the first 16 hex digits of SHA-256 over the JSON array of the names', () => {
  expect(schemaHash(['a', 'ü'])).toBe(createHash('sha256').update('["a","ü"]', 'utf8').digest('hex').slice(0, 16));
});

test('names that are not those of the hash teach nothing', () => {
  const schemas = new PackedSchemas();
  expect(schemas.learn(['a'], schemaHash(['b']))).toBeUndefined();
  expect(schemas.get(schemaHash(['b']))).toBeUndefined();
});

test('the schema that was used longest ago makes room, and is counted', () => {
  const schemas = new PackedSchemas();
  for (let i = 0; i < SCHEMAS_MAX; i++) schemas.learn([`name ${i}`]);
  expect(schemas.get(schemaHash(['name 0']))).toBeDefined();
  schemas.learn(['one more']);
  expect(schemas.overflowCount).toBe(1);
  expect(schemas.get(schemaHash(['name 0']))).toBeDefined();
  expect(schemas.get(schemaHash(['name 1']))).toBeUndefined();
});

test('so many names are known in all', () => {
  const schemas = new PackedSchemas();
  const wide = (letter: string) => Array.from({ length: NAMES_MAX / 2 }, (_, i) => `${letter}${i}`);
  schemas.learn(wide('a'));
  schemas.learn(wide('b'));
  expect(schemas.overflowCount).toBe(0);
  schemas.learn(['c']);
  expect(schemas.overflowCount).toBe(1);
  expect(schemas.get(schemaHash(wide('a')))).toBeUndefined();
  expect(schemas.get(schemaHash(wide('b')))).toBeDefined();
  expect(schemas.learn(Array.from({ length: NAMES_MAX + 1 }, (_, i) => `${i}`))).toBeUndefined();
});
