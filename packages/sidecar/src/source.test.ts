/** What start, reload and validate say about a configuration and the files that it names: the same, with the place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAuthority } from '../../exporter/test/certificates.ts';
import { referenceOf, rowsOf } from '../test/scoring.ts';
import { startSidecar } from './main.ts';
import { checkConfig } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'leeway-source-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const authority = createAuthority();
const files = {
  'reference.json': JSON.stringify(referenceOf(rowsOf(500, 1))),
  'broken.json': '{"schemaVersion": 1,',
  'train.csv': 'a,b\n1,2\n',
  'empty-token': '\n',
  'cert.pem': authority.issue('one').cert,
  'key.pem': authority.issue('another').key,
  'text.pem': 'no certificate',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
const at = (name: string) => join(folder, name);

type Case = readonly [name: string, text: string, expected: RegExp, env?: Record<string, string>];
const CASES: readonly Case[] = [
  [
    'an OTLP listener open to the network',
    'listen:\n  otlp_http: 0.0.0.0:0\n',
    /:2:14: listen\.otlp_http: .*open to the network/,
  ],
  [
    'regression: an admin listener open to the network',
    'listen:\n  http: 0.0.0.0:0\n',
    /:2:9: listen\.http: .*insecure_bind/,
  ],
  ['a token file that is not there', 'listen:\n  bearer_token_file: nowhere\n', /:2:22: .*nowhere does not exist/],
  ['a token file without a token', 'listen:\n  bearer_token_file: empty-token\n', /:2:22: .*at least 8 characters/],
  [
    'a certificate that is not there',
    'listen:\n  tls:\n    cert_file: x.pem\n    key_file: key.pem\n',
    /:3:16: .*x\.pem does not exist/,
  ],
  [
    'a certificate that is none',
    'listen:\n  tls:\n    cert_file: text.pem\n    key_file: key.pem\n',
    /:3:16: .*is not usable/,
  ],
  [
    'a key of another certificate',
    'listen:\n  tls:\n    cert_file: cert.pem\n    key_file: key.pem\n',
    /:4:15: .*key_file: is not usable/,
  ],
  [
    'a reference that is broken',
    'references:\n  - model: risk\n    file: broken.json\n',
    /:3:11: references\.0\.file: .*is not JSON.*leeway profile/,
  ],
  [
    'regression: a table given as reference',
    'references:\n  - model: risk\n    file: train.csv\n',
    /:3:11: .*is a table, not a reference: make a reference with leeway profile train\.csv/,
  ],
  [
    'a column that no reference has',
    'references:\n  - {model: risk, file: reference.json}\nalarms:\n  columns:\n    amuont: {monitor: false}\n',
    /:5:13: alarms\.columns\.amuont: .*did you mean amount\?/,
  ],
  [
    'a protocol that is not supported',
    '',
    /^environment: OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"/,
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ],
  [
    'an endpoint that is no URL',
    '',
    /^environment: OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318"/,
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
  ],
];

test.each(CASES.map((one) => ({ name: one[0], one })))('$name: validate and start say the same', async ({ one }) => {
  const [, text, expected, env = {}] = one;
  const configFile = at('leeway.yaml');
  writeFileSync(configFile, text);
  const { problems } = checkConfig(configFile, env);
  expect(problems[0]).toMatch(expected);
  await expect(startSidecar({ configFile, env })).rejects.toMatchObject({ problems });
});

test('a wrong reference is told from a broken one without quoting what is in it', () => {
  const configFile = at('leeway.yaml');
  writeFileSync(at('secret.json'), '{"name": "S3CRET-VALUE" oops');
  writeFileSync(configFile, 'references:\n  - model: risk\n    file: secret.json\n');
  expect(checkConfig(configFile, {}).problems.join()).not.toContain('S3CRET');
});

test('what is right is right for both', () => {
  const configFile = at('leeway.yaml');
  writeFileSync(configFile, 'references:\n  - {model: risk, file: reference.json}\n');
  expect(checkConfig(configFile, { LEEWAY_WORKRES: '2' })).toEqual({
    problems: [],
    warnings: ['environment: LEEWAY_WORKRES: no such setting; did you mean LEEWAY_WORKERS?'],
  });
});
