/**
 * `npm run test:packages`: what a user gets. Builds and packs every package, installs the tarballs into an empty
 * project, and there imports, requires and type-checks each under the oldest Node that is supported and the newest
 * that is tested, and runs `npx leeway --help`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SDKS, type ServiceSdk, serviceProgram, withoutTypes } from './in-process-service.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NODE_VERSIONS = ['22.15.0', '24.21.0'] as const;
/** Peers that a user of each package has anyway. */
const PEERS = ['@opentelemetry/api@1.10.0', 'onnxruntime-node@1.30.0'];

const PROFILE = ['profile', 'rows.csv', '--model', 'm', '-o', 'reference.json'];

/** What a service with the in-process monitor installs. */
const SERVICE_PACKAGES = ['semconv', 'engine', 'intake', 'exporter', 'in-process'].map((name) => `@leeway/${name}`);

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

let passed = 0;
let failed = 0;

const folder = mkdtempSync(join(tmpdir(), 'leeway-packages-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function main(): Promise<void> {
  const manifests = readdirSync(join(ROOT, 'packages')).map(
    (name) => JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as Manifest,
  );
  if (!step('build', ROOT, 'npm', 'run', '--silent', 'build', '--', '--force')) return;
  mkdirSync(join(folder, 'tarballs'));
  const packing = manifests.flatMap((manifest) => ['--workspace', manifest.name]);
  if (!step('pack', ROOT, 'npm', 'pack', '--silent', '--pack-destination', join(folder, 'tarballs'), ...packing))
    return;
  const project = join(folder, 'project');
  mkdirSync(project);
  writeProject(project, manifests);
  if (!step('install', project, 'npm', 'install', '--no-audit', '--no-fund', '--silent')) return;
  const services = SDKS.flatMap((sdk) => writeService(sdk, manifests) ?? []);
  for (const version of NODE_VERSIONS) {
    const node = nodeOfVersion(version);
    if (node === undefined) continue;
    for (const { sdk, home } of services) {
      step(`in process under Node ${version} and ${sdk.name}`, home, node, 'service.mjs');
      step(`in process, required, under Node ${version} and ${sdk.name}`, home, node, 'service.cjs');
    }
    step(`import under Node ${version}`, project, node, 'import.mjs');
    step(`require under Node ${version}`, project, node, 'require.cjs');
    step(`a sidecar with its worker under Node ${version}`, project, node, 'sidecar.mjs');
    step(`leeway profile under Node ${version}`, project, node, 'node_modules/@leeway/cli/dist/main.js', ...PROFILE);
    step(`leeway --help under Node ${version}`, project, node, 'node_modules/@leeway/cli/dist/main.js', '--help');
  }
  for (const { sdk, home } of services)
    step(`types in process under ${sdk.name}`, home, join(project, 'node_modules/.bin/tsc'), '-p', '.');
  step('types under nodenext', project, 'npx', 'tsc', '--noEmit', '-p', '.');
  step('npx leeway --help', project, 'npx', '--no-install', 'leeway', '--help');
}

/** An empty project that depends on the tarballs, with a file that imports, one that requires and one with types. */
function writeProject(project: string, manifests: readonly Manifest[]): void {
  const dependencies = tarballsOf(manifests);
  for (const peer of PEERS) {
    const at = peer.lastIndexOf('@');
    dependencies[peer.slice(0, at)] = peer.slice(at + 1);
  }
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const devDependencies = {
    typescript: root.devDependencies.typescript,
    '@types/node': root.devDependencies['@types/node'],
  };
  const write = (name: string, content: string) => writeFileSync(join(project, name), content);
  // Within one project the packages' own dependencies on one another must be the tarballs too, not the registry's.
  const overrides = Object.fromEntries(manifests.map(({ name }) => [name, `$${name}`]));
  const allowScripts = { 'onnxruntime-node': false, protobufjs: false };
  write(
    'package.json',
    JSON.stringify({ private: true, dependencies, devDependencies, overrides, allowScripts }, null, 2),
  );
  write('.npmrc', 'onnxruntime-node-install=skip\n');
  // `register` and the command act when they are loaded; everything else is a library.
  const libraries = manifests
    .map(({ name }) => name)
    .filter((name) => name !== '@leeway/register' && name !== '@leeway/cli');
  const check = "if (Object.keys(module).length === 0) throw new Error(name + ' exports nothing');";
  const names = JSON.stringify(libraries);
  write(
    'import.mjs',
    `for (const name of ${names}) { const module = await import(name); ${check} }\nawait import('@leeway/register');\n`,
  );
  write(
    'require.cjs',
    `for (const name of ${names}) { const module = require(name); ${check} }\nrequire('@leeway/register');\n`,
  );
  write(
    'rows.csv',
    `amount,plan\n${Array.from({ length: 500 }, (_, i) => `${(i * 37) % 101},${'abc'[i % 3]}\n`).join('')}`,
  );
  const env =
    "{ LEEWAY_LISTEN_OTLP_HTTP: '127.0.0.1:0', LEEWAY_LISTEN_HTTP: '127.0.0.1:0', LEEWAY_LOG_LEVEL: 'silent' }";
  const sidecar = [
    "import { startSidecar } from '@leeway/sidecar';",
    `const sidecar = await startSidecar({ env: ${env} });`,
    "const headers = { 'content-type': 'application/json' };",
    "const answer = await fetch(sidecar.otlpUrl + '/v1/traces', { method: 'POST', headers, body: '{}' });",
    'await sidecar.stop();',
    "if (answer.status !== 200) throw new Error('answered ' + answer.status);",
  ];
  write('sidecar.mjs', sidecar.join('\n'));
  write(
    'types.ts',
    libraries.map((name, i) => `import * as m${i} from '${name}';\nexport const k${i}: object = m${i};\n`).join(''),
  );
  const compilerOptions = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2023',
    strict: true,
    types: ['node'],
    noEmit: true,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['types.ts'] }));
}

