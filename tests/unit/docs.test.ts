/** What the documentation says, held against the program: links, commands, options, configuration, code. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createProgram } from '@leeway/cli';
import { METRICS } from '@leeway/semconv';
import { loadConfig } from '@leeway/sidecar';
import { expect, test } from 'vitest';
import { risk } from './snippets/monitor.ts';
import { ROOT } from './source-tree.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules'),
}).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const readme = pages.find(({ path }) => path === 'README.md')?.text ?? '';
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]);

test('there are pages to check', () => {
  expect(pages.length).toBeGreaterThan(8);
});

test('every link within the repository leads somewhere', () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g)]
      .map((match) => match[1])
      .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every npm script that is named exists', () => {
  const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts);
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:-s |--silent )?([a-z][a-z:]*)/g)]
      .filter(([, name]) => !scripts.includes(name))
      .map(([, name]) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('every leeway command of the README exists, with the options that it is given', () => {
  const commands = createProgram('0').commands;
  const lines = blocks(readme, 'sh').join('\n').replaceAll('\\\n', ' ').split('\n');
  const calls = lines.flatMap((line) => [
    ...(/(?:^|\s)leeway (?!-)(.*)/.exec(line.replace(/#.*/, ''))?.slice(1) ?? []),
  ]);
  expect(calls.length).toBeGreaterThan(2);
  for (const call of calls) {
    // Behind `--` stands another program's command line.
    const [name, ...words] = call.replace(/ -- .*/, '').split(/\s+/);
    const command = commands.find((one) => one.name() === name);
    expect(command, call).toBeDefined();
    const known = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
    for (const word of words.filter((part) => part.startsWith('-') && part !== '-'))
      expect(known, call).toContain(word);
  }
});

test('the configuration of the README is valid', () => {
  const [yaml] = blocks(readme, 'yaml');
  expect(loadConfig(yaml, 'README.md', {})).toMatchObject({ ok: true });
});

test('the code of the README is the snippet that is compiled and run', () => {
  const [code] = blocks(readme, 'ts');
  const snippet = readFileSync(join(ROOT, 'tests/unit/snippets/monitor.ts'), 'utf8').replace(/\nexport \{.*\n/, '');
  expect(code.trim()).toBe(snippet.trim());
  expect(risk).toEqual({ label: 'ok', score: 0.93 });
});

test('every metric is documented', () => {
  const telemetry = pages.find(({ path }) => path.endsWith('telemetry.md'))?.text ?? '';
  expect(Object.keys(METRICS).filter((name) => !telemetry.includes(`\`${name}\``))).toEqual([]);
});

test('every environment variable that the code reads is named in the docs', () => {
  const sources = globSync('packages/*/src/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => /node_modules|\.test\.ts/.test(path),
  });
  const names = new Set(
    sources.flatMap((path) => readFileSync(join(ROOT, path), 'utf8').match(/\bLEEWAY_[A-Z_]+[A-Z]\b/g) ?? []),
  );
  const docs = pages.map(({ text }) => text).join('\n');
  expect([...names].filter((name) => !docs.includes(name))).toEqual([]);
});

test('no variable that the instrumentation reads is taken for a mistake by the sidecar', () => {
  const sources = globSync('packages/{instrumentation,instrumentation-*,register}/src/**/*.ts', { cwd: ROOT });
  const names = sources.flatMap(
    (path) => readFileSync(join(ROOT, path), 'utf8').match(/\bLEEWAY_[A-Z_]+[A-Z]\b/g) ?? [],
  );
  expect(names.length).toBeGreaterThan(5);
  const loaded = loadConfig('', 'x.yaml', Object.fromEntries(names.map((name) => [name, 'x'])));
  expect(loaded.ok && loaded.warnings).toEqual([]);
});
