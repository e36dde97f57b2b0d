/** Applications in processes and projects of their own: which copy of a library they get is what is tested. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const REPOSITORY = here('../../..');
export const MODELS = here('./fixtures/models');
/** vitest may run under another Node than the project's. */
export const PROJECT_NODE = join(REPOSITORY, 'node_modules/node/bin/node');

export interface AppResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly spans: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly eventName: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly metrics: readonly { readonly name: string; readonly dataPoints: readonly unknown[] }[];
}

export interface AppOptions {
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly args?: readonly string[];
}

/** A project outside the repository, with modules as links or copies of folders. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'leeway-app-'));

  /** @param path as in `node_modules/NAME` */
  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    symlinkSync(target, join(this.folder, path), 'dir');
  }

  /** Another copy of an installed package, with the native part of this platform only. */
  copy(path: string, source: string): void {
    const own = join(process.platform, process.arch);
    const isOther = (from: string) => /napi-v\d+[\\/][^\\/]+[\\/]/.test(from) && !from.includes(own);
    cpSync(source, join(this.folder, path), { recursive: true, filter: (from) => !isOther(from) });
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  async run(
    file: string,
    { node = PROJECT_NODE, env = {}, nodeOptions = [], args = [] }: AppOptions = {},
  ): Promise<AppResult> {
    const telemetry = join(this.folder, 'telemetry.json');
    rmSync(telemetry, { force: true });
    // Sources run by type stripping, which Node 22 has behind a flag; it says so on stderr.
    const strip = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
    const child = spawn(
      node,
      [
        ...strip,
        '--conditions=@leeway/source',
        '--import',
        here('./fixtures/preload.mjs'),
        ...nodeOptions,
        join(this.folder, file),
        ...args,
      ],
      { cwd: this.folder, env: { PATH: process.env.PATH ?? '', TEST_TELEMETRY: telemetry, ...env } },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = await once(child, 'close');
    const told = existsSync(telemetry)
      ? JSON.parse(readFileSync(telemetry, 'utf8'))
      : { spans: [], events: [], metrics: [] };
    return { code, stdout, stderr, ...told };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
