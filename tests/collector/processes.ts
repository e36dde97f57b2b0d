/** Child processes of a run: started, waited for, measured, and always stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 30_000;
const STOP_MS = 20_000;
const POLL_MS = 50;
const OUTPUT_MAX = 20_000;
/** Clock ticks of /proc/<pid>/stat a second: 100 on every Linux that Node runs on (sysconf _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

export interface Service {
  readonly name: string;
  readonly pid: number;
  /** The end of what it printed, for a failure's report. */
  output(): string;
  /** User and system CPU of the process so far, in seconds. Resolution: 10 ms. */
  cpuSeconds(): number;
  /** SIGTERM, and SIGKILL when that takes too long. Resolves to the exit code, null after a signal. */
  stop(): Promise<number | null>;
}

export interface ServiceOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 2xx once the service is ready. */
  readonly readyUrl: string;
  /** How long it may take until then. Default 30 s. */
  readonly readyMs?: number;
}

/** @throws Error when it ends or is not ready in time, with the end of its output */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, file, args, cwd, env, readyUrl, readyMs = READY_MS } = options;
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_MAX);
    });
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(null);
    });
    child.on('close', resolve);
  });
  const service: Service = {
    name,
    pid: child.pid ?? -1,
    output: () => output,
    cpuSeconds: () => cpuSecondsOf(child.pid ?? -1),
    stop: () => stopped(child, ended),
  };
  await ready(service, readyUrl, performance.now() + readyMs, child, ended);
  return service;
}

async function ready(
  service: Service,
  url: string,
  deadline: number,
  child: ChildProcess,
  ended: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  while (!isOver && performance.now() < deadline) {
    const isReady = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (isReady) return;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`${service.name} ${isOver ? 'ended' : 'was not ready'}\n${service.output().trim().slice(-3000)}`);
}

async function stopped(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

/** Of all threads, the ended ones included. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses and may hold spaces; utime and stime are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Ports of 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject).listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return ports;
}
