import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRIFT_METRICS, readHostSettings } from '@leeway/engine';
import { loadConfig } from '@leeway/sidecar';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { referenceOf, rowsOf } from '../../sidecar/test/scoring.ts';
import { createLeeway } from './leeway.ts';
import { type LeewayOptions, readOptions } from './options.ts';
import { LeewayOptionsError } from './options-error.ts';
import { VERSION } from './version.ts';

const folder = mkdtempSync(join(tmpdir(), 'leeway-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const reference = referenceOf(rowsOf(500, 1));
const file = join(folder, 'reference.json');
writeFileSync(file, JSON.stringify(reference));

function problems(options: unknown): readonly string[] {
  try {
    readOptions(options as LeewayOptions);
    return [];
  } catch (error) {
    if (error instanceof LeewayOptionsError) return error.problems;
    throw error;
  }
}

/** What the sidecar makes of the same settings, as far as a service has them; undefined when it refuses them. */
function inSidecar(settings: object): unknown {
  // JSON is YAML.
  const loaded = loadConfig(JSON.stringify(settings), 'leeway.yaml', {});
  if (!loaded.ok) return undefined;
  const { window, metrics, retire_after, limits } = loaded.config;
  // Who is told is the sidecar's: in process there are no alarms.
  const { webhooks: _, runbooks: _too, ...alarms } = loaded.config.alarms;
  const { environments, models, versions, dedup_ids } = limits;
  return JSON.parse(
    JSON.stringify({ window, alarms, metrics, limits: { environments, models, versions, dedup_ids }, retire_after }),
  );
}

test('the defaults are the sidecar’s', () => {
  expect(readOptions({}).settings).toEqual(inSidecar({}));
});

const duration = fc.constantFrom('1h', '5m', '90s', '250ms', '1.5h', '30d', '0s', '1', 'soon', '', 5);
const share = fc.constantFrom(0, 0.1, 2, -1, '0.1');
const whole = fc.constantFrom(1, 200, 0, 1.5, -1, '3');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const some = (model: Record<string, fc.Arbitrary<unknown>>) =>
  optional(fc.record(Object.fromEntries(Object.entries(model).map(([key, one]) => [key, optional(one)]))));
const metric = fc.constantFrom(...DRIFT_METRICS, 'accuracy');

test('what the sidecar’s file accepts is accepted here, and the other way round, with the same result', () => {
  let acceptedCount = 0;
  fc.assert(
    fc.property(
      fc.record({
        window: some({
          length: duration,
          pane: duration,
          lateness: duration,
          skew: duration,
          clock: fc.constantFrom('wall', 'event', 'wal'),
          panes: fc.constant(3),
        }),
        alarms: some({
          false_alarms: share,
          period: duration,
          min_rows: whole,
          warning_margin: share,
          critical_margin: share,
          block_band: fc.constantFrom('block', 'always', 'none', 'never'),
          columns: some({
            a: some({ warning: share, critical: share, monitor: fc.constantFrom(true, 'no'), metric, min_rows: whole }),
          }),
        }),
        metrics: optional(fc.array(metric, { maxLength: 4 })),
        limits: some({ environments: whole, models: whole, versions: whole, dedup_ids: whole }),
        retire_after: optional(duration),
      }),
      (given) => {
        // Members that are undefined are absent, in both.
        const settings = JSON.parse(JSON.stringify(given));
        const read = readHostSettings(settings);
        expect(read.ok ? JSON.parse(JSON.stringify(read.settings)) : undefined).toEqual(inSidecar(settings));
        if (read.ok) acceptedCount++;
      },
    ),
    { numRuns: 2_000 },
  );
  expect(acceptedCount).toBeGreaterThan(20);
});

test.each([
  [null, /options: expected an object/],
  [{ window: { lenght: '1h' } }, /^window\.lenght: is not known/],
  [{ window: { length: 'an hour' } }, /^window\.length: is "an hour": must be a duration such as 30s/],
  [{ window: { length: '1h', pane: '7m' } }, /^window\.pane: the window \(1h\) must be 1 to 1000 whole panes/],
  [{ alarms: { min_rows: 0 } }, /^alarms\.min_rows: is 0: expected at least 1/],
  [{ refrence: 'x.json' }, /^refrence: is not known/],
  [{ reference: 'missing.json' }, /^reference: .*missing\.json does not exist: make a reference with leeway profile/],
  [{ reference: folder }, /^reference: .* cannot be read \(EISDIR\)/],
  [{ reference: 7 }, /^reference: expected a file, a profile/],
  [{ reference: [file, { file, profile: reference }] }, /^reference\.1: give either file or profile/],
  [
    { reference: { file, versoin: '1' } },
    /^reference\.versoin: unknown setting; known are file, profile, version, environment/,
  ],
  [{ reference: { file, version: '' } }, /^reference\.version: /],
  [{ reference: { ...reference, rowCount: 7 } }, /^reference: is no valid reference profile: .*\/id/],
  [
    { reference: file, alarms: { columns: { amuont: {} } } },
    /^alarms\.columns\.amuont: no reference has this column; there are amount, country/,
  ],
  [{ mapping: { a: 1 } }, /^mapping\.a: expected the name/],
  [{ now: 5 }, /^now: expected a function, found number/],
])('%j is refused with its place and the fix', (options, message) => {
  expect(problems(options)).toEqual([expect.stringMatching(message)]);
});

test('all problems come at once, from createLeeway too', () => {
  const create = () => createLeeway({ reference: 'missing.json', window: { length: 'x' }, retire_after: 'y' });
  expect(create).toThrow(LeewayOptionsError);
  expect(problems({ reference: 'missing.json', window: { length: 'x' }, retire_after: 'y' })).toHaveLength(3);
});

test('a reference by file, by value, and for a version and an environment', () => {
  const { references } = readOptions({
    reference: [file, reference, { profile: reference, version: '1*', environment: 'live' }],
  });
  expect(
    references.map(({ model, version, environment, profile }) => [model, version, environment, profile.id]),
  ).toEqual([
    ['risk', 'inherit', undefined, reference.id],
    ['risk', 'inherit', undefined, reference.id],
    ['risk', '1*', 'live', reference.id],
  ]);
});

test('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(manifest.version);
});
