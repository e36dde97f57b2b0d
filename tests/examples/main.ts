/**
 * `npm run test:examples`: each example as its README says, against a real sidecar, which must have counted every row
 * under the model's name, with its features; and the books must balance.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { booksBalance, type Metrics, scrape, total } from '../../packages/sidecar/test/scoring.ts';
import { freePorts, type Service, startService } from '../collector/processes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ARRIVAL_MS = 30_000;

interface Example {
  readonly folder: string;
  readonly build?: boolean;
  /** Requests to send once it serves; a job sends nothing. */
  readonly requests?: (url: string) => Promise<number>;
  /** Rows that the job scores. */
  readonly rowCount?: number;
  readonly env?: Readonly<Record<string, string>>;
}

function customer(i: number): Record<string, unknown> {
  return { age: (i % 10) / 10, amount: (i % 7) / 7, plan: i % 2 === 0 ? 'free' : 'pro' };
}

const EXAMPLES: readonly Example[] = [
  {
    folder: 'fastify-esm',
    requests: async (url) => {
      const answers = await post(`${url}/score`, [customer(1), customer(2), customer(3)]);
      const [{ label, score }] = answers as { label: string; score: number }[];
      check('fastify-esm answers', ['yes', 'no'].includes(label) && score > 0 && score < 1, { label, score });
      await post(`${url}/score`, customer(4));
      return 4;
    },
  },
  {
    folder: 'express-commonjs',
    requests: async (url) => {
      const response = await fetch(`${url}/score`, json({ income: 10, debt: 30, country: 'NL' }));
      const inferenceId = response.headers.get('x-inference-id') ?? '';
      check('express-commonjs sends the inference id', /^[0-9a-f]{16}$/.test(inferenceId), inferenceId);
      const truth = await fetch(`${url}/truth`, json({ inferenceId, label: 'review' }));
      check('express-commonjs takes the truth', truth.status === 202, truth.status);
      return 1;
    },
  },
  {
    folder: 'bundled-server',
    build: true,
    requests: async (url) => {
      for (let i = 0; i < 5; i++) await post(url, customer(i));
      return 5;
    },
  },
  { folder: 'worker-threads', rowCount: 200 },
  { folder: 'batch-job', rowCount: 20_000, env: { LEEWAY_CAPTURE_ROWS_MAX: '1000' } },
];

let passed = 0;
let failed = 0;
// The examples take the packages as users get them.
npm(ROOT, {}, 'run', '--silent', 'build');
for (const example of EXAMPLES) {
  try {
    await run(example);
  } catch (error) {
    check(example.folder, false, error instanceof Error ? error.message : error);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function run({ folder, build, requests, rowCount = 0, env = {} }: Example): Promise<void> {
  const [otlp, http, port] = await freePorts(3);
  const sidecar = await startSidecar(otlp, http);
  const cwd = join(ROOT, 'examples', folder);
  const service = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`, PORT: String(port) };
  const telemetry = { OTEL_METRICS_EXPORTER: 'none', OTEL_BSP_SCHEDULE_DELAY: '100', LEEWAY_CAPTURE_FEATURES: '*' };
  try {
    if (build === true) npm(cwd, {}, 'run', '--silent', 'build');
    let expected = rowCount;
    if (requests === undefined) npm(cwd, { ...service, ...telemetry }, 'start', '--silent');
    else {
      const url = `http://127.0.0.1:${port}`;
      const running = await startService({
        name: folder,
        file: process.execPath,
        args: startArguments(cwd),
        cwd,
        env: { ...service, ...telemetry },
        readyUrl: `${url}/health`,
      });
      try {
        expected = await requests(url);
      } finally {
        await running.stop();
      }
    }
    await checkArrival(folder, http, expected);
  } finally {
    await sidecar.stop();
  }
}

/** What `npm start` runs, without npm between, which would not pass SIGTERM on. */
function startArguments(cwd: string): string[] {
  const { stdout } = spawnSync('npm', ['pkg', 'get', 'scripts.start'], { cwd, encoding: 'utf8' });
  const script: unknown = Object.values(JSON.parse(stdout))[0];
  const text = typeof script === 'string' ? script : String(Object.values(script as object)[0]);
  return text.replace(/^node /, '').split(' ');
}

function startSidecar(otlp: number, http: number): Promise<Service> {
  const listen = { LEEWAY_LISTEN_OTLP_HTTP: `127.0.0.1:${otlp}`, LEEWAY_LISTEN_HTTP: `127.0.0.1:${http}` };
  return startService({
    name: 'sidecar',
    file: process.execPath,
    args: ['--conditions=@leeway/source', join(ROOT, 'packages/cli/src/main.ts'), 'sidecar'],
    env: { ...listen, OTEL_SDK_DISABLED: 'true' },
    readyUrl: `http://127.0.0.1:${http}/readyz`,
  });
}

async function checkArrival(folder: string, http: number, expected: number): Promise<void> {
  const deadline = Date.now() + ARRIVAL_MS;
  let counted = 0;
  let received = 0;
  let metrics: Metrics = new Map();
  while (Date.now() < deadline && counted < expected) {
    await sleep(250);
    metrics = await scrape(`http://127.0.0.1:${http}`);
    received = total(metrics, 'leeway_observations_received_total');
    counted = total(metrics, 'leeway_observations_processed_total', 'leeway_outcome="counted"');
  }
  check(`${folder}: ${expected} rows received and counted`, received === expected && counted === expected, {
    received,
    counted,
  });
  check(`${folder}: the books balance`, booksBalance(metrics), [...metrics]);
}

function npm(cwd: string, env: Readonly<Record<string, string>>, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}

function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function post(url: string, body: unknown): Promise<unknown> {
  return await (await fetch(url, json(body))).json();
}

function check(name: string, isTrue: boolean, detail: unknown = ''): void {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'} ${name}${isTrue ? '' : ` ${JSON.stringify(detail)}`}`);
  if (isTrue) passed++;
  else failed++;
}
