/** Runs the application with diagnostics on, until it ends or the time is over. Its output goes to stderr. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { type Facts, readFacts } from './facts.ts';

export interface ObservedRun {
  readonly facts: Facts;
  /** `timeout`: it was still running and was stopped. */
  readonly end: 'exit' | 'timeout';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** After SIGTERM: the application flushes, then has no more time. */
const STOP_MS = 8_000;

/** @throws CliError when the command cannot be started */
export async function observeRun(command: readonly string[], timeoutMs: number): Promise<ObservedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-doctor-'));
  const file = join(folder, 'facts.jsonl');
  try {
    const ended = await run(command, timeoutMs, file);
    return { ...ended, facts: readFacts(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  [program = '', ...args]: readonly string[],
  timeoutMs: number,
  file: string,
): Promise<Omit<ObservedRun, 'facts'>> {
  return new Promise((resolve, reject) => {
    // stdout is the doctor's, whose --json somebody reads.
    const child = spawn(program, args, {
      stdio: ['inherit', process.stderr, process.stderr],
      env: { ...process.env, LEEWAY_DOCTOR_FILE: file },
    });
    let end: ObservedRun['end'] = 'exit';
    const timers = [
      setTimeout(() => {
        end = 'timeout';
        child.kill('SIGTERM');
        timers.push(setTimeout(() => child.kill('SIGKILL'), STOP_MS));
      }, timeoutMs),
    ];
    // A terminal sends its Ctrl-C to the application too; the diagnosis comes when that has ended.
    const wait = () => undefined;
    process.on('SIGINT', wait);
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      const what = error.code === 'ENOENT' ? 'there is no such program' : error.message;
      reject(new CliError('option-invalid', `${program}: ${what}: give the command after --, as in -- node app.js`));
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve({ end, code, signal });
    });
    const finish = () => {
      process.off('SIGINT', wait);
      for (const timer of timers) clearTimeout(timer);
    };
  });
}
