/** Runs the command of a pipeline's step as if nobody stood between: its input, output, signals and exit code are its own. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CliError } from '../cli-error.ts';

export interface ChildEnd {
  /** What a shell would say: 128 and the signal's number after a signal. */
  readonly exitCode: number;
  /** exit_1, SIGKILL …; absent when it ended with 0. */
  readonly errorType?: string;
}

/** They reach the command, and we wait for what it makes of them. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** @throws CliError when it cannot be started */
export async function runChild(command: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildEnd> {
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  // A terminal's Ctrl-C goes to the command by itself: it is in the same group.
  const swallow = () => undefined;
  for (const signal of FORWARDED) process.on(signal, signal === 'SIGINT' && process.stdin.isTTY ? swallow : forward);
  try {
    return await new Promise<ChildEnd>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new CliError('command-failed', `${file}: ${error.message}: is it installed, and on the PATH?`)),
      );
      child.once('close', (code, signal) => resolve(endOf(code, signal)));
    });
  } finally {
    for (const signal of FORWARDED) {
      process.off(signal, forward);
      process.off(signal, swallow);
    }
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ChildEnd {
  if (signal !== null) return { exitCode: 128 + constants.signals[signal], errorType: signal };
  const exitCode = code ?? 1;
  return exitCode === 0 ? { exitCode } : { exitCode, errorType: `exit_${exitCode}` };
}
