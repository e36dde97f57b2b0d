import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { profileFiles, writeTemporary } from '../../test/sample-table.ts';

const HEADER = 'a,b\n';

/** What a user reads; FILE stands for the path. */
async function refusal(name: string, content: string | Uint8Array, request = {}): Promise<string> {
  const path = writeTemporary(name, content);
  const error = await profileFiles([path], request).then(
    () => new Error('was accepted'),
    (reason: Error & { code?: string }) => reason,
  );
  return `${'code' in error ? `${error.code} ` : ''}${error.message.replaceAll(path, 'FILE')}`;
}

describe('a file that cannot be read is refused with file, line, column and fix', () => {
  test.each([
    [
      'a row with too few fields',
      'x.csv',
      `${HEADER}1,2\n3\n`,
      'csv-invalid FILE:3: 1 fields where the header has 2: give every row as many fields as the header, and quote fields that hold a separator',
    ],
    [
      'a row with too many fields, after one with a line end inside quotes',
      'x.csv',
      `${HEADER}1,"2\n2"\n3,4,5\n`,
      'csv-invalid FILE:4: 3 fields where the header has 2: give every row as many fields as the header, and quote fields that hold a separator',
    ],
    [
      'a quote that is not closed',
      'x.csv',
      `${HEADER}1,2\n3,"4\n5,6\n`,
      'csv-invalid FILE:4: the file ends inside a quoted field that began in row 2: close the quote, or write quotes inside a field twice',
    ],
    [
      'quotes inside a field that has none around it',
      'x.csv',
      `${HEADER}1,2"3"\n`,
      'csv-invalid FILE:2: field 2: a quote in a field that does not begin with one: quote the whole field, and write quotes inside it twice',
    ],
    [
      'letters after a closing quote',
      'x.csv',
      `${HEADER}1,"3"x\n`,
      'csv-invalid FILE:2: field 2: something follows the closing quote: quote the whole field, and write quotes inside it twice',
    ],
    ['bytes that are not UTF-8', 'x.csv', Buffer.from(`${HEADER}1,2\n3,M\xfcnchen\n`, 'latin1'), 'utf8 3:4'],
    ['a character that is cut off', 'x.csv', Buffer.from(`${HEADER}1,é`).subarray(0, -1), 'utf8 2:3'],
    ['JSON lines that are not UTF-8', 'x.jsonl', Buffer.from('{"a":1}\n{"a":"\xfc"}\n', 'latin1'), 'utf8 2:7'],
    [
      'a line that is not JSON',
      'x.jsonl',
      '{"a":1}\n{"a":}\n',
      `json-invalid FILE:2:6: is not JSON (Unexpected token '}', "{"a":}" is not valid JSON): one JSON object a line is expected`,
    ],
    [
      'a line that is no object',
      'x.jsonl',
      '{"a":1}\n\n[1]\n',
      'json-invalid FILE:3:1: is an array, not an object: one JSON object a line is expected',
    ],
    ['an empty file', 'x.csv', '', 'file-empty FILE: is empty'],
    [
      'a file with nothing but blank lines',
      'x.csv',
      '\n\n',
      'file-empty FILE: is empty: a header line and rows are expected',
    ],
    ['a header without rows', 'x.csv', HEADER, 'file-empty FILE: has columns but no rows'],
    ['JSON lines without a line', 'x.jsonl', '\n', 'file-empty FILE: is empty: one JSON object a line is expected'],
    [
      'a column without a name',
      'x.csv',
      'a,,b\n1,2,3\n',
      'csv-invalid FILE:1: column 2 has no name: the first line must name every column',
    ],
    [
      'two columns of one name',
      'x.csv',
      'a,a\n1,2\n',
      'column-duplicate FILE:1: columns 1 and 2 are both called "a": rename one',
    ],
    [
      'a name that does not say the format',
      'x.dat',
      'a\n1\n',
      'format-unknown FILE: which format? say --format, one of csv, tsv, jsonl, parquet',
    ],
    [
      'a text that is called Parquet',
      'x.parquet',
      'a,b\n1,2\n',
      'parquet-invalid FILE: cannot be read as Parquet (parquet file invalid (footer != PAR1)): the file may be truncated; write or copy it again',
    ],
  ])('%s', async (_, name, content, expected) => {
    const [, place] = /^utf8 (.*)$/.exec(expected) ?? [];
    const message =
      place === undefined
        ? expected
        : `encoding-invalid FILE:${place}: is not UTF-8: convert the file, for example with iconv -f latin1 -t utf-8`;
    expect(await refusal(name, content)).toBe(message);
  });

  test('a Parquet file that is cut off, wherever', async () => {
    const data = Array.from({ length: 1000 }, (_, i) => i * 1.5);
    const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data }] }));
    for (const length of [4, 100, whole.length >> 1, whole.length - 1]) {
      expect(await refusal('x.parquet', whole.subarray(0, length))).toMatch(
        /^parquet-invalid FILE: cannot be read as Parquet \(.+\): the file may be truncated; write or copy it again$/,
      );
    }
  });

  test('regression: a line without an end filled the memory', async () => {
    const line = Buffer.alloc(17 * 2 ** 20, '[{"a":1},');
    expect(await refusal('x.jsonl', Buffer.concat([Buffer.from('{"a":1}\n'), line]))).toBe(
      'json-invalid FILE:2:1: a line of more than 16 MiB: write one JSON object a line, not one array',
    );
  });

  test('regression: a single column lost its empty rows', async () => {
    const { profile } = await profileFiles([writeTemporary('x.csv', `x\n${'1.5\n\n2.5\n'.repeat(30)}`)]);
    expect(profile.features[0]).toMatchObject({ rowCount: 90, missingCount: 30 });
  });

  test('a wrong byte far into a large file', async () => {
    const lines = Buffer.from(`${HEADER}${'12345,67890\n'.repeat(30_000)}`);
    const at = lines.lastIndexOf('67890');
    lines[at + 2] = 0xff;
    expect(await refusal('x.csv', lines)).toMatch(/^encoding-invalid FILE:30001:9: /);
  });

  test('a folder, and a file that is not there', async () => {
    const path = writeTemporary('x.csv', 'a\n1\n');
    await expect(profileFiles([path.slice(0, -'/x.csv'.length)])).rejects.toThrow(
      /: is a folder: name the files in it$/,
    );
    await expect(profileFiles([`${path}x`])).rejects.toThrow(`${path}x: does not exist: check the name`);
  });
});

