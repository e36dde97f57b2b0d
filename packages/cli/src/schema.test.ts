import { profileJsonSchema } from '@leeway/engine';
import { checkConfig, configJsonSchema } from '@leeway/sidecar/config';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { orders, profileFiles, toDelimited, writeTemporary } from '../test/sample-table.ts';

const formats = { uri: (text: string) => URL.canParse(text) };
const compile = (schema: object) => new Ajv2020({ strict: true, allErrors: true, formats }).compile(schema);

describe('the JSON Schema of a reference', () => {
  const validate = compile(profileJsonSchema());

  test('accepts what profile writes, with times, outputs and metadata', async () => {
    const rows = orders(500).map((row, i) => ({ ...row, at: 1_700_000_000 + 3600 * i }));
    const { profile } = await profileFiles([writeTemporary('x.csv', toDelimited(rows, ','))], {
      time: 'at',
      modelVersion: '3',
      datasetName: 'orders',
      predictions: new Map([['late', undefined]]),
    });
    validate(JSON.parse(JSON.stringify(profile)));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['without an id', (profile: Record<string, unknown>) => delete profile.id],
    ['of a later version', (profile: Record<string, unknown>) => (profile.schemaVersion = 99)],
    ['with rows that are no number', (profile: Record<string, unknown>) => (profile.rowCount = 'many')],
    ['with a negative count', (profile: Record<string, unknown>) => (profile.rowCount = -1)],
    ['with features that are no list', (profile: Record<string, unknown>) => (profile.features = {})],
  ])('refuses one %s', async (_, spoil) => {
    const { profile } = await profileFiles([writeTemporary('x.csv', toDelimited(orders(100), ','))]);
    const value = JSON.parse(JSON.stringify(profile));
    spoil(value);
    expect(validate(value)).toBe(false);
  });
});

describe('the JSON Schema of the configuration', () => {
  const validate = compile(configJsonSchema());

  test.each([
    ['', true],
    ['window: { length: 1d, pane: 2h }\nworkers: 2\n', true],
    ['window: { lenght: 1d }\n', false],
    ['workers: many\n', false],
    ['log_level: loud\n', false],
  ])('and the command agree on %j', (text, isValid) => {
    expect(validate(parse(text) ?? {})).toBe(isValid);
    expect(checkConfig(writeTemporary('leeway.yaml', text), {}).problems.length === 0).toBe(isValid);
  });
});
