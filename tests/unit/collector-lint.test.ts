import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG_FOLDER } from '../collector/build.ts';
import { LINT_RULES, type LintRule, lintCollectorConfig } from '../collector/lint.ts';

const read = (file: string) => readFileSync(join(CONFIG_FOLDER, file), 'utf8');
const configurations = readdirSync(CONFIG_FOLDER).filter(
  (file) => file.endsWith('.yaml') && !file.startsWith('builder'),
);
const agent = read('agent.yaml');

const rulesOf = (text: string): LintRule[] => [...new Set(lintCollectorConfig(text).map(({ rule }) => rule))];

/** The agent's configuration with one thing changed. */
function changed(from: string | RegExp, to: string): string {
  const text = agent.replace(from, to);
  expect(text, `${from} is in agent.yaml`).not.toBe(agent);
  return text;
}

test('the shipped configurations have no finding', () => {
  expect(configurations).toEqual(expect.arrayContaining(['agent.yaml', 'scrape.yaml']));
  expect(
    configurations.flatMap((file) => lintCollectorConfig(read(file)).map((finding) => ({ file, ...finding }))),
  ).toEqual([]);
});

/** Each with the one change that must be found. */
const BROKEN: readonly (readonly [LintRule, string, string | RegExp, string])[] = [
  ['header', 'a header without its ports', '# Ports:', '# Other:'],
  ['header', 'a header that comes too late', '# Purpose', 'extra: 1\n# Purpose'],
  ['dangling', 'an exporter that is not defined', 'exporters: [otlp_http/leeway]', 'exporters: [otlp_http/leway]'],
  ['dangling', 'an extension that is not defined', 'extensions: [health_check]', 'extensions: [health_check, zpages]'],
  [
    'dangling',
    'an authenticator that is not started',
    'encoding:',
    'auth: { authenticator: bearertokenauth }\n    encoding:',
  ],
  ['unused', 'a processor in no pipeline', 'processors:\n', 'processors:\n  filter/other: {}\n'],
  ['deprecated', 'an old exporter name', /otlp_http\/backend/g, 'otlphttp/backend'],
  ['deprecated', 'the batch processor', 'processors:\n', 'processors:\n  batch: {}\n'],
  ['deprecated', 'old filter conditions', 'trace_conditions:', 'traces: {}\n    trace_conditions:'],
  ['deprecated', 'an old address of telemetry', '    metrics:\n', '    metrics:\n      address: 127.0.0.1:8888\n'],
  ['wildcard-bind', 'a receiver on 0.0.0.0', '127.0.0.1:4318', '0.0.0.0:4318'],
  ['wildcard-bind', 'a receiver on [::]', '127.0.0.1:4317', '[::]:4317'],
  ['wildcard-bind', 'a receiver without a host', '127.0.0.1:14320}', ':14320}'],
  ['wildcard-bind', 'an extension on every interface', '127.0.0.1:13133', '0.0.0.0:13133'],
  ['wildcard-bind', 'own metrics on every interface', 'host: 127.0.0.1', "host: '0.0.0.0'"],
  ['loop', 'the return receiver in the ML branch', /(traces\/ml:\n\s+receivers: \[otlp)\]/, '$1, otlp/leeway]'],
  [
    'unfiltered',
    'an ML branch without a filter',
    /(traces\/ml:[^}]*?)\[memory_limiter, filter\/ml\]/,
    '$1[memory_limiter]',
  ],
  ['unfiltered', 'a filter that keeps everything', /log\.attributes\["ml\.model\.name"\] == nil/, 'log.body == nil'],
  [
    'after-sampling',
    'tail sampling before the ML branch',
    '[memory_limiter, filter/ml]',
    '[memory_limiter, tail_sampling, filter/ml]',
  ],
  [
    'sampling-mode',
    'sampling without weights',
    '[memory_limiter, filter/ml]',
    '[memory_limiter, filter/ml, probabilistic_sampler]',
  ],
  ['memory-limiter', 'a pipeline without a memory limiter', '[memory_limiter, filter/ml]', '[filter/ml]'],
  ['queue', 'an exporter without batches', /\n {6}batch: \{\}/, '\n      enabled: true'],
  ['queue', 'a leeway exporter that blocks', 'sizer: bytes', 'sizer: bytes\n      block_on_overflow: true'],
  ['env-default', 'a variable without a default', /OTEL_BACKEND_ENDPOINT:-[^}]*/, 'OTEL_BACKEND_ENDPOINT'],
];

test.each(BROKEN)('%s: %s is found', (rule, _what, from, to) => {
  expect(rulesOf(changed(from, to))).toContain(rule);
});

/** The same of other files. */
const BROKEN_ELSEWHERE: readonly (readonly [LintRule, string, string, string, string])[] = [
  ['routing', 'shards by trace', 'gateway-lb.yaml', 'routing_key: attributes', 'routing_key: traceID'],
  ['routing', 'shards by model and more', 'gateway-lb.yaml', '[ml.model.name]', '[ml.model.name, service.name]'],
  [
    'routing',
    'labels without a key',
    'kafka-producer.yaml',
    'leeway-logs}\n      message_key_from_metadata_key: ml-model-name',
    'leeway-logs}',
  ],
  [
    'queue',
    'no queue and yet a retry',
    'shard.yaml',
    'retry_on_failure:\n      enabled: false',
    'retry_on_failure:\n      enabled: true',
  ],
];

test.each(BROKEN_ELSEWHERE)('%s: %s is found', (rule, _what, file, from, to) => {
  const text = read(file).replace(from, to);
  expect(text, `${from} is in ${file}`).not.toBe(read(file));
  expect(rulesOf(text)).toContain(rule);
});

test('every rule has a case that makes it fire', () => {
  expect([...new Set([...BROKEN, ...BROKEN_ELSEWHERE].map(([rule]) => rule))].sort()).toEqual([...LINT_RULES].sort());
});

test('a token may come from the environment without a default', () => {
  const text = changed('encoding:', `headers:\n      authorization: Bearer \${env:LEEWAY_TOKEN}\n    encoding:`);
  expect(lintCollectorConfig(text)).toEqual([]);
});

test('a connector carries a loop', () => {
  const text = changed(
    'exporters:\n  otlp_http/backend',
    'connectors:\n  forward: {}\n\nexporters:\n  otlp_http/backend',
  )
    .replace(/(logs\/ml:\n\s+receivers: \[otlp)\]/, '$1, forward]')
    .replace(/(logs\/leeway:[^}]*?exporters: \[otlp_http\/backend)\]/, '$1, forward]');
  expect(rulesOf(text)).toEqual(['loop']);
});
