/** The page for other languages: its commands are run against a real sidecar, its tables held against the program. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mappingTargets, schemaHash } from '@leeway/intake';
import * as semconv from '@leeway/semconv';
import { loadConfig, startSidecar } from '@leeway/sidecar';
import { expect, test } from 'vitest';
import { booksBalance, scrape, stopBalanced, total } from '../../packages/sidecar/test/scoring.ts';
import { ROOT } from './source-tree.ts';

const page = readFileSync(join(ROOT, 'docs/any-language.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]);
/** Names in backquotes, templates with a dot at their end. */
const names = new Set([...page.matchAll(/`([a-z_.]+?\.)?([a-z_]+|\*|<[a-z]+>)`/g)].map(([text]) => text.slice(1, -1)));
const known: readonly unknown[] = Object.values(semconv);
const asTemplate = (name: string) => name.replace(/<[a-z]+>$/, '');

test('its commands are taken by a sidecar: a span, an event, a truth', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-page-'));
  const configFile = join(folder, 'leeway.yaml');
  writeFileSync(
    configFile,
    'listen: { otlp_http: "127.0.0.1:0", http: "127.0.0.1:0" }\nworkers: 0\nlog_level: silent\n',
  );
  const sidecar = await startSidecar({ configFile, env: {} });
  try {
    const commands = blocks('sh');
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const here = command.replaceAll('http://127.0.0.1:14318', sidecar.otlpUrl);
      expect(here).not.toBe(command);
      // Not the synchronous one: the sidecar answers from this very thread.
      const { stdout } = await promisify(execFile)('sh', ['-c', here], { timeout: 20_000 });
      expect(stdout).toBe('{}');
    }
    await sidecar.pipeline.tick();
    const metrics = await scrape(sidecar.httpUrl);
    expect(total(metrics, 'leeway_observations_processed_total', '"counted"', '"no_reference"')).toBe(2);
    expect(total(metrics, 'leeway_items_ignored_total', '"ground_truth"')).toBe(1);
    expect(booksBalance(metrics)).toBe(true);
  } finally {
    await stopBalanced(sidecar);
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every name of ours on the page exists', () => {
  const foreign = Object.values(semconv.FOREIGN_NAMES).flatMap((rules) => Object.keys(rules));
  const wrong = [...names]
    .filter((name) => /^(ml|deployment)\./.test(name) && !foreign.includes(name))
    .filter((name) => !known.includes(asTemplate(name).replace(/\*$/, '')) && !(name in semconv.METRICS));
  expect(wrong).toEqual([]);
});

test('everything that intake reads is on the page', () => {
  const documented = new Set([...names].map(asTemplate));
  const read = [
    ...mappingTargets().map((name) => name.replace(/\*$/, '')),
    semconv.ATTR_ML_INFERENCE_BATCH_SIZE,
    semconv.EVENT_ML_GROUND_TRUTH,
  ];
  expect(read.filter((name) => !documented.has(name))).toEqual([]);
});

test('every rule of every preset is on the page, beside its preset and what it is read as', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const missing = Object.entries(semconv.FOREIGN_NAMES).flatMap(([preset, rules]) =>
    Object.entries(rules)
      .filter(([from, to]) => {
        const own = rows.filter((line) => line.includes(`\`${from}\``) && line.includes(`| \`${preset}\` |`));
        const reads = to === `${semconv.PREFIX_ML_FEATURES}${from}` ? 'features of the same names' : `\`${to}`;
        return !own.some((row) => row.includes(reads));
      })
      .map(([from]) => `${preset}: ${from}`),
  );
  // The generic prediction is written as what it stands for.
  expect(missing.filter((rule) => !/: (ml|model)\.prediction$/.test(rule))).toEqual([]);
});

test('its configuration is valid, and its hash is the hash', () => {
  expect(loadConfig(blocks('yaml')[0], 'any-language.md', {})).toMatchObject({ ok: true });
  expect(page).toContain(`\`["a","b"]\` gives \`${schemaHash(['a', 'b'])}\``);
});
