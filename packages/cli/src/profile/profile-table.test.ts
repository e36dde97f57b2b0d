import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { profileColumns, profileFiles, temporaryFolder, writeTemporary } from '../../test/sample-table.ts';
import { readMetadata } from './metadata.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const repeated = (count: number, ...values: unknown[]) => range(count).map((i) => values[i % values.length]);
const typesOf = async (columns: Readonly<Record<string, readonly unknown[]>>, request = {}) => {
  const { profile } = await profileColumns(columns, request);
  return Object.fromEntries(profile.features.map(({ name, type }) => [name, type]));
};

describe('types', () => {
  test('numbers are numeric, codes, texts and truth values are categories', async () => {
    expect(
      await typesOf({
        whole: repeated(60, 3, 1, 2),
        scientific: repeated(60, '1e-3', '2.5E6', '-7'),
        zip: repeated(60, '01234', '08001', '80010'),
        hex: repeated(60, '0x1f', '0x20'),
        text: repeated(60, 'a', 'b'),
        truth: repeated(60, 'true', 'false'),
        signed: repeated(60, '-0.5', '0.5', '0'),
      }),
    ).toEqual({
      whole: 'numeric',
      scientific: 'numeric',
      zip: 'categorical',
      hex: 'categorical',
      text: 'categorical',
      truth: 'categorical',
      signed: 'numeric',
    });
  });

  test('one text in a hundred numbers is a type error, two make a category', async () => {
    const one = await profileColumns({ x: [...repeated(99, 3, 1, 2), 'oops'] });
    expect(one.profile.features[0]).toMatchObject({ type: 'numeric', typeErrorCount: 1, missingCount: 0 });
    expect(one.notes).toEqual([
      expect.stringMatching(
        /^x: 1 values are no numbers and count as type errors, the first at .*table\.csv:101; if it is a category, say --type x=categorical$/,
      ),
    ]);
    expect(await typesOf({ x: [...repeated(98, 3, 1, 2), 'oops', 'again'] })).toEqual({ x: 'categorical' });
  });

  test('said types win over the guess, from the option and from the metadata', async () => {
    const columns = { zone: repeated(60, 1, 2, 3), amount: repeated(60, 'n/k', '1', '2') };
    expect(await typesOf(columns)).toEqual({ zone: 'numeric', amount: 'categorical' });
    const types = new Map([
      ['zone', 'categorical'],
      ['amount', 'numeric'],
    ]);
    expect(await typesOf(columns, { types })).toEqual({ zone: 'categorical', amount: 'numeric' });
    const metadata = readMetadata(writeTemporary('m.yaml', 'features: { zone: { type: categorical } }'));
    expect(await typesOf(columns, { metadata })).toEqual({ zone: 'categorical', amount: 'categorical' });
  });

  test('a column whose values begin after many rows is judged by its values', async () => {
    const { profile } = await profileColumns({
      late: [...repeated(12_000, ''), 1.5, 2.5, 4],
      other: repeated(12_003, 2, 1),
    });
    expect(profile.features[0]).toMatchObject({
      name: 'late',
      type: 'numeric',
      missingCount: 12_000,
      rowCount: 12_003,
    });
  });

  test('regression: the category NA was missing in the reference and unseen in traffic', async () => {
    const missing = ['', ' ', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', 'NaT', '\\N', 'inf', '-Infinity'];
    const { profile, notes } = await profileColumns({ x: [...missing, 1, 2], y: [...missing, 'a', 'b'] });
    const [x, y] = profile.features;
    expect(x).toMatchObject({ missingCount: missing.length, typeErrorCount: 0, rowCount: missing.length + 2 });
    // In a category only the empty cell is missing: the others are what traffic would send.
    expect(y).toMatchObject({ missingCount: 1, typeErrorCount: 0 });
    expect(y.categorical?.categories.map(({ name }) => name)).toContain('NA');
    expect(notes).toContain(
      'y: 12 rows say -Infinity: it counts as a category; where it means "no value", leave the cell empty',
    );
  });
});

describe('what is no feature', () => {
  const columns = {
    row: range(100),
    uuid: range(100).map((i) => `${i * 7919}-x`),
    comment: range(100).map((i) => `a sentence of more than forty characters, number ${i}`),
    empty: repeated(100, ''),
    customer_id: range(100).map((i) => (i * 37) % 101),
    constant: repeated(100, 7),
    amount: repeated(100, 3, 1, 2),
  };

  test('is left out with its reason; what is doubtful is taken and said', async () => {
    const { profile, notes } = await profileColumns(columns);
    expect(profile.features.map(({ name, monitor }) => [name, monitor])).toEqual([
      ['constant', false],
      ['amount', true],
    ]);
    expect(notes).toEqual([
      'row: left out: it counts up row by row, like an identifier; --type row=numeric takes it',
      'uuid: left out: it looks like an identifier (100 values in 100 rows); --type uuid=categorical takes it',
      'comment: left out: it looks like free text; --type comment=categorical takes it',
      'empty: left out: it has no values; --type empty=categorical takes it',
      'customer_id: left out: it looks like an identifier (100 different whole numbers in as many rows); --type customer_id=numeric takes it',
      'constant: sketched but not monitored: constant: the reference has one value only',
    ]);
  });

  test('regression: shuffled identifiers and short free text passed, amounts and stamps must go on passing', async () => {
    const { profile, notes } = await profileColumns({
      order: range(3_000).map((i) => (i * 1_237) % 3_001),
      comment: range(3_000).map((i) => `${(i * 7) % 1_000} is one of a thousand sentences of some length`),
      cents: range(3_000).map((i) => (i * 7_919) % 1_999),
      stamp: range(3_000).map((i) => 1_700_000_000_000 + ((i * 7_919_317) % 2_592_000_011)),
    });
    expect(profile.features.map(({ name }) => name)).toEqual(['cents', 'stamp']);
    expect(notes).toEqual([
      'order: left out: it looks like an identifier (3000 different whole numbers in as many rows); --type order=numeric takes it',
      'comment: left out: it looks like free text; --type comment=categorical takes it',
      'stamp: may be an identifier: if it is one, say --exclude stamp',
    ]);
  });

  test('is taken when somebody says so', async () => {
    const types = new Map([['uuid', 'categorical']] as const);
    const { profile, notes } = await profileColumns(columns, { types, only: ['uuid', 'row'] });
    expect(profile.features.map(({ name }) => name)).toEqual(['row', 'uuid']);
    expect(notes[1]).toBe('uuid: it looks like an identifier (100 values in 100 rows)');
  });

  test('more categories than are told apart: left out, or taken as an open set', async () => {
    const codes = range(120_000).map((i) => `k${i}`);
    const more = { code: [...codes, ...codes, ...codes], x: repeated(360_000, 1, 2) };
    const { notes, profile } = await profileColumns(more);
    expect(profile.features.map(({ name }) => name)).toEqual(['x']);
    expect(notes).toEqual([
      'code: left out: it looks like an identifier (more than 100000 values in 360000 rows); --type code=categorical takes it',
    ]);
    const forced = await profileColumns(more, { types: new Map([['code', 'categorical']]) });
    expect(forced.profile.features[0].categorical).toMatchObject({ open: true });
    expect(forced.profile.features[0]).toMatchObject({ rowCount: 360_000, missingCount: 0 });
  });
});

describe('roles', () => {
  test('predictions are outputs, label and time are neither, excluded columns are gone', async () => {
    const { profile } = await profileColumns(
      {
        score: repeated(60, 0.1, 0.5),
        guess: repeated(60, 'yes', 'no'),
        truth: repeated(60, 'yes', 'yes', 'no'),
        at: range(60).map((i) => 1_700_000_000 + 3600 * i),
        x: repeated(60, 1, 2, 3),
        y: repeated(60, 1, 2, 3),
      },
      {
        predictions: new Map([
          ['score', undefined],
          ['guess', 'label'],
        ]),
        label: 'truth',
        time: 'at',
        exclude: ['y'],
      },
    );
    expect(profile.outputs.map(({ name, type }) => [name, type])).toEqual([
      ['score', 'numeric'],
      ['label', 'categorical'],
    ]);
    expect(profile.features.map(({ name }) => name)).toEqual(['x']);
    // 60 hours from 22:13 on touch four days; the first and the last are not full.
    expect(profile.time).toMatchObject({ column: 'at', fromMs: 1_700_000_000_000, blockMs: 86_400_000, blockCount: 2 });
  });

  test('a calendar column is sketched, not monitored, when the window sees a part of its cycle', async () => {
    const columns = { day_of_week: repeated(700, 1, 2, 3, 4, 5, 6, 7), x: repeated(700, 1, 2, 5) };
    const { profile } = await profileColumns(columns);
    expect(profile.features[0]).toMatchObject({ monitor: false, reason: expect.stringMatching(/^calendar/) });
    const month = await profileColumns(columns, { windowMs: 30 * 86_400_000 });
    expect(month.profile.features[0].monitor).toBe(true);
  });
});

test('metadata reach the profile', async () => {
  const metadata = readMetadata(
    writeTemporary(
      'flights.yaml',
      `dataset: { name: flights, version: "2001-01" }
model: { owner: operations, tier: high, task: classification }
features:
  x: { owner: data-platform, source: warehouse.routes, description: miles, monitor: false, reason: seasonal }
`,
    ),
  );
  const { profile } = await profileColumns(
    { x: [1, 2], y: [2, 3] },
    { metadata, modelVersion: '7', datasetVersion: 'b' },
  );
  expect(profile.model).toEqual({
    name: 'test',
    version: '7',
    owner: 'operations',
    tier: 'high',
    task: 'classification',
  });
  expect(profile.dataset).toMatchObject({ name: 'flights', version: 'b' });
  expect(profile.features[0]).toMatchObject({
    owner: 'data-platform',
    source: 'warehouse.routes',
    description: 'miles',
    monitor: false,
    reason: 'seasonal',
  });
});

test('the spools are closed and rows are nowhere in the profile', async () => {
  const { profile } = await profileColumns({
    name: repeated(60, 'Ada', 'Grace'),
    secret: range(60).map((i) => `s-${i}`),
  });
  expect(JSON.stringify(profile)).not.toContain('s-17');
  await profileFiles([writeTemporary('bad.csv', 'a\n"')]).catch(() => undefined);
  expect(readdirSync(temporaryFolder())).toEqual([]);
});
