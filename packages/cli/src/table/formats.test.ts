import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parquetWriteBuffer, parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { runLeeway } from '../../test/run-leeway.ts';
import {
  orders,
  profileFiles,
  type Row,
  temporaryFolder,
  toDelimited,
  toJsonLines,
  writeTemporary,
} from '../../test/sample-table.ts';
import { readCsv } from './csv.ts';
import { readJsonLines } from './jsonl.ts';
import { CHUNK_BYTES_MAX } from './reader.ts';

const rows = orders(3000);

async function parquetOf(table: readonly Row[]): Promise<string> {
  const path = join(temporaryFolder(), 'orders.parquet');
  const columnData = Object.keys(table[0]).map((name) => ({ name, data: table.map((row) => row[name]) }));
  await parquetWriteFile({ filename: path, columnData, rowGroupSize: 700 });
  return path;
}

describe('the same rows in another format give the same profile', () => {
  const reference = async () => {
    const { profile } = await profileFiles([writeTemporary('orders.csv', toDelimited(rows, ','))]);
    const { id: _, dataset: __, ...rest } = profile;
    return rest;
  };

  test('which has the columns that are expected', async () => {
    const { features, rowCount } = await reference();
    expect(rowCount).toBe(3000);
    expect(features.map(({ name, type, missingCount }) => [name, type, missingCount])).toEqual([
      ['amount', 'numeric', 177],
      ['items', 'numeric', 0],
      ['city', 'categorical', 131],
      ['late', 'categorical', 0],
    ]);
    const names = features[2].categorical?.categories.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['Zürich', 'New York, NY', 'say "hi"', 'São Paulo', '東京']));
  });

  const files: [string, () => Promise<string> | string][] = [
    ['TSV', () => writeTemporary('orders.tsv', toDelimited(rows, '\t'))],
    ['CSV with semicolons', () => writeTemporary('orders.csv', toDelimited(rows, ';'))],
    ['CSV with a byte order mark', () => writeTemporary('orders.csv', `\uFEFF${toDelimited(rows, ',')}`)],
    ['CSV with CRLF', () => writeTemporary('orders.csv', toDelimited(rows, ',').replaceAll('\n', '\r\n'))],
    ['CSV without a last line end', () => writeTemporary('orders.csv', toDelimited(rows, ',').trimEnd())],
    ['CSV with empty lines', () => writeTemporary('orders.csv', toDelimited(rows, ',').replaceAll('\n', '\n\n'))],
    ['JSON lines', () => writeTemporary('orders.jsonl', toJsonLines(rows))],
    [
      'JSON lines with CRLF and a byte order mark',
      () => writeTemporary('orders.ndjson', `\uFEFF${toJsonLines(rows).replaceAll('\n', '\r\n')}`),
    ],
    [
      'JSON lines without the keys that have no value',
      () =>
        writeTemporary(
          'orders.jsonl',
          toJsonLines(rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))),
        ),
    ],
    ['Parquet', () => parquetOf(rows)],
  ];
  test.each(files)('%s', async (_, make) => {
    const { profile } = await profileFiles([await make()], { only: ['amount', 'items', 'city', 'late'] });
    const { id: __, dataset: ___, features, ...rest } = profile;
    const expected = await reference();
    const byName = (columns: typeof features) => [...columns].sort((a, b) => a.name.localeCompare(b.name));
    expect({ ...rest, features: byName(features) }).toEqual({ ...expected, features: byName(expected.features) });
  });

  test('standard input', async () => {
    for (const [format, text] of [
      ['csv', toDelimited(rows, ',')],
      ['tsv', toDelimited(rows, '\t')],
      ['jsonl', toJsonLines(rows)],
    ]) {
      const { code, stdout, stderr } = await runLeeway(
        ['profile', '-', '--format', format, '--model', 'test', '--window', '1d'],
        text,
      );
      expect([code, stderr]).toEqual([0, expect.stringContaining('3,000 rows')]);
      const { id: _, dataset: __, createdAt: ___, ...rest } = JSON.parse(stdout);
      const { createdAt: ____, ...expected } = await reference();
      expect(rest).toEqual(JSON.parse(JSON.stringify(expected)));
    }
  });

  test('regression: pages across a slice were counted twice', async () => {
    const rowCount = 200_000;
    const numbers = Float64Array.from({ length: rowCount }, (_, i) => ((i * 7_919) % 10_007) / 4);
    const columnData = [
      { name: 'wide', data: Array.from(numbers) },
      { name: 'narrow', data: Array.from({ length: rowCount }, (_, i) => i % 3 === 0) },
    ];
    const path = writeTemporary(
      'pages.parquet',
      new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: rowCount, pageSize: 100_000 })),
    );
    const { profile } = await profileFiles([path], { only: ['wide', 'narrow'] });
    const total = numbers.reduce((sum, value) => sum + value, 0);
    expect(profile.features.map((column) => column.rowCount)).toEqual([rowCount, rowCount]);
    expect(profile.features[0].numeric?.mean).toBeCloseTo(total / rowCount, 9);
    expect(profile.features[1].categorical?.categories.map(({ count }) => count)).toEqual([133_333, 66_667]);
  });

  test('split over several files, in whatever order their columns are', async () => {
    const turned = rows.slice(1000).map(({ amount, items, city, late }) => ({ late, city, items, amount }));
    const { profile } = await profileFiles([
      writeTemporary('one.csv', toDelimited(rows.slice(0, 1000), ',')),
      writeTemporary('two.jsonl', toJsonLines(turned)),
    ]);
    const { id: _, dataset, ...rest } = profile;
    expect(rest).toEqual(await reference());
    expect(dataset.files?.map(({ name }) => name)).toEqual(['one.csv', 'two.jsonl']);
  });
});

