import { windowSettings } from '@leeway/engine';
import { expect, test } from 'vitest';
import { formatProblem, loadConfig } from './load.ts';
import { configJsonSchema } from './schema.ts';

const problems = (text: string, env = {}) => {
  const loaded = loadConfig(text, 'leeway.yaml', env);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

test('an empty file is a configuration: loopback, an hour in twelve panes', () => {
  const loaded = loadConfig('', 'leeway.yaml', {});
  expect(loaded.ok && loaded.config.listen.otlp_http).toBe('127.0.0.1:14318');
  expect(loaded.ok && windowSettings(loaded.config)).toMatchObject({
    windowMs: 3_600_000,
    paneMs: 300_000,
    paneCount: 12,
    mode: 'wall',
  });
});

test('an unknown setting is found where it stands, with what was probably meant', () => {
  expect(problems('window:\n  lenght: 1h\n')).toEqual([
    'leeway.yaml:2:3: window.lenght: unknown setting; did you mean length?',
  ]);
  expect(problems('references:\n  - model: m\n    fil: a.json\n')).toEqual(
    expect.arrayContaining(['leeway.yaml:3:5: references.0.fil: unknown setting; did you mean file?']),
  );
});

test('a wrong value is found where it stands, with the fix', () => {
  expect(problems('workers: 1\nwindow:\n  length: soon\n')).toEqual([
    'leeway.yaml:3:11: window.length: must be a duration such as 30s, 5m, 1h or 30d',
  ]);
  expect(problems('listen: { otlp_http: "14318" }\n')[0]).toMatch(/^leeway.yaml:1:22: .*host:port/);
});

test('panes must divide the window', () => {
  expect(problems('window: { length: 1h, pane: 7m }\n')[0]).toMatch(/^leeway.yaml:1:9: window.pane: .*whole panes/);
});

test('broken YAML, doubled keys, alias bombs: an answer each, never an exception', () => {
  expect(problems('a: [1,\n')[0]).toMatch(/^leeway.yaml:/);
  expect(problems('workers: 1\nworkers: 2\n')[0]).toMatch(/^leeway.yaml:2:1: .*unique/);
  const bomb = `a: &a [x]\n${'bcdefgh'
    .split('')
    .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`)
    .join('\n')}\n`;
  expect(problems(bomb)).toHaveLength(1);
  expect(problems('__proto__: { polluted: 1 }\n')[0]).toMatch(/unknown setting/);
});

test('the environment overrides single values, and its mistakes are named', () => {
  const loaded = loadConfig('window: { length: 1h }', 'leeway.yaml', {
    LEEWAY_WINDOW_LENGTH: '1d',
    LEEWAY_WORKERS: '0',
  });
  expect(loaded.ok && [loaded.config.window.length, loaded.config.workers]).toEqual(['1d', 0]);
  expect(problems('', { LEEWAY_WORKERS: 'many' })[0]).toMatch(/^environment: LEEWAY_WORKERS: /);
});

test('there is a JSON Schema for editors', () => {
  expect(configJsonSchema()).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { window: { type: 'object' } },
  });
});