describe('options that do not fit the table', () => {
  const table = 'amount,city\n1.5,Bern\n2,Basel\n';
  test.each([
    ['time', { time: 'amuont' }, 'column-missing --time amuont: there is no such column; did you mean amount?'],
    ['label', { label: 'zzz' }, 'column-missing --label zzz: there is no such column; there are amount, city'],
    ['exclude', { exclude: ['City'] }, 'column-missing --exclude City: there is no such column; did you mean city?'],
    ['only', { only: ['citi'] }, 'column-missing --only citi: there is no such column; did you mean city?'],
    [
      'type',
      { types: new Map([['cty', 'categorical']]) },
      'column-missing --type cty: there is no such column; did you mean city?',
    ],
    [
      'prediction',
      { predictions: new Map([['score', undefined]]) },
      'column-missing --prediction score: there is no such column; there are amount, city',
    ],
    [
      'nothing left',
      { exclude: ['amount', 'city'] },
      'columns-none nothing is left to monitor: every column was excluded',
    ],
    [
      'a time that is none',
      { time: 'city' },
      'time-invalid FILE:2: "city" is no time from 1970 to 2100 here, and in 1 more rows: write ISO 8601 or Unix time, say --time-unit, or leave --time away',
    ],
  ])('%s', async (_, request, expected) => {
    expect(await refusal('x.csv', table, request)).toBe(expected);
  });

  test('two predictions that are the same output', async () => {
    const predictions = new Map([
      ['amount', 'score'],
      ['city', 'score'],
    ]);
    expect(await refusal('x.csv', table, { predictions })).toBe(
      'option-invalid two --prediction columns are the output score: say which is which, as in --prediction column=score',
    );
  });

  test('names that are longer than a profile holds', async () => {
    expect(await refusal('x.csv', `${'n'.repeat(300)},b\n1,2\n`)).toBe(
      'table-invalid /features/0/name of the profile has 300 characters: expected 1 to 256: shorten the name or leave the column out',
    );
  });
});

test('files with other columns are refused, whichever has more', async () => {
  const one = writeTemporary('one.csv', 'a,b\n1,2\n');
  const more = writeTemporary('more.csv', 'a,b,c\n1,2,3\n');
  await expect(profileFiles([one, more])).rejects.toThrow(
    `${more}: the column "c" is not in the files before it: give files with the same columns`,
  );
  await expect(profileFiles([more, one])).rejects.toThrow(
    `${one}: the column "c" is missing: give files with the same columns`,
  );
});

test('columns may be called like what every object has', async () => {
  const path = writeTemporary('x.csv', '__proto__,constructor,toString\n1.5,a,2\n2.5,b,3\n');
  const { profile } = await profileFiles([path]);
  expect(profile.features.map(({ name, type }) => [name, type])).toEqual([
    ['__proto__', 'numeric'],
    ['constructor', 'categorical'],
    ['toString', 'numeric'],
  ]);
  const lines = writeTemporary('x.jsonl', '{"__proto__":1.5,"constructor":"a"}\n{"__proto__":2.5,"constructor":"b"}\n');
  const { profile: same } = await profileFiles([lines]);
  expect(same.features.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
});