test('the id is of the content, and the files belong to it', async () => {
  const text = toDelimited(rows, ',');
  const one = await profileFiles([writeTemporary('orders.csv', text)]);
  const same = await profileFiles([writeTemporary('orders.csv', text)]);
  const other = await profileFiles([writeTemporary('orders.csv', `${text}\n`)]);
  expect(same.profile.id).toBe(one.profile.id);
  expect(other.profile.features).toEqual(one.profile.features);
  expect(other.profile.id).not.toBe(one.profile.id);
});

test('a key that comes after the first rows is named, not forgotten', async () => {
  const table = [...Array.from({ length: 10_000 }, (_, i) => ({ a: i % 7 })), { a: 1, b: 2 }, { a: 1, b: 3 }];
  const path = writeTemporary('late.jsonl', toJsonLines(table as Row[]));
  const { profile, notes } = await profileFiles([path]);
  expect(profile.features.map(({ name }) => name)).toEqual(['a']);
  expect(notes).toEqual([`${path}:10001: the key "b" is in none of the first 10000 rows: it is not read`]);
});

test.each([
  ['csv', 'a,b', (text: string) => `1,${text}`, readCsv],
  ['jsonl', '{"a":1,"b":"x"}', (text: string) => `{"a":1,"b":"${text}"}`, readJsonLines],
] as const)('long rows are held in chunks of fewer: %s', async (format, first, rowOf, read) => {
  const text = 'x'.repeat(7 * 2 ** 20);
  const path = writeTemporary(`long.${format}`, [first, ...Array.from({ length: 20 }, () => rowOf(text))].join('\n'));
  const lengths: number[] = [];
  const sink = {
    columns: () => undefined,
    cells: (column: number, cells: ArrayLike<unknown>) => column === 1 && lengths.push(cells.length),
    progress: () => undefined,
    note: () => undefined,
  };
  await read({ path, format, hash: createHash('sha256') }, sink);
  const rowCount = format === 'csv' ? 20 : 21;
  expect(lengths.reduce((sum, length) => sum + length)).toBe(rowCount);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(CHUNK_BYTES_MAX / text.length + 2);
});
