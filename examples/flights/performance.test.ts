/** The story that docs/performance.md tells, told again by the same command. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test('measured and estimated performance of the flights model are those of the documentation', () => {
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@leeway/source', here('performance.ts')], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(status).toBe(0);
  const shown = /```text\n([\s\S]*?)```/.exec(readFileSync(here('../../docs/performance.md'), 'utf8'))?.[1] ?? '';
  const lines = shown.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const told =
      stdout
        .split('\n')
        .find((one) => one.trim().startsWith(`${words[0]} `))
        ?.trim()
        .split(/\s+/) ?? [];
    expect(told).toHaveLength(words.length);
    // Processors differ in the last bits of a score, and so in the last digit of what is made of it.
    words.forEach((word, i) => {
      if (/^\d\.\d{4}$/.test(word)) expect(Math.abs(Number(word) - Number(told[i]))).toBeLessThan(0.0003);
      else expect(told[i]).toBe(word);
    });
  }
  // The last stretch is of three days.
  const weeks = stdout
    .split('\n')
    .filter((line) => line.startsWith('2001-'))
    .slice(0, -1);
  const accuracies = weeks.map((line) => Number(line.split(/\s+/)[6]));
  expect([Math.min(...accuracies) < 0.7, Math.max(...accuracies) > 0.88]).toEqual([true, true]);
  for (const line of weeks) expect(Math.abs(Number(line.split(/\s+/)[5]) - 0.694)).toBeLessThan(0.008);
}, 120_000);
