import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finish, runLeeway, startLeeway } from '../../test/run-leeway.ts';
import { orders, temporaryFolder, toDelimited, writeTemporary } from '../../test/sample-table.ts';

const table = toDelimited(orders(2000), ',');

async function made(folder: string, name: string, text = table, ...options: string[]): Promise<string> {
  const csv = join(folder, `${name}.csv`);
  const output = join(folder, `${name}.json`);
  writeFileSync(csv, text);
  const { code, stderr } = await runLeeway(['profile', csv, '-m', 'orders', '-o', output, ...options]);
  if (code !== 0) throw new Error(stderr);
  return output;
}

describe('leeway profile', () => {
  test('says what is wrong on one line, with exit code 1, and writes nothing', async () => {
    const folder = temporaryFolder();
    const output = join(folder, 'out.json');
    const cases: [string[], string][] = [
      [['nowhere.csv'], 'error[file-missing]: nowhere.csv: does not exist: check the name\n'],
      [['-', 'a.csv'], 'error[option-invalid]: standard input (-) cannot be mixed with files: give one of them\n'],
      [
        ['a.csv', '--window', 'day'],
        'error[option-invalid]: --window day: write a duration of at least 1s, such as 1h or 1d\n',
      ],
    ];
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await runLeeway(['profile', ...args, '-m', 'x', '-o', output]);
      expect([code, stdout, stderr]).toEqual([1, '', expected]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('refuses an output that cannot be written before it reads', async () => {
    const folder = temporaryFolder();
    for (const [output, why] of [
      [join(folder, 'no', 'out.json'), 'ENOENT'],
      [folder, 'it is a folder'],
    ]) {
      const { code, stderr } = await runLeeway(['profile', 'nowhere.csv', '-m', 'x', '-o', output]);
      expect([code, stderr]).toEqual([
        1,
        `error[output-unwritable]: ${output}: cannot be written (${why}): name a file in a folder that exists and may be written to\n`,
      ]);
    }
  });

  test('cannot read Parquet from standard input, and says so', async () => {
    const { code, stderr } = await runLeeway(['profile', '-', '--format', 'parquet', '-m', 'x'], 'PAR1');
    expect([code, stderr]).toEqual([1, expect.stringContaining('read from its end: give a file')]);
  });

  test('control characters of the data do not reach the terminal', async () => {
    const path = writeTemporary('x.csv', 'a\u001b[31m,b\n,1\n,2\n');
    const { code, stderr } = await runLeeway(['profile', path, '-m', 'x']);
    expect(code).toBe(0);
    expect(stderr).toContain('a\\u001b[31m: left out');
    expect(stderr).not.toContain('\u001b');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s removes the spools and leaves no output', async (signal) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tmp'));
    const output = join(folder, 'out.json');
    const child = startLeeway(['profile', '-', '--format', 'csv', '-m', 'x', '-o', output], {
      TMPDIR: join(folder, 'tmp'),
    });
    const finished = finish(child);
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(table.repeat(3).replaceAll('amount,items,city,late\n', (match, at) => (at === 0 ? match : '')));
    const spools = () => readdirSync(join(folder, 'tmp')).flatMap((name) => readdirSync(join(folder, 'tmp', name)));
    while (spools().length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const { code } = await finished;
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual(['tmp']);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  test('a bad row late in the file removes the spools', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tmp'));
    const path = writeTemporary('x.csv', `${table}1,2\n`);
    const child = startLeeway(['profile', path, '-m', 'x'], { TMPDIR: join(folder, 'tmp') });
    const { code, stderr } = await finish(child);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error[csv-invalid]: ${path}:2002: 2 fields`)]);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});

describe('what it wrote', () => {
  test('inspect shows columns, what they cost, and all of it as JSON', async () => {
    const reference = await made(temporaryFolder(), 'orders');
    const { code, stdout } = await runLeeway(['inspect', reference]);
    expect(code).toBe(0);
    expect(stdout).toContain('orders  · reference training of 2,000 rows');
    expect(stdout).toMatch(/amount +numeric +[▁-█]{10} {2}0 to 125, mean \d+\.\d+ ± \d+\.\d+ · 5\.90 % missing/);
    expect(stdout).toMatch(/city +categorical .* 5 categories: /);
    expect(stdout).toMatch(/costs +about \d+ series a version, 0\.\d\d GB a month/);
    const summary = JSON.parse((await runLeeway(['inspect', reference, '--json'])).stdout);
    expect(summary).toMatchObject({ rowCount: 2000, model: { name: 'orders' }, cost: { series: expect.any(Number) } });
    expect(summary.features.map(({ name }: { name: string }) => name)).toEqual(['amount', 'items', 'city', 'late']);
  });

  test('diff is silent about what is the same, and says what came, went and moved', async () => {
    const folder = temporaryFolder();
    const reference = await made(folder, 'one');
    const same = await runLeeway(['diff', reference, reference]);
    expect([same.code, same.stdout]).toEqual([0, 'no difference that matters\n']);
    const moved = orders(2000).map(({ amount, items, city, late }) => ({
      amount: amount === null ? null : Number(amount) + 50,
      shop: Number(items) % 2 === 0 ? 'a' : 'b',
      city: city === '東京' ? '京都' : city,
      late,
    }));
    const other = await made(folder, 'two', toDelimited(moved, ','));
    const { code, stdout } = await runLeeway(['diff', reference, other, '--json']);
    expect(code).toBe(2);
    const changes = JSON.parse(stdout).map(({ name, change }: Record<string, string>) => `${name} ${change}`);
    expect(changes.sort()).toEqual(['amount distribution', 'city distribution', 'items removed', 'shop added']);
    expect((await runLeeway(['diff', reference, other])).stdout).toMatch(/city +distribution +PSI .*京都/);
  });

  test('validate accepts it, and names what is wrong with one that was edited', async () => {
    const reference = await made(temporaryFolder(), 'orders');
    expect((await runLeeway(['validate', reference])).stdout).toBe(`${reference}: valid\n`);
    writeFileSync(reference, readFileSync(reference, 'utf8').replace('"rowCount": 2000', '"rowCount": 2001'));
    const { code, stderr } = await runLeeway(['validate', reference]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error[config-invalid]: ${reference}: is no valid`)]);
  });

  test('validate names line and column of a configuration, and the setting that was meant', async () => {
    const config = writeTemporary('leeway.yaml', 'window:\n  lenght: 1h\n');
    const { code, stderr } = await runLeeway(['validate', config]);
    expect([code, stderr]).toEqual([
      1,
      `error[config-invalid]: ${config}:2:3: window.lenght: unknown setting; did you mean length?\n`,
    ]);
  });

  test('validate notes a reference whose blocks do not fit the window; the defaults of both agree', async () => {
    const folder = temporaryFolder();
    const rows = orders(3000).map((row, i) => ({ ...row, at: 1_700_000_000 + 300 * i }));
    const table = toDelimited(rows, ',');
    await made(folder, 'hours', table, '--time', 'at');
    await made(folder, 'days', table, '--time', 'at', '--window', '1d');
    const config = (name: string): string => {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, `references:\n  - { model: orders, file: ${name}.json }\n`);
      return path;
    };
    expect(await runLeeway(['validate', config('hours')])).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await runLeeway(['validate', config('days')]);
    expect(code).toBe(0);
    expect(stderr).toBe(
      `note: ${join(folder, 'days.json')}: reference blocks are 1 d, window is 1 h: block band unused; make the reference with --window 1h\n`,
    );
  }, 120_000);

  test('is written whole: another reader never sees a part', async () => {
    const folder = temporaryFolder();
    const reference = await made(folder, 'orders');
    const before = statSync(reference).ino;
    await made(folder, 'orders');
    expect(statSync(reference).ino).not.toBe(before);
    expect(readdirSync(folder).sort()).toEqual(['orders.csv', 'orders.json']);
  });
});