/** A dependency on the tarball of each package. */
function tarballsOf(manifests: readonly Manifest[]): Record<string, string> {
  const tarballs = readdirSync(join(folder, 'tarballs'));
  const dependencies: Record<string, string> = {};
  for (const { name } of manifests) {
    const prefix = `${name.replace('@', '').replace('/', '-')}-0`;
    const tarball = tarballs.find((file) => file.startsWith(prefix));
    if (tarball === undefined) throw new Error(`npm pack made no tarball for ${name}: ${tarballs.join(', ')}`);
    dependencies[name] = `file:../tarballs/${tarball}`;
  }
  return dependencies;
}

/** A project of its own: the versions of one SDK do not mix with another's. */
function writeService(sdk: ServiceSdk, manifests: readonly Manifest[]): { sdk: ServiceSdk; home: string } | undefined {
  const home = join(folder, sdk.name.toLowerCase().replace(' ', '-'));
  mkdirSync(home);
  const own = tarballsOf(manifests.filter(({ name }) => SERVICE_PACKAGES.includes(name)));
  const overrides = Object.fromEntries(Object.keys(own).map((name) => [name, `$${name}`]));
  const { '@types/node': types } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies;
  const manifest = { private: true, dependencies: { ...own, ...sdk.dependencies, '@types/node': types }, overrides };
  const write = (name: string, content: string) => writeFileSync(join(home, name), content);
  write('package.json', JSON.stringify(manifest));
  write('service.mjs', withoutTypes(serviceProgram(sdk, 'esm')));
  write('service.cjs', withoutTypes(serviceProgram(sdk, 'cjs')));
  write('service.mts', serviceProgram(sdk, 'types'));
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], noEmit: true };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['service.mts'] }));
  const reference = join(ROOT, 'tests/packages/reference.json');
  writeFileSync(join(home, 'reference.json'), readFileSync(reference));
  return step(`install ${sdk.name}`, home, 'npm', 'install', '--no-audit', '--no-fund', '--silent')
    ? { sdk, home }
    : undefined;
}

/** The executable of that Node, installed by npm into a folder of this run. */
function nodeOfVersion(version: string): string | undefined {
  const home = join(folder, `node-${version}`);
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const done = step(
    `Node ${version}`,
    home,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--silent',
    `node@${version}`,
  );
  return done ? join(home, 'node_modules', 'node', 'bin', 'node') : undefined;
}

function step(name: string, cwd: string, command: string, ...args: string[]): boolean {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', OTEL_SDK_DISABLED: 'true' };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const isDone = status === 0;
  console.log(`${isDone ? 'ok  ' : 'FAIL'} ${name}`);
  if (!isDone) console.log([error?.message, stdout, stderr].filter(Boolean).join('\n').trim().slice(-4000));
  if (isDone) passed++;
  else failed++;
  return isDone;
}
