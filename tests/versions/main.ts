/**
 * `npm run test:versions`: packs our packages, installs them in projects outside the repository beside the lines of
 * OpenTelemetry and Node that applications have, runs a scoring application, and reads what arrives at an OTLP endpoint.
 * Where a combination cannot work, what is asserted is that it says so. docs/versions.md has the table.
 *
 * `npm run test:versions -- NAME` runs the projects whose name has NAME in it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifests, packAll } from '../../scripts/pack.ts';
import { Steps } from '../packages/steps.ts';
import { COMBINATIONS, type Combination, type Expectation } from './combinations.ts';
import { writeProject } from './project.ts';
import { type Arrived, Sink } from './sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'leeway-versions-'));
const steps = new Steps();
const nodes = new Map<string, string | undefined>();
try {
  await main(process.argv[2] ?? '');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${steps.passed} passed, ${steps.failed} failed`);
process.exitCode = steps.failed === 0 && steps.passed > 0 ? 0 : 1;

async function main(wanted: string): Promise<void> {
  const tarballs = join(folder, 'tarballs');
  if (steps.attempt('build and pack', () => packAll(tarballs)) === undefined) return;
  for (const combination of COMBINATIONS.filter(({ name }) => name.includes(wanted)))
    await check(combination, tarballs);
}

async function check(combination: Combination, tarballs: string): Promise<void> {
  const { name, runs } = combination;
  const project = join(folder, name.replaceAll(/[^a-z0-9.]+/gi, '-'));
  mkdirSync(project);
  writeProject(project, combination, manifests(), tarballs);
  const install = ['install', '--no-audit', '--no-fund', '--loglevel=error'];
  if (!steps.run(`${name}: install`, project, undefined, 'npm', ...install)) return;
  for (const run of runs) {
    const bin = nodeOfVersion(run.node);
    if (bin === undefined) continue;
    const sink = await Sink.start();
    const arrived = await sink.run(join(bin, 'node'), run.args, project);
    sink.stop();
    steps.attempt(`${name}: Node ${run.node} ${run.args.join(' ')}`, () => expectArrived(arrived, run.expect));
  }
  rmSync(project, { recursive: true, force: true });
}

/** @throws Error that says what differs, and what the application printed */
function expectArrived(arrived: Arrived, expected: Expectation): void {
  const faults: string[] = [];
  if (arrived.code !== 0) faults.push(`exit code ${arrived.code}`);
  if (arrived.predictSpanCount !== expected.spans) faults.push(`${arrived.predictSpanCount} spans of inference`);
  if (arrived.hasDuration !== expected.spans > 0) faults.push(`the metric arrived: ${arrived.hasDuration}`);
  for (const text of expected.says ?? []) if (!arrived.output.includes(text)) faults.push(`is not said: ${text}`);
  for (const name of expected.alsoSpan ?? []) {
    if (!arrived.spanNames.some((one) => one.includes(name))) faults.push(`no span ${name}: ${arrived.spanNames}`);
  }
  if (faults.length > 0) throw new Error(`${faults.join('; ')}\n${arrived.output}`);
}

/** The folder of that Node's executable, installed by npm into a folder of this run. */
function nodeOfVersion(version: string): string | undefined {
  if (nodes.has(version)) return nodes.get(version);
  const home = join(folder, `node-${version}`);
  mkdirSync(home);
  const install = ['install', '--no-audit', '--no-fund', '--silent', '--prefix', home, `node@${version}`];
  const isThere = steps.run(`Node ${version}`, home, undefined, 'npm', ...install);
  const bin = isThere ? join(home, 'node_modules', 'node', 'bin') : undefined;
  nodes.set(version, bin);
  return bin;
}
