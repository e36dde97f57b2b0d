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
  expect(problems('window: { length: 1h, pane: 7m }\n')[0]).toMatch(/^leeway.yaml:1:29: window.pane: .*whole panes/);
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

test('regression: a value that is near a known one comes with what was meant', () => {
  expect(problems('metrics: [psii]\n')[0]).toMatch(
    /^leeway.yaml:1:11: metrics.0: must be one of psi, .*did you mean psi\?$/,
  );
  expect(problems('log_level: warning\n')[0]).toMatch(/did you mean warn\?$/);
  expect(problems('', { LEEWAY_LOG_LEVEL: 'inof' })[0]).toMatch(
    /^environment: LEEWAY_LOG_LEVEL: .*did you mean info\?$/,
  );
});

test('regression: a misspelt variable is warned of, one of the instrumentation is not, a list or section is refused', () => {
  const warned = loadConfig('', 'leeway.yaml', {
    LEEWAY_WINDOW_LENGHT: '1d',
    LEEWAY_CAPTURE_RATE: '0.1',
    LEEWAY_CAPTURE_FROM_THE_FUTURE: 'x',
    LEEWAY_MODEL_NAME: 'risk',
  });
  expect(warned.ok && warned.warnings.map(formatProblem)).toEqual([
    'environment: LEEWAY_WINDOW_LENGHT: no such setting; did you mean LEEWAY_WINDOW_LENGTH?',
  ]);
  for (const [variable, setting] of [
    ['LEEWAY_REFERENCES', 'references'],
    ['LEEWAY_REFERENCES_0_FILE', 'references'],
    ['LEEWAY_ALARMS_COLUMNS', 'alarms.columns'],
    ['LEEWAY_LISTEN', 'listen'],
  ])
    expect(problems('', { [variable]: '[]' })).toEqual([
      `environment: ${variable}: ${setting} is no single value: write it in the file`,
    ]);
});

test('a list of single values is separated by commas; a text that looks like a number stays text', () => {
  const loaded = loadConfig('', 'leeway.yaml', {
    LEEWAY_LISTEN_ALLOWED_HOSTS: 'leeway, leeway.monitoring.svc',
    LEEWAY_METRICS: 'psi,chebyshev',
    LEEWAY_LISTEN_BEARER_TOKEN_FILE: '12345',
  });
  expect(loaded.ok && loaded.config).toMatchObject({
    listen: { allowed_hosts: ['leeway', 'leeway.monitoring.svc'], bearer_token_file: '12345' },
    metrics: ['psi', 'chebyshev'],
  });
});

test('a unix socket is an address; a relative or too long path is none', () => {
  expect(problems('listen: { otlp_http: "unix:/run/leeway/otlp.sock" }\n')).toEqual([]);
  expect(problems('listen: { otlp_http: "unix:otlp.sock" }\n')[0]).toMatch(/unix:\/path/);
  expect(problems(`listen: { otlp_http: "unix:/${'x'.repeat(120)}" }\n`)[0]).toMatch(/at most 107 bytes/);
  expect(problems('listen: { http: "unix:/run/x.sock" }\n')[0]).toMatch(/host:port/);
});

test('every setting has a meaning, for the reference page and for editors', () => {
  const nameless: string[] = [];
  const walk = (node: Record<string, never>, path: string): void => {
    for (const [key, child] of Object.entries<Record<string, never>>(node.properties ?? {})) {
      const isSection = child.properties !== undefined;
      if (!isSection && child.description === undefined) nameless.push(`${path}${key}`);
      for (const inner of [child, child.items ?? {}, child.additionalProperties ?? {}])
        walk(inner as Record<string, never>, `${path}${key}.`);
    }
  };
  walk(configJsonSchema() as Record<string, never>, '');
  expect(nameless).toEqual([]);
});

test('there is a JSON Schema for editors', () => {
  expect(configJsonSchema()).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { window: { type: 'object' } },
  });
});
