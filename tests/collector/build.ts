/**
 * Builds the Collector of collector-config/builder.yaml with the OpenTelemetry Collector Builder, once for each
 * manifest, builder and Go version. The result stays outside the repository, under the user's cache directory.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COLLECTOR_VERSION = '0.160.0';
export const CONFIG_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'collector-config');

const BUILDER = `go.opentelemetry.io/collector/cmd/builder@v${COLLECTOR_VERSION}`;
/** The name that the manifest gives. */
const BINARY = 'otelcol-leeway';
const TICK_MS = 15_000;

/** What `go version` says, or undefined without Go. */
export function goVersion(): string | undefined {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Path of the built Collector. Takes some minutes the first time and says on stderr how it goes.
 *
 * @throws Error when the builder cannot be installed or the Collector does not build
 */
export async function builtCollector(go: string): Promise<string> {
  const manifest = readFileSync(join(CONFIG_FOLDER, 'builder.yaml'), 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, BUILDER, go]))
    .digest('hex')
    .slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leeway', 'collector');
  const binary = join(cache, key, BINARY);
  if (existsSync(binary)) return binary;

  mkdirSync(cache, { recursive: true });
  // Built aside and moved, so that a build that was cut off is never taken for one.
  const work = mkdtempSync(join(cache, 'building-'));
  try {
    await command('builder', work, 'go', ['install', BUILDER], { GOBIN: work });
    const config = ['--config', join(CONFIG_FOLDER, 'builder.yaml')];
    await command('Collector', work, join(work, 'builder'), config, {});
    mkdirSync(join(cache, key), { recursive: true });
    renameSync(join(work, BINARY, BINARY), binary);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

async function command(
  what: string,
  cwd: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  process.stderr.write(`building the ${what} …\n`);
  const ticker = setInterval(() => process.stderr.write(`building the ${what} … ${seconds()} s\n`), TICK_MS);
  const tail: string[] = [];
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => tail.push(text));
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`building the ${what} ended with ${code}\n${tail.join('').slice(-4000)}`);
    process.stderr.write(`built the ${what} in ${seconds()} s\n`);
  } finally {
    clearInterval(ticker);
  }
}
