/** Runs the command as a user does: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function startLeeway(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--conditions=@leeway/source', MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
}

export async function runLeeway(args: readonly string[], input?: string | Uint8Array): Promise<Finished> {
  const child = startLeeway(args);
  const finished = finish(child);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return finished;
}

export function finish(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
}
