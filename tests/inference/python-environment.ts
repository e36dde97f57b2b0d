/**
 * A virtual environment for each requirements file, once for each of its contents and Python version. It stays outside
 * the repository, under the user's cache directory.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const PYTHONS = ['python3.11', 'python3.12', 'python3.10', 'python3'];
const VERSION = /^Python 3\.1[0-2]\./;
const TICK_MS = 15_000;

export interface Python {
  readonly file: string;
  readonly version: string;
}

/** A Python that the servers support: 3.10 to 3.12. */
export function findPython(): Python | undefined {
  for (const file of PYTHONS) {
    const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (status === 0 && VERSION.test(stdout)) return { file, version: stdout.trim() };
  }
  return undefined;
}

/**
 * The folder with the environment's programs. Takes some minutes the first time and says on stderr how it goes.
 *
 * @throws Error when it cannot be built
 */
export async function pythonEnvironment(python: Python, name: string): Promise<string> {
  const requirements = join(HERE, `requirements-${name}.txt`);
  const key = createHash('sha256')
    .update(JSON.stringify([readFileSync(requirements, 'utf8'), python.version]))
    .digest('hex')
    .slice(0, 16);
  const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leeway', 'inference', `${name}-${key}`);
  const bin = join(home, 'bin');
  // Written last: an environment that was cut off is never taken for one. It cannot be built aside and moved: its
  // programs know their own path.
  const complete = join(home, 'complete');
  if (existsSync(complete)) return bin;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(dirname(home), { recursive: true });
  await command(`environment of ${name}`, python.file, ['-m', 'venv', home]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
  await command(name, join(bin, 'python'), pip);
  writeFileSync(complete, '');
  return bin;
}

async function command(what: string, file: string, args: readonly string[]): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  process.stderr.write(`installing the ${what} …\n`);
  const ticker = setInterval(() => process.stderr.write(`installing the ${what} … ${seconds()} s\n`), TICK_MS);
  const tail: string[] = [];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => tail.push(text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`installing the ${what} ended with ${code}\n${tail.join('').slice(-4000)}`);
    process.stderr.write(`installed the ${what} in ${seconds()} s\n`);
  } finally {
    clearInterval(ticker);
  }
}
