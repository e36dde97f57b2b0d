/** Steps of the suite: each is run, said, and counted. */
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

const OUTPUT_SHOWN = 4_000;

export class Steps {
  passed = 0;
  failed = 0;

  /** Runs a command with this folder of executables first on the path; `undefined`: the path as it is. */
  run(name: string, cwd: string, bin: string | undefined, command: string, ...args: string[]): boolean {
    const path = process.env.PATH ?? '';
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd,
      env: {
        ...process.env,
        PATH: bin === undefined ? path : `${bin}${delimiter}${path}`,
        ONNXRUNTIME_NODE_INSTALL: 'skip',
      },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    return this.#say(name, status === 0, [error?.message, stdout, stderr].filter(Boolean).join('\n'));
  }

  /** Runs a function of this process; undefined when it threw. */
  attempt<T>(name: string, work: () => T): T | undefined {
    try {
      const result = work();
      this.#say(name, true, '');
      return result;
    } catch (error) {
      this.#say(name, false, error instanceof Error ? (error.stack ?? error.message) : String(error));
      return undefined;
    }
  }

  #say(name: string, isDone: boolean, output: string): boolean {
    console.log(`${isDone ? 'ok  ' : 'FAIL'} ${name}`);
    if (!isDone) console.log(output.trim().slice(-OUTPUT_SHOWN));
    if (isDone) this.passed++;
    else this.failed++;
    return isDone;
  }
}
