import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_CODES } from './cli-error.ts';

test('every code of the catalogue is used, and only those', () => {
  const cwd = new URL('.', import.meta.url).pathname;
  const sources = globSync('**/*.ts', { cwd }).filter((path) => !path.endsWith('.test.ts'));
  const used = sources.flatMap((path) =>
    [...readFileSync(`${cwd}/${path}`, 'utf8').matchAll(/new CliError\(\s*'([^']+)'/g)].map(([, code]) => code),
  );
  expect([...new Set(used)].sort()).toEqual(Object.keys(ERROR_CODES).sort());
});
