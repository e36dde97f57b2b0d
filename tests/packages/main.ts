/**
 * `npm run test:packages`: what a user gets. Builds and packs every package and looks into the tarballs; then, for each
 * package and each Node, installs it alone into an empty project, imports it, requires it and type-checks both; and
 * runs the command, a sidecar and an instrumented application from what was installed.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, manifests, packAll } from '../../scripts/pack.ts';
import { checkContents } from './contents.ts';
import { SDKS, type ServiceSdk } from './in-process-service.ts';
import { writeProject, writeService } from './project.ts';
import { Steps } from './steps.ts';

/** The oldest that is supported and the newest that is tested. */
const NODE_VERSIONS = ['22.15.0', '24.21.0'] as const;
const PROFILE = ['profile', 'rows.csv', '--model', 'm', '-o', 'reference.json'];

const folder = mkdtempSync(join(tmpdir(), 'leeway-packages-'));
const steps = new Steps();
try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${steps.passed} passed, ${steps.failed} failed`);
process.exitCode = steps.failed === 0 && steps.passed > 0 ? 0 : 1;

function main(): void {
  const tarballs = join(folder, 'tarballs');
  const packed = steps.attempt('build and pack', () => packAll(tarballs));
  if (packed === undefined) return;
  for (const { manifest, files } of packed) steps.attempt(`contents of ${manifest.name}`, () => checkContents(files));
  const all = manifests();
  for (const version of NODE_VERSIONS) {
    const bin = nodeOfVersion(version);
    if (bin === undefined) continue;
    for (const manifest of all) checkPackage(manifest, all, version, bin, tarballs);
    for (const sdk of SDKS) checkService(sdk, all, version, bin, tarballs);
  }
}

function checkPackage(
  manifest: Manifest,
  all: readonly Manifest[],
  version: string,
  bin: string,
  tarballs: string,
): void {
  const project = join(folder, `${manifest.name.replace('/', '-')}-${version}`);
  mkdirSync(project);
  writeProject(project, manifest, all, tarballs);
  const run = (name: string, command: string, ...args: string[]) =>
    steps.run(`${manifest.name} under Node ${version}: ${name}`, project, bin, command, ...args);
  if (!run('install', 'npm', 'install', '--no-audit', '--no-fund', '--silent')) return;
  run('import', 'node', 'import.mjs');
  run('require', 'node', 'require.cjs');
  run('types under nodenext', 'npx', 'tsc', '--noEmit', '-p', '.');
  if (manifest.name === '@leeway/cli') {
    run('npx leeway --help', 'npx', '--no-install', 'leeway', '--help');
    run('npx leeway profile', 'npx', '--no-install', 'leeway', ...PROFILE);
  }
  if (manifest.name === '@leeway/sidecar') run('a sidecar with its worker', 'node', 'sidecar.mjs');
  if (manifest.name === '@leeway/register') {
    run('an ES module application', 'node', '--import', '@leeway/register', 'app.mjs');
    run('a CommonJS application', 'node', '--import', '@leeway/register', 'app.cjs');
  }
  rmSync(project, { recursive: true, force: true });
}

/** A service with the monitor inside, over one line of the OpenTelemetry SDK. */
function checkService(sdk: ServiceSdk, all: readonly Manifest[], version: string, bin: string, tarballs: string): void {
  const project = join(folder, `service-${sdk.name.replaceAll(' ', '-')}-${version}`);
  mkdirSync(project);
  writeService(project, sdk, all, tarballs);
  const run = (name: string, command: string, ...args: string[]) =>
    steps.run(`in process under Node ${version} and ${sdk.name}: ${name}`, project, bin, command, ...args);
  if (!run('install', 'npm', 'install', '--no-audit', '--no-fund', '--silent')) return;
  run('import', 'node', 'service.mjs');
  run('require', 'node', 'service.cjs');
  run('types', 'npx', 'tsc', '--noEmit', '-p', '.');
  rmSync(project, { recursive: true, force: true });
}

/** The folder of that Node's executable, installed by npm into a folder of this run. */
function nodeOfVersion(version: string): string | undefined {
  const home = join(folder, `node-${version}`);
  mkdirSync(home);
  const install = ['install', '--no-audit', '--no-fund', '--silent', '--prefix', home, `node@${version}`];
  return steps.run(`Node ${version}`, home, undefined, 'npm', ...install)
    ? join(home, 'node_modules', 'node', 'bin')
    : undefined;
}
