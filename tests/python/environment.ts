/**
 * A virtual environment with the requirements of the example, once for each set of versions. It stays outside the
 * repository, under the user's cache directory.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Written last: an installation that was cut off is never taken for one. */
const DONE = 'leeway-complete';

/** What `python3 --version` says, or undefined without Python 3. */
export function pythonVersion(): string | undefined {
  const { status, stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Folder with the environment's programs. Takes a minute or two the first time.
 *
 * @throws Error when it cannot be made or filled, with the end of what was said
 */
export function pythonPrograms(version: string, requirements: string): string {
  const text = readFileSync(requirements, 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([text, version]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leeway', 'python', key);
  const programs = join(folder, 'bin');
  if (existsSync(join(folder, DONE))) return programs;
  // An environment knows its own path, so it is made where it stays.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  console.log(`installing ${requirements} for ${version}`);
  command('python3', ['-m', 'venv', folder]);
  command(join(programs, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(join(folder, DONE), '');
  return programs;
}

/** Runs to the end and returns what it printed. @throws Error when it fails */
export function command(
  file: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): string {
  const env = { ...process.env, ...variables };
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 26, env });
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`);
  return stdout;
}
