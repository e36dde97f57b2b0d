/** Child processes of the demo: started with a log of what they said, stopped with the demo however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOG_LINES_MAX = 200;
const STOP_TIMEOUT_MS = 10_000;

export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #log: string[] = [];

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#process = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#remember(text));
    }
  }

  /** Resolves when the condition holds; throws with the child's last words when it ends first or takes too long. */
  async until(condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await condition().catch(() => false))) {
      if (this.#process.exitCode !== null)
        throw new Error(`${this.name} ended with code ${this.#process.exitCode}:\n${this.lastWords}`);
      if (Date.now() > deadline)
        throw new Error(`${this.name} was not ready after ${timeoutMs / 1000} s:\n${this.lastWords}`);
      await sleep(50);
    }
  }

  /** Resolves with the exit code. */
  async ended(): Promise<number> {
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    return this.#process.exitCode ?? 1;
  }

  /** Asks the child to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(timer);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  get lastWords(): string {
    return this.#log.slice(-20).join('\n');
  }

  #remember(text: string): void {
    this.#log.push(...text.split('\n').filter((line) => line.trim() !== ''));
    if (this.#log.length > LOG_LINES_MAX) this.#log.splice(0, this.#log.length - LOG_LINES_MAX);
  }
}

/** The port asked for, or a free one near the end of the range when it is 0. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
