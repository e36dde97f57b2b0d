/**
 * Child processes of the demo: started with a log of what they said, stopped with the demo however it ends. Each leads a
 * process group of its own, so that Ctrl-C reaches the demo alone, which then stops them in order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOG_LINES_MAX = 200;
/** A service whose telemetry nobody takes tries for ten seconds: whoever pressed Ctrl-C does not wait for that. */
const STOP_TIMEOUT_MS = 5_000;
const END_WITH_PARENT = new URL('./end-with-parent.ts', import.meta.url).href;

export class Child {
  readonly name: string;
  /** Resolves when the child has ended. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #log: string[] = [];

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#process = spawn(process.execPath, ['--import', END_WITH_PARENT, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.ended = once(this.#process, 'exit').then(() => undefined);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#remember(text));
    }
  }

  /** How it ended; undefined while it runs. */
  get ending(): string | undefined {
    const { exitCode, signalCode } = this.#process;
    if (signalCode !== null) return `was ended by ${signalCode}`;
    return exitCode === null ? undefined : `ended with code ${exitCode}`;
  }

  /**
   * Resolves when the condition holds, or when the signal asks to stop.
   * @throws Error with the child's last words when it ends first or takes too long
   */
  async until(condition: () => Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!signal.aborted && !(await condition().catch(() => false))) {
      if (this.ending !== undefined) throw new Error(this.obituary);
      if (Date.now() > deadline)
        throw new Error(`the ${this.name} was not ready after ${timeoutMs / 1000} s:\n${this.#lastWords}`);
      await sleep(50);
    }
  }

  /** Asks the child to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    if (this.ending !== undefined) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  get obituary(): string {
    return `the ${this.name} ${this.ending ?? 'is alive'}:\n${this.#lastWords}`;
  }

  get #lastWords(): string {
    return this.#log.slice(-20).join('\n');
  }

  #remember(text: string): void {
    this.#log.push(...text.split('\n').filter((line) => line.trim() !== ''));
    if (this.#log.length > LOG_LINES_MAX) this.#log.splice(0, this.#log.length - LOG_LINES_MAX);
  }
}

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
