/**
 * `npm run pack`: builds every package and packs it into ./tarballs, for projects that use a checkout before the
 * packages are on a registry. Prints the line that installs them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface PackedPackage {
  readonly manifest: Manifest;
  /** Paths within the tarball. */
  readonly files: readonly string[];
}

export function manifests(): Manifest[] {
  return readdirSync(join(ROOT, 'packages')).map(
    (name) => JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as Manifest,
  );
}

export function tarballName({ name, version }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

/** @throws Error with what npm said */
export function packAll(folder: string): PackedPackage[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const all = manifests();
  // What an earlier build left must not go to users.
  for (const name of readdirSync(join(ROOT, 'packages')))
    rmSync(join(ROOT, 'packages', name, 'dist'), { recursive: true, force: true });
  npm('run', '--silent', 'build', '--', '--force');
  const output = npm('pack', '--json', '--pack-destination', folder, ...all.flatMap(({ name }) => ['-w', name]));
  const listed: unknown = JSON.parse(output);
  // Newer npm answers by name, older ones with a list.
  const packed = (Array.isArray(listed) ? listed : Object.values(listed as object)) as {
    readonly name: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  return all.map((manifest) => ({
    manifest,
    files: packed.find(({ name }) => name === manifest.name)?.files.map(({ path }) => path) ?? [],
  }));
}

function npm(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`npm ${args[0]} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

if (import.meta.main) {
  const folder = join(ROOT, 'tarballs');
  packAll(folder);
  console.log(`Packed into ${folder}. In your project:\n\n  npm install ${join(folder, '*.tgz')}\n`);
}
