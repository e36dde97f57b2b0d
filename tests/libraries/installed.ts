/**
 * Libraries and versions of Node that are too heavy for the repository's own dependencies: installed once into a folder
 * of the temporary directory, named after what is in it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns the folder that has `node_modules`; undefined, with npm's last words on stderr, when it cannot be had */
export function installed(packages: readonly string[]): string | undefined {
  const key = createHash('sha256')
    .update(JSON.stringify([packages, process.platform, process.arch]))
    .digest('hex');
  const folder = join(tmpdir(), 'leeway-libraries', key.slice(0, 12));
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  // Only Node's own package has a script that is needed: it fetches nothing, it links the binary.
  const allowScripts = { node: true };
  writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, allowScripts }));
  const needsScripts = packages.some((name) => name.startsWith('node@'));
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--silent',
    ...(needsScripts ? [] : ['--ignore-scripts']),
    ...packages,
  ];
  const { status, stderr } = spawnSync('npm', args, {
    cwd: unfinished,
    encoding: 'utf8',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (status !== 0) {
    process.stderr.write(stderr.slice(-2000));
    rmSync(unfinished, { recursive: true, force: true });
    return undefined;
  }
  renameSync(unfinished, folder);
  return folder;
}
