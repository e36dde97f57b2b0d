/** The same process under Node 22, whose diagnostics channels show no bodies, and under Node 24. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../collector/report.ts';

const FIXTURE = fileURLToPath(
  new URL('../../packages/instrumentation-inference-http/test/fixtures/one-model.ts', import.meta.url),
);
const OLDEST = '22.15.0';

interface Recorded {
  readonly name: string;
  readonly values: readonly Record<string, unknown>[];
  readonly skipped: readonly string[];
  readonly durations: number;
  readonly told: readonly string[];
}

export function checkNodeVersions(report: Report): void {
  const now = record(process.execPath);
  const captured = { 'ml.prediction.value': [0.25, 0.75], 'ml.capture.probability': 1, 'ml.features.age': [31, 40] };
  report.equal(`Node ${process.versions.node}: values`, now.values, [captured, captured]);
  report.equal(`Node ${process.versions.node}: nothing skipped, nothing told`, [now.skipped, now.told], [[], []]);
  const old = record(nodeOf(OLDEST));
  report.equal(`Node ${OLDEST}: spans and metrics`, [old.name, old.durations], ['predict m', 1]);
  const blind = { 'ml.capture.skipped.reason': 'body_channel', 'ml.capture.probability': 1 };
  report.equal(`Node ${OLDEST}: no values, and why`, old.values, [blind, blind]);
  report.equal(`Node ${OLDEST}: counted`, old.skipped.toSorted(), ['body_channel', 'response_body_channel']);
  report.check(
    `Node ${OLDEST}: told once`,
    old.told.length === 1 && old.told[0].includes('does not show the bodies'),
    old.told.join(' | '),
  );
}

function record(node: string): Recorded {
  const args = [
    '--conditions=@leeway/source',
    '--experimental-strip-types',
    '--disable-warning=ExperimentalWarning',
    FIXTURE,
  ];
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${node} ended with ${status}\n${stderr.slice(-3000)}`);
  return JSON.parse(stdout);
}

/** From the npm registry, which carries Node as a package. */
function nodeOf(version: string): string {
  const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leeway', 'node', version);
  const node = join(home, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const args = ['install', '--no-audit', '--no-fund', '--silent', `node@${version}`];
  const { status, stderr } = spawnSync('npm', args, { cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install node@${version} ended with ${status}\n${stderr.slice(-3000)}`);
  return node;
}