test('an unknown command and an unknown option come with what was meant', async () => {
  expect((await runLeeway(['profil'])).stderr).toContain('Did you mean profile?');
  expect((await runLeeway(['profile', 'x', '-m', 'y', '--exlude', 'z'])).stderr).toContain('Did you mean --exclude?');
});

describe('regression: options that would do harm', () => {
  test('-o never overwrites what is read', async () => {
    const path = writeTemporary('over.csv', toDelimited(orders(60), ','));
    const { code, stderr } = await runLeeway(['profile', path, '-m', 'orders', '-o', path]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('it is one of the files that are read')]);
    expect(readFileSync(path, 'utf8')).toBe(toDelimited(orders(60), ','));
  });

  test('-o follows a link and touches no other file', async () => {
    const path = writeTemporary('r.json.part', toDelimited(orders(60), ','));
    const folder = dirname(path);
    const output = join(folder, 'r.json');
    const args = ['profile', path, '--format', 'csv', '-m', 'orders', '-o'];
    expect((await runLeeway([...args, output])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(toDelimited(orders(60), ','));
    symlinkSync(output, join(folder, 'link.json'));
    rmSync(output);
    writeFileSync(output, 'before');
    expect((await runLeeway([...args, join(folder, 'link.json')])).code).toBe(0);
    expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(output, 'utf8')).toContain('"schemaVersion"');
  });

  test.each([
    ['--prediction', 'late', '--label', 'late'],
    ['--prediction', 'late', '--exclude', 'late'],
    ['--time', 'amount', '--only', 'amount'],
    ['--exclude', 'city', '--type', 'city=categorical'],
  ])('%s %s %s %s contradict each other', async (...options) => {
    const path = writeTemporary('x.csv', toDelimited(orders(60), ','));
    const { code, stderr } = await runLeeway(['profile', path, '-m', 'orders', ...options]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('contradict each other')]);
  });
});
